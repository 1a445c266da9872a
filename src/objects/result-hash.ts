// Whether two runs found the same: one number over all objects and tissue cells, whatever the order they came in.
import { type ObjectColumns, ringsOf } from './columns.ts';
import type { GridPatch } from './grid.ts';

export interface Hashed {
  /** Each kind at most once, in any order; an empty one counts as none. */
  readonly objects: readonly ObjectColumns[];
  readonly tissue: readonly GridPatch[]; // the cells of each patch, in any order
}

const FORMAT = 'eosin result 1';
const UNITS_A_PX = 8; //       contours are compared to an eighth of a level-0 pixel, as nuclei keep them
const STRIP_PX = 256; //       rows are sorted within strips of the slide: many short sorts
const CHUNK_BYTES = 1 << 20; // hashed at a time; between two of them others get their turn
const GLASS = 255; //          of a cell that was not analysed; probabilities are 0 to 254

/**
 * SHA-256 (FIPS 180-4), as 64 hex digits, over the SHA-256 of every chunk: of each object its kind, class name, probability
 * in 8 bits and contour in eighths of a level-0 pixel, sorted by centroid; of each cell its place and its probabilities in
 * 8 bits. Everything is borrowed.
 * @throws the signal's reason
 */
export async function resultHash({ objects, tissue }: Hashed, { signal }: { signal: AbortSignal }): Promise<string> {
  const chunks = new Chunks(signal);
  chunks.text(FORMAT);
  for (const columns of objects.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))) {
    if (columns.count === 0) continue;
    chunks.text(columns.kind);
    for (const rows of inStrips(columns)) {
      for (const row of rows) {
        writeObject(chunks, columns, row);
        if (chunks.isFull) await chunks.flush();
      }
    }
  }
  chunks.text('tissue');
  for (const patch of tissue.toSorted((a, b) => a.y - b.y || a.x - b.x || a.rows - b.rows || a.cols - b.cols)) {
    writeCells(chunks, patch);
    if (chunks.isFull) await chunks.flush();
  }
  return chunks.end();
}

function writeObject(to: Chunks, columns: ObjectColumns, row: number): void {
  const { centroid, classes, classIndex, probability, ring, ringStart, ringUnit } = columns;
  const [x, y] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
  const [from, end] = [ringStart[row] ?? 0, ringStart[row + 1] ?? 0];
  to.text(classes[classIndex[row] ?? 0]?.name ?? '');
  to.byte(Math.round(255 * (probability[row] ?? 0)));
  to.number(end - from);
  for (let v = from; v < end; v++) {
    to.number(Math.round((x + (ring[2 * v] ?? 0) * ringUnit) * UNITS_A_PX));
    to.number(Math.round((y + (ring[2 * v + 1] ?? 0) * ringUnit) * UNITS_A_PX));
  }
  if (!columns.extras) return;
  for (const hole of ringsOf(columns, row).slice(1)) {
    to.number(hole.length / 2);
    for (const value of hole) to.number(Math.round(value * UNITS_A_PX));
  }
}

function writeCells(to: Chunks, { x, y, cellWidth, cellHeight, cols, rows, values }: GridPatch): void {
  for (const length of [x, y, cellWidth, cellHeight]) to.number(Math.round(length * UNITS_A_PX));
  for (const count of [cols, rows, values.length]) to.number(count);
  for (const value of values) to.byte(Number.isNaN(value) ? GLASS : Math.round(254 * value));
}

/** Rows by strips from the top, each sorted: by centroid, then by what else could tell two rows apart. */
function* inStrips(columns: ObjectColumns): Generator<Uint32Array, void, undefined> {
  const { count, centroid } = columns;
  const strips = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const strip = Math.floor((centroid[2 * row + 1] ?? 0) / STRIP_PX);
    const there = strips.get(strip);
    if (there) there.push(row);
    else strips.set(strip, [row]);
  }
  for (const strip of [...strips.keys()].sort((a, b) => a - b)) {
    yield Uint32Array.from(strips.get(strip) ?? []).sort((a, b) => order(columns, a, b));
  }
}

function order(columns: ObjectColumns, a: number, b: number): number {
  const { areaPx, centroid, classes, classIndex, probability } = columns;
  return (
    (centroid[2 * a + 1] ?? 0) - (centroid[2 * b + 1] ?? 0) ||
    (centroid[2 * a] ?? 0) - (centroid[2 * b] ?? 0) ||
    (areaPx[a] ?? 0) - (areaPx[b] ?? 0) ||
    (probability[a] ?? 0) - (probability[b] ?? 0) ||
    byName(classes[classIndex[a] ?? 0]?.name ?? '', classes[classIndex[b] ?? 0]?.name ?? '') ||
    byRing(columns, a, b)
  );
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byRing({ ring, ringStart }: ObjectColumns, a: number, b: number): number {
  const [fromA, fromB] = [2 * (ringStart[a] ?? 0), 2 * (ringStart[b] ?? 0)];
  const [lengthA, lengthB] = [2 * (ringStart[a + 1] ?? 0) - fromA, 2 * (ringStart[b + 1] ?? 0) - fromB];
  if (lengthA !== lengthB) return lengthA - lengthB;
  for (let k = 0; k < lengthA; k++) {
    const difference = (ring[fromA + k] ?? 0) - (ring[fromB + k] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Bytes on their way into the hash. */
class Chunks {
  readonly #signal: AbortSignal;
  readonly #digests: Uint8Array[] = [];
  readonly #names = new Map<string, Uint8Array>();
  #bytes = new Uint8Array(CHUNK_BYTES + 4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  number(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  text(value: string): void {
    let bytes = this.#names.get(value);
    if (!bytes) {
      bytes = new TextEncoder().encode(value);
      this.#names.set(value, bytes);
    }
    this.number(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  async flush(): Promise<void> {
    this.#signal.throwIfAborted();
    const digest = await crypto.subtle.digest('SHA-256', this.#bytes.subarray(0, this.#length));
    this.#digests.push(new Uint8Array(digest));
    this.#length = 0;
  }

  async end(): Promise<string> {
    await this.flush();
    const all = new Uint8Array(32 * this.#digests.length);
    for (const [k, digest] of this.#digests.entries()) all.set(digest, 32 * k);
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
    this.#signal.throwIfAborted();
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length + bytes);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

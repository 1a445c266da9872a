// The objects around a view, copied out of their store for whoever paints them: every row and every outline of it, with
// vertices left out that the screen cannot show. Pure.
import type { ObjectColumns } from '#objects/columns.ts';
import { entriesOf } from '#objects/extras.ts';
import { grow, type Rect } from '#units/rect.ts';
import { boxOnSlide, type Frame } from '../frame.ts';
import type { ObjectSource } from '../viewer-api.ts';

/** n objects with r rings in all; a ring's vertices count from the rectangle's corner. Moves by transfer. */
export interface NearRows {
  readonly rect: Rect; //                                  level-0 px that the rows cover
  readonly zoom: number; //                                CSS px a level-0 px that vertices were left out for
  readonly count: number; //                               n
  readonly rows: Uint32Array<ArrayBuffer>; //              [n] of the store, ascending
  readonly classIndex: Uint8Array<ArrayBuffer>; //         [n]
  readonly probability: Float32Array<ArrayBuffer>; //      [n]
  readonly firstRing: Uint32Array<ArrayBuffer>; //         [n + 1] rings: the outer one first, then holes
  readonly firstVertex: Uint32Array<ArrayBuffer>; //       [r + 1] vertices
  readonly xy: Float32Array<ArrayBuffer>; //               [firstVertex[r] × 2] x, y, level-0 px from rect's corner
}

export const buffersOfNear = (near: NearRows): ArrayBuffer[] => [
  near.rows.buffer,
  near.classIndex.buffer,
  near.probability.buffer,
  near.firstRing.buffer,
  near.firstVertex.buffer,
  near.xy.buffer,
];

const APART = 1; //           CSS px between vertices are enough: a twentieth of a px off on the smallest outline that is drawn
const LEAST_VERTICES = 6; //  of a ring, where it has as many

/** Every how many vertices of a ring one is kept. */
function strideOf(columns: ObjectColumns, row: number, vertices: number, zoom: number): number {
  if (columns.areaPx[row] === 0) return 1; // a line: its area says nothing of its length
  const perimeter = Math.sqrt(Math.max(columns.areaPx[row] ?? 0, 1)) * 3.6; // of a disc, level-0 px
  const apart = (perimeter / Math.max(vertices, 1)) * zoom;
  return Math.max(1, Math.min(Math.floor(APART / apart), Math.floor(vertices / LEAST_VERTICES)));
}

const SLICE = 512; // rows between two looks at the clock

/** Which rows lie around a view: looked up once, good for a while. */
export interface Look {
  readonly source: ObjectSource;
  readonly columns: ObjectColumns;
  readonly version: number;
  readonly rect: Rect; //    level-0 px
  readonly zoom: number; //  CSS px a level-0 px
  readonly rows: Uint32Array; // whose box meets the rectangle, ascending
}

const covers = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** True where a look holds all that the frame shows, as it is now. */
export function serves(look: Look | undefined, source: ObjectSource, frame: Frame): look is Look {
  return (
    look?.source === source &&
    look.version === source.version &&
    look.zoom <= frame.zoom * 1.5 &&
    look.zoom >= frame.zoom / 2 &&
    covers(look.rect, boxOnSlide(frame))
  );
}

const FEW = 5000; // objects in all: looked through at once
const BANDS = 16; // of the rectangle, looked through one after the other

/** Where a look for the frame would go, before any row is found. @param around CSS px beside the frame that it sees, too */
export function lookFor(source: ObjectSource, frame: Frame, around: number): Look {
  const rect = grow(boxOnSlide(frame), around / frame.zoom);
  const { columns, version } = source;
  return { source, columns, version, rect, zoom: frame.zoom, rows: new Uint32Array(0) };
}

/** Looks step by step: each yield is a moment to let the page go on. */
export function* lookAround(look: Look): Generator<undefined, Look> {
  const { source, columns, rect } = look;
  if ((source.count ?? columns.count) <= FEW) return { ...look, rows: source.query(rect) };
  const seen = new Uint32Array(Math.ceil(columns.count / 32)); // a bit for each row: an object may lie in two bands
  const height = rect.height / BANDS;
  let found = 0;
  for (let band = 0; band < BANDS; band++) {
    for (const row of source.query({ ...rect, y: rect.y + band * height, height })) {
      const [at, bit] = [row >>> 5, 1 << (row & 31)];
      const before = seen[at] ?? 0;
      if ((before & bit) === 0) found++;
      seen[at] = before | bit;
    }
    yield;
  }
  return { ...look, rows: rowsIn(seen, found) };
}

/** Of the bits that are set, ascending. @param count how many there are */
function rowsIn(seen: Uint32Array, count: number): Uint32Array {
  const rows = new Uint32Array(count);
  let k = 0;
  for (const [at, bits] of seen.entries()) {
    for (let left = bits; left !== 0; left &= left - 1) rows[k++] = 32 * at + 31 - Math.clz32(left & -left);
  }
  return rows;
}

/** Goes on until it is done, or as long as there is time. @param until ms, of performance.now() */
export function goOn<T>(steps: Generator<undefined, T>, until: number): { readonly done: T } | undefined {
  for (;;) {
    const step = steps.next();
    if (step.done) return { done: step.value };
    if (performance.now() > until) return undefined;
  }
}

/** Copies step by step: each yield is a moment to let the page go on, the return value is the copy. */
export function* nearRows({ columns, rect, zoom, rows: found }: Look): Generator<undefined, NearRows> {
  const rows = Uint32Array.from(found);
  const { ringStart, ring, ringUnit, centroid, extras } = columns;
  const count = rows.length;
  const classIndex = new Uint8Array(count);
  const probability = new Float32Array(count);
  const firstRing = new Uint32Array(count + 1);
  const strides = new Uint32Array(count);
  let [rings, vertices] = [0, 0];
  for (let k = 0; k < count; k++) {
    const row = rows[k] ?? 0;
    const n = (ringStart[row + 1] ?? 0) - (ringStart[row] ?? 0);
    const stride = strideOf(columns, row, n, zoom);
    strides[k] = stride;
    rings++;
    vertices += Math.ceil(n / stride);
    if (extras) {
      for (let [hole, to] = entriesOf(extras.holes.row, row); hole < to; hole++) {
        rings++;
        vertices += (extras.holes.start[hole + 1] ?? 0) - (extras.holes.start[hole] ?? 0);
      }
    }
    firstRing[k + 1] = rings;
    if (k % (4 * SLICE) === 4 * SLICE - 1) yield;
  }
  yield;
  const firstVertex = new Uint32Array(rings + 1);
  const xy = new Float32Array(2 * vertices);
  let [at, nextRing] = [0, 0];
  for (let k = 0; k < count; k++) {
    const row = rows[k] ?? 0;
    classIndex[k] = columns.classIndex[row] ?? 0;
    probability[k] = columns.probability[row] ?? 0;
    const x = (centroid[2 * row] ?? 0) - rect.x;
    const y = (centroid[2 * row + 1] ?? 0) - rect.y;
    const stride = strides[k] ?? 1;
    const end = ringStart[row + 1] ?? 0;
    for (let v = ringStart[row] ?? 0; v < end; v += stride) {
      xy[at++] = x + (ring[2 * v] ?? 0) * ringUnit;
      xy[at++] = y + (ring[2 * v + 1] ?? 0) * ringUnit;
    }
    firstVertex[++nextRing] = at >> 1;
    if (extras) {
      const { holes } = extras;
      for (let [hole, to] = entriesOf(holes.row, row); hole < to; hole++) {
        const last = holes.start[hole + 1] ?? 0;
        for (let v = holes.start[hole] ?? 0; v < last; v++) {
          xy[at++] = x + (holes.ring[2 * v] ?? 0);
          xy[at++] = y + (holes.ring[2 * v + 1] ?? 0);
        }
        firstVertex[++nextRing] = at >> 1;
      }
    }
    if (k % SLICE === SLICE - 1) yield;
  }
  return { rect, zoom, count, rows, classIndex, probability, firstRing, firstVertex, xy };
}

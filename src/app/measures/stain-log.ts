// Stain vectors of the open slide and what was measured with them, kept by the browser beside it. Measured values are kept by
// where their object lies, not by its row: a run that is shown again, or a file that comes back, finds its own.
//
//   note        JSON: the vectors, and where they are from
//   record      uint8, 1 + the kind's place below, the pixel size (2 float64), and of so many objects:
//   places      float64 [n × 3] centroid x, y and area, level-0 px
//   values      float32 [n] of each stain measure
import { STORED_KINDS } from '#analysis/columns-bytes.ts';
import { ByteReader, ByteWriter } from '#analysis/journal-bytes.ts';
import { unhurried } from '#channel/waits.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { STAIN_NAMES } from '#objects/measures/stain-sums.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import { bytesOf, readNote, whyNotOnDisk } from '../kept-log.ts';
import { SlideLog } from '../slide-log.ts';
import type { GroupColumns } from './measure-book.ts';
import { parseVectors, type VectorsChosen } from './parse-vectors.ts';
import { PlaceTable } from './place-table.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface MeasuredAt {
  readonly columns: ObjectColumns; //                           lent
  readonly scale: { readonly x: number; readonly y: number }; // µm a level-0 px: another level is read with another
}

const ROWS = 25_000; // of a record: about a megabyte
const KEPT = { kind: 'stains', what: 'the stains of this slide' };

export class StainLog {
  readonly #log: SlideLog;
  readonly #tell: (whyNot: string) => void;
  #chosen: VectorsChosen | undefined;
  #whyNot: string | undefined; //         why nothing can be kept, not told yet
  #kinds = new Set<ObjectKind>(); // of which anything is kept

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why they live with the tab only, a sentence
   */
  constructor(storage: () => Promise<Storage | undefined>, tell: (whyNot: string) => void) {
    this.#tell = tell;
    this.#log = new SlideLog(storage, KEPT, (whyNot, at) => {
      if (at === 'opening') this.#whyNot = whyNot;
      else tell(whyNot);
    });
  }

  /** Once a slide: the vectors that were set, where any were. Never fails: why not is told with the first that is to be kept. */
  async open(slide: Slide): Promise<VectorsChosen | undefined> {
    if (!this.#log.isOf(slide)) this.forget();
    await this.#log.open(slide, (log, storage) => this.#read(slide, log, storage));
    return this.#log.isOf(slide) ? this.#chosen : undefined;
  }

  has(kind: ObjectKind): boolean {
    return this.#kinds.has(kind);
  }

  /** What was measured with others goes. */
  setVectors(chosen: VectorsChosen): void {
    this.#chosen = chosen;
    this.#kinds.clear();
    void this.#log.anew();
    this.#write(async (log) => log.setNote(bytesOf(chosen), unhurried()));
  }

  /** @param measured by stain measure, [count] each; lent */
  add({ columns, scale }: MeasuredAt, measured: GroupColumns): void {
    this.#kinds.add(columns.kind);
    this.#write(async (log) => {
      for (let from = 0; from < columns.count; from += ROWS) {
        const to = Math.min(columns.count, from + ROWS);
        await log.append(recordOf(columns, scale, measured, from, to), unhurried());
      }
    });
  }

  /** Of these objects, where all of them were measured. Never fails. */
  async measured({ columns, scale }: MeasuredAt): Promise<GroupColumns | undefined> {
    const log = await this.#log.written();
    if (!log || !this.has(columns.kind) || columns.count === 0) return undefined;
    try {
      const table = await PlaceTable.of(columns);
      const values = STAIN_NAMES.map(() => new Float32Array(columns.count));
      const isKnown = new Uint8Array(columns.count);
      let known = 0;
      for await (const record of log.records(unhurried())) {
        if (record[0] !== 1 + STORED_KINDS.indexOf(columns.kind)) continue;
        const from = new ByteReader(record, 1);
        if (from.number() !== scale.x || from.number() !== scale.y) continue;
        const places = from.float64();
        const kept = STAIN_NAMES.map(() => from.float32());
        for (let k = 0; 3 * k < places.length; k++) {
          const row = table.row(places[3 * k] ?? 0, places[3 * k + 1] ?? 0, places[3 * k + 2] ?? 0);
          if (row === undefined) continue;
          for (const [m, column] of values.entries()) column[row] = kept[m]?.[k] ?? Number.NaN;
          if (isKnown[row] === 0) known++;
          isKnown[row] = 1;
        }
      }
      return known === columns.count ? new Map(STAIN_NAMES.map((name, m) => [name, values[m] ?? none])) : undefined;
    } catch (thrown) {
      this.#tell(whyNotOnDisk(thrown, KEPT.what));
      return undefined;
    }
  }

  /** Resolves once all so far is on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#log.written();
  }

  /** The slide is left: what was measured is still written. */
  forget(): void {
    this.#log.forget();
    this.#chosen = undefined;
    this.#kinds.clear();
  }

  #write(work: (log: OpenLog) => Promise<void>): void {
    this.#log.write(work, () => this.#tellWhyNot());
  }

  async #read(slide: Slide, log: OpenLog, storage: Storage): Promise<void> {
    const chosen = parseVectors(readNote(await log.note(unhurried())));
    const marks = (await storage.list(unhurried())).find(({ name }) => name === log.name)?.marks;
    if (!this.#log.isOf(slide) || this.#chosen) return; // left, or set meanwhile
    this.#chosen = chosen;
    this.#kinds = new Set(STORED_KINDS.filter((_, index) => marks?.includes(1 + index)));
  }

  /** Only once there is something to be kept: until then it is nobody's concern, and another notice's place. */
  #tellWhyNot(): void {
    if (this.#whyNot) this.#tell(this.#whyNot);
    this.#whyNot = undefined;
  }
}

function recordOf(
  { kind, centroid, areaPx }: ObjectColumns,
  scale: MeasuredAt['scale'],
  measured: GroupColumns,
  from: number,
  to: number,
): Bytes {
  const out = new ByteWriter();
  out.bytes(Uint8Array.of(1 + STORED_KINDS.indexOf(kind)));
  out.number(scale.x);
  out.number(scale.y);
  const places = new Float64Array(3 * (to - from));
  for (let row = from; row < to; row++) {
    const of = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0, areaPx[row] ?? 0];
    places.set(of, 3 * (row - from));
  }
  out.real(places);
  for (const name of STAIN_NAMES) out.real((measured.get(name) ?? none).slice(from, to));
  return out.done();
}

const none = new Float32Array(0);

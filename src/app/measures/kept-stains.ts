// Stains of the open slide between the session and the disk: what was measured before comes back with its objects.
import type { Scale } from '#analysis/measuring/measure-calls.ts';
import type { MeasureNeeds } from '../lazy-measures.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { GroupColumns, MeasureBook } from './measure-book.ts';
import type { VectorsChosen } from './parse-vectors.ts';
import type { StainLog } from './stain-log.ts';

export interface KeptStainsNeeds extends Pick<MeasureNeeds, 'slides' | 'found' | 'stores'> {
  readonly book: MeasureBook;
  readonly scale: () => Scale;
  readonly vectors: () => VectorsChosen['vectors'];
  /** Stains of before are in the book. */
  readonly recalled: () => void;
}

export class KeptStains {
  readonly #needs: KeptStainsNeeds;
  readonly #log: StainLog;
  #recalling: Promise<void> | undefined;

  constructor(needs: KeptStainsNeeds, log: StainLog) {
    [this.#needs, this.#log] = [needs, log];
  }

  /** The vectors that were set on the open slide; undefined where none were. */
  async vectors(): Promise<VectorsChosen | undefined> {
    const slide = this.#needs.slides.opened()?.slide;
    const chosen = slide && (await this.#log.open(slide));
    return slide === this.#needs.slides.opened()?.slide ? chosen : undefined;
  }

  setVectors(chosen: VectorsChosen): void {
    if (this.#open()) this.#log.setVectors(chosen);
  }

  keep(kind: ObjectLayer, group: GroupColumns): void {
    const { found, scale } = this.#needs;
    if (this.#open()) this.#log.add({ columns: found.store(kind).columns, scale: scale() }, group);
  }

  forget(): void {
    this.#log.forget();
  }

  /** What was measured of the objects with the vectors that are set goes into the book. Not while a run goes on. */
  async recall(): Promise<void> {
    this.#recalling ??= this.#recall().finally(() => {
      this.#recalling = undefined;
    });
    await this.#recalling;
  }

  async #recall(): Promise<void> {
    const { found, stores, book, scale, vectors, recalled } = this.#needs;
    for (const kind of OBJECT_LAYERS) {
      const store = found.store(kind);
      const isWanted = this.#log.has(kind) && store.counts.count > 0 && !book.stains(kind);
      if (!isWanted || stores.run.getState().progress) continue;
      await found.settled();
      const [{ columns, version }, before] = [store, vectors()];
      const group = await this.#log.measured({ columns, scale: scale() });
      const isSame = found.store(kind) === store && store.version === version && vectors() === before;
      if (!group || !isSame) continue;
      book.keepStains(kind, group);
      recalled();
    }
  }

  /** The open slide's log is being opened; whatever is written goes behind that. */
  #open(): boolean {
    const slide = this.#needs.slides.opened()?.slide;
    if (slide) void this.#log.open(slide);
    return slide !== undefined;
  }
}

// Features of the open slide, onto the disk as they come and back from it before anything is embedded.
import type { EmbedEnd, EmbedEvent } from '#analysis/embed.ts';
import type { FeatureSet } from '#analysis/feature-set.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog } from '#storage/storage.ts';
import type { MppXY } from '#units/units.ts';
import { addRows, type EmbeddedRow, encodeRows } from './feature-rows.ts';
import { type LearningShelf, whyInMemory } from './learning-shelf.ts';

export interface Embedding {
  readonly slide: Slide;
  readonly mpp: MppXY;
  readonly stridePx?: number | undefined;
  readonly of?: string | undefined; // what the rows are of, where they are no patches: 'nuclei'
  readonly set: FeatureSet;
}

const TOGETHER = 16; // rows of a record

export class FeatureKeeper {
  readonly #shelf: (waits: Waits) => Promise<LearningShelf | undefined>;
  readonly #tell: (whyInMemory: string) => void;
  #logs = new Map<FeatureSet, Promise<OpenLog | undefined>>();

  /**
   * @param shelf undefined where the browser gives no disk
   * @param tell why features are in memory only
   */
  constructor(shelf: (waits: Waits) => Promise<LearningShelf | undefined>, tell: (whyInMemory: string) => void) {
    this.#shelf = shelf;
    this.#tell = tell;
  }

  /** Another slide: its logs are let go of. */
  forget(): void {
    for (const log of this.#logs.values()) void log.then((open) => open?.[Symbol.dispose]());
    this.#logs = new Map();
  }

  isKept(set: FeatureSet): boolean {
    return this.#logs.has(set);
  }

  /** What is on disk of these features goes into the set, once. Never fails: it is then as if nothing were there. */
  async restore(asked: Embedding, waits: Waits): Promise<void> {
    const opening = this.#logs.get(asked.set) ?? this.#open(asked);
    this.#logs.set(asked.set, opening);
    await opening;
    waits.signal.throwIfAborted();
  }

  /** The same events; each row is written once it is told. */
  async *saving(
    events: AsyncGenerator<EmbedEvent, EmbedEnd, undefined>,
    set: FeatureSet,
  ): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
    const waiting: EmbeddedRow[] = [];
    try {
      for (let next = await events.next(); ; next = await events.next()) {
        if (next.done) return next.value;
        if (next.value.kind === 'embedded') waiting.push({ row: next.value.row, box: next.value.box });
        if (waiting.length >= TOGETHER) void this.#write(set, waiting.splice(0));
        yield next.value;
      }
    } finally {
      if (waiting.length > 0) void this.#write(set, waiting.splice(0));
      await events.return({ embedded: 0, failed: 0, failure: undefined }).catch(() => undefined);
    }
  }

  /** Rows from elsewhere, where the slide has none here: into the set and onto the disk. @throws EosinError BadInput where they do not fit */
  async takeIn(asked: Embedding, records: readonly Uint8Array<ArrayBuffer>[], waits: Waits): Promise<void> {
    await this.restore(asked, waits);
    if (asked.set.rows > 0) return;
    const log = await this.#logs.get(asked.set);
    for (const record of records) {
      addRows(asked.set, record);
      await log?.append(record, waits);
    }
  }

  async #open({ slide, mpp, stridePx, of, set }: Embedding): Promise<OpenLog | undefined> {
    const waits = unhurried(); // others may wait for the same
    try {
      const shelf = await this.#shelf(waits);
      if (!shelf) return undefined;
      const fingerprint = await slide.fingerprint(waits);
      const log = await shelf.features({ fingerprint, encoder: set.encoder, mpp, stridePx, of }, waits);
      for await (const record of log.records(waits)) addRows(set, record);
      return log;
    } catch (thrown) {
      this.#tell(whyInMemory(thrown));
      return undefined;
    }
  }

  async #write(set: FeatureSet, rows: readonly EmbeddedRow[]): Promise<void> {
    const opening = this.#logs.get(set);
    try {
      await (await opening)?.append(encodeRows(set, rows), unhurried());
    } catch (thrown) {
      this.#tell(whyInMemory(thrown));
      if (this.#logs.get(set) === opening) this.#logs.set(set, Promise.resolve(undefined)); // what is there stays for next time
    }
  }
}

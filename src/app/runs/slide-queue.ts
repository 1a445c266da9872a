// Slides that are analysed behind the screen, one after the other: queued, kept, and found again after the page was left.
import type { Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import { isPlain, type KeptQueue, type QueuedSlide } from '../kept-runs/kept-queue.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { NewRun } from './preparing.ts';
import { type Entry, newEntry, type RunList } from './run-list.ts';
import { allowed, isAllowed, nameOfSource, type RunSource } from './run-source.ts';

export interface SlideQueueNeeds {
  readonly list: RunList;
  readonly kept: () => Promise<KeptQueue | undefined>;
  readonly findTissue: (slide: Slide, waits: Waits) => Promise<Region>;
  readonly isAtWork: (run: string) => boolean;
  /** Into the line. */
  readonly start: (run: NewRun) => void;
  /** What a run that was left was asked for: it can be started. */
  readonly found: (run: NewRun) => void;
}

export class SlideQueue {
  readonly #needs: SlideQueueNeeds;
  readonly #kept = new Set<string>(); // runs of this tab that the disk knows of
  readonly #lost = new Map<string, string>(); // run → key of the plain file that it wants
  #look: Promise<number> | undefined;

  constructor(needs: SlideQueueNeeds) {
    this.#needs = needs;
  }

  /** Resolves with the runs' ids once all are in the line, and kept. */
  async add(sources: readonly RunSource[], asked: { model: string; device: DeviceChoice }): Promise<readonly string[]> {
    const { list, start } = this.#needs;
    await this.#supersede(sources);
    const first = list.nextMoment();
    const entries = sources.map((source, i) =>
      newEntry({ slide: nameOfSource(source), region: 'tissue', source }, first + i),
    );
    list.putAll(entries);
    const keeping = this.#keep(entries, asked);
    for (const entry of entries) start(this.#runOf({ run: entry.id, created: entry.created, ...asked }));
    await keeping;
    return entries.map(({ id }) => id);
  }

  /** Slides that were queued in a tab that is gone come into the list. Resolves with how many can be begun. */
  look(): Promise<number> {
    this.#look ??= this.#takeOver().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  /** It ended, left the line, or was removed: what has nothing left to compute is kept no longer. */
  async left(run: string): Promise<void> {
    if (!this.#kept.has(run)) return;
    const entry = this.#needs.list.all().find(({ id }) => id === run);
    const isOver = entry === undefined || entry.state === 'cancelled';
    if (!isOver && !(entry.state === 'done' && entry.failed.length === 0)) return;
    await this.#forget([run]);
  }

  /** Those of the list that wait since the page was left, in their order. */
  waiting(): readonly Entry[] {
    return this.#needs.list
      .all()
      .filter(({ isLeft }) => isLeft)
      .reverse();
  }

  /** Asks for those that may not be read any more: from a click. What stays refused says so in the list. */
  async allow(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const ready: Entry[] = [];
    for (const entry of entries) {
      try {
        if (entry.source !== undefined) await allowed(entry.source);
        ready.push(entry);
      } catch {
        // the line of the list says what is to be done
      }
    }
    return ready;
  }

  #runOf({ run: id, created, model, device }: Pick<QueuedSlide, 'run' | 'created' | 'model' | 'device'>): NewRun {
    const { findTissue } = this.#needs;
    const region: NewRun['region'] = ({ slide }, waits) => findTissue(slide, waits);
    return { id, created, model, attention: 'none', device, choice: 'tissue', region, inMemory: false, isLive: false };
  }

  async #keep(entries: readonly Entry[], asked: { model: string; device: DeviceChoice }): Promise<void> {
    const slides = entries.flatMap(({ id: run, created, slide, source }): QueuedSlide[] => {
      const way = source instanceof Blob ? plainOf(source) : source;
      return way === undefined ? [] : [{ run, created, slide, source: way, ...asked }];
    });
    for (const { run } of slides) this.#kept.add(run);
    try {
      await (await this.#needs.kept())?.keep(slides, unhurried());
    } catch (thrown) {
      console.warn('The queue was not kept:', thrown); // it goes on all the same
    }
  }

  async #forget(runs: readonly string[]): Promise<void> {
    for (const run of runs) {
      this.#kept.delete(run);
      this.#lost.delete(run);
    }
    try {
      await (await this.#needs.kept())?.forget(runs, unhurried());
    } catch (thrown) {
      console.warn('The queue was not written:', thrown); // they come back into the list once more
    }
  }

  async #takeOver(): Promise<number> {
    const { list, found, isAtWork } = this.#needs;
    const left = (await (await this.#needs.kept())?.takeOver(unhurried())) ?? [];
    let count = 0;
    for (const slide of left) {
      const { run, source } = slide;
      this.#kept.add(run);
      if (isAtWork(run)) continue;
      const begun = list.all().find(({ id }) => id === run);
      if (begun?.keeper) {
        await this.#takeOverBegun(begun, slide);
      } else if (isPlain(source)) {
        this.#lost.set(run, keyOf(source));
        list.put(entryOf(slide, undefined, lost(slide.slide)));
      } else {
        found(this.#runOf(slide));
        list.put(entryOf(slide, source, (await isAllowed(source)) ? undefined : mustAllow(slide.slide)));
      }
      if (list.all().some(({ id, isLeft }) => id === run && isLeft)) count++;
    }
    return count;
  }

  /** The disk has its patches; the queue knows where its slide is. */
  async #takeOverBegun({ id, state, failed, source }: Entry, slide: QueuedSlide): Promise<void> {
    const isOver = state === 'done' ? failed.length === 0 : state === 'cancelled';
    if (isOver || isPlain(slide.source)) return this.#forget([id]);
    this.#needs.list.update(id, { source: source ?? slide.source, isLeft: state === 'interrupted' });
  }

  /** A plain file that is added again takes the place of the one that was left. */
  async #supersede(sources: readonly RunSource[]): Promise<void> {
    const keys = new Set(sources.flatMap((source) => (source instanceof Blob ? keyOf(plainOf(source)) : [])));
    const runs = [...this.#lost].filter(([, key]) => keys.has(key)).map(([run]) => run);
    if (runs.length === 0) return;
    for (const run of runs) this.#needs.list.remove(run);
    await this.#forget(runs);
  }
}

const entryOf = (
  { run, created, slide, model }: QueuedSlide,
  source: RunSource | undefined,
  problem: Entry['problem'],
): Entry => ({
  ...newEntry({ slide, region: 'tissue', source }, created),
  id: run,
  model: { id: model, sha256: '' },
  state: 'interrupted',
  problem,
  isLeft: source !== undefined,
});

const plainOf = (file: Blob) => ({
  name: file instanceof File ? file.name : 'A file',
  bytes: file.size,
  modified: file instanceof File ? file.lastModified : 0,
});

const keyOf = (file: ReturnType<typeof plainOf>): string => `${file.name} ${file.bytes} ${file.modified}`;

const lost = (what: string): Entry['problem'] => ({
  tag: 'BadInput',
  what,
  seen: 'it waited in the queue when the page was left, and a page cannot keep a file that was handed to it',
  todo: 'Add it again.',
});

const mustAllow = (what: string): Entry['problem'] => ({
  tag: 'BadInput',
  what,
  seen: 'it waited in the queue when the page was left, and the browser asks anew whether it may be read',
  todo: 'Resume it, and allow that.',
});

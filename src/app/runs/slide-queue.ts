// Slides that are analysed behind the screen, one after the other: queued, kept, and found again after the page was left.
import type { Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import type { Views } from '#inference/model.ts';
import type { Slide } from '#slide/slide.ts';
import { isPlain, type KeptQueue, type QueuedSlide } from '../kept-runs/kept-queue.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { NewRun } from './preparing.ts';
import { type Entry, newEntry, type RunList, slidesLeft } from './run-list.ts';
import { allowed, isAllowed, nameOfSource, type RunSource } from './run-source.ts';

/** One slide's, one a model. */
export type Together = readonly [NewRun, ...NewRun[]];

export interface SlideQueueNeeds {
  readonly list: RunList;
  readonly kept: () => Promise<KeptQueue | undefined>;
  readonly findTissue: (slide: Slide, waits: Waits) => Promise<Region>;
  readonly isAtWork: (run: string) => boolean;
  /** Into the line. */
  readonly start: (runs: Together) => void;
  /** What runs that were left were asked for: they can be started. */
  readonly found: (runs: Together) => void;
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
  async add(
    sources: readonly RunSource[],
    { models, device, views }: { models: readonly string[]; device: DeviceChoice; views: Views },
  ): Promise<readonly string[]> {
    const { list, start } = this.#needs;
    await this.#supersede(sources);
    const first = list.nextMoment();
    const slides = sources.map((source, i) => {
      const of = { slide: nameOfSource(source), region: 'tissue', source } as const;
      // The list has the latest first: the first model's line comes before the others'.
      const asked = models.map((model, k) => ({
        entry: newEntry(of, first + (i + 1) * models.length - 1 - k),
        model,
      }));
      const together = models.length > 1 ? asked[0]?.entry.id : undefined;
      return asked.map(({ entry, model }) => ({ entry: { ...entry, together, views }, model }));
    });
    list.putAll(slides.flat().map(({ entry }) => entry));
    const keeping = this.#keep(
      slides.flat().map(({ entry, model }) => ({ ...entry, model })),
      device,
    );
    for (const slide of slides) {
      const [run, ...others] = slide.map(({ entry: { id, created, together }, model }) =>
        this.#runOf({ run: id, created, together, model, device, views }),
      );
      if (run) start([run, ...others]);
    }
    await keeping;
    return slides.flatMap(([lead]) => lead?.entry.id ?? []);
  }

  /** Slides that were queued in a tab that is gone come into the list. Resolves with how many can be begun. */
  look(): Promise<number> {
    this.#look ??= this.#takeOver().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  /** It ended, left the line, or was removed: what has nothing left to compute is kept no longer. */
  async left(runs: readonly string[]): Promise<void> {
    const over = runs.filter((run) => {
      const entry = this.#needs.list.all().find(({ id }) => id === run);
      return this.#kept.has(run) && (entry === undefined || hasNothingLeft(entry));
    });
    if (over.length > 0) await this.#forget(over);
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

  #runOf({ run: id, created, together, model, device, views }: Omit<QueuedSlide, 'slide' | 'source'>): NewRun {
    const { findTissue } = this.#needs;
    const region: NewRun['region'] = ({ slide }, waits) => findTissue(slide, waits);
    const alike = { attention: 'none', choice: 'tissue', inMemory: false, isLive: false } as const;
    return { id, created, together, model, device, views, region, ...alike };
  }

  async #keep(asked: readonly (Omit<Entry, 'model'> & { model: string })[], device: DeviceChoice): Promise<void> {
    const slides = asked.flatMap(({ id: run, created, slide, source, model, views, together }): QueuedSlide[] => {
      const way = source instanceof Blob ? plainOf(source) : source;
      return way === undefined ? [] : [{ run, created, slide, source: way, model, device, views, together }];
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
    const begin = new Map<string, NewRun[]>(); // by the first of them
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
        const first = slide.together ?? run;
        begin.set(first, [...(begin.get(first) ?? []), this.#runOf(slide)]);
        list.put(entryOf(slide, source, (await isAllowed(source)) ? undefined : mustAllow(slide.slide)));
      }
    }
    for (const runs of begin.values()) {
      const [first, ...others] = runs.sort((a, b) => b.created - a.created);
      if (first) found([first, ...others]);
    }
    const taken = new Set(left.map(({ run }) => run));
    return slidesLeft(list.all().filter(({ id }) => taken.has(id)));
  }

  /** The disk has its patches; the queue knows where its slide is. */
  async #takeOverBegun(begun: Entry, slide: QueuedSlide): Promise<void> {
    const { id, state, source } = begun;
    if (hasNothingLeft(begun) || isPlain(slide.source)) return this.#forget([id]);
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
  { run, created, slide, model, together }: QueuedSlide,
  source: RunSource | undefined,
  problem: Entry['problem'],
): Entry => ({
  ...newEntry({ slide, region: 'tissue', source }, created),
  id: run,
  model: { id: model, sha256: '' },
  state: 'interrupted',
  problem,
  isLeft: source !== undefined,
  together,
});

const hasNothingLeft = ({ state, failed }: Entry): boolean =>
  state === 'done' ? failed.length === 0 : state === 'cancelled';

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

// Nuclei, glands and lumina that files brought onto the open slide, kept by the browser beside it: there again when the slide is
// opened next, whatever its name, until somebody takes them away.
import { unhurried } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import { bytesOf, keptLog, nameable, newLog, type WantedLog, whyNotOnDisk } from '../kept-log.ts';
import { type Brought, BroughtReader, type BroughtSoFar, recordsOf } from './brought-records.ts';

const BYTES_A_ROW = 60; //     deflated, with room to spare
const LEAST_BYTES = 2 ** 20;

export class BroughtKeeper {
  readonly #storage: () => Promise<Storage | undefined>;
  readonly #tell: (whyNot: string) => void;
  #slide: Slide | undefined;
  #log: Promise<OpenLog | undefined> = Promise.resolve(undefined);
  #writing: Promise<void> = Promise.resolve();
  #found: Promise<void> = Promise.resolve();
  #isAny = false;

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why what is brought lives with the tab only, a sentence
   */
  constructor(storage: () => Promise<Storage | undefined>, tell: (whyNot: string) => void) {
    [this.#storage, this.#tell] = [storage, tell];
  }

  /** Whether anything of the open slide is kept. */
  get isAny(): boolean {
    return this.#isAny;
  }

  /** Hands over what is kept of a slide, once. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, show: (brought: BroughtSoFar) => Promise<void>): Promise<void> {
    if (this.#slide !== slide) {
      this.forget();
      this.#slide = slide;
      const opening = this.#open(slide);
      this.#log = opening.then(({ log }) => log);
      this.#found = opening.then(async ({ sum }) => {
        if (sum && this.#slide === slide) await show(sum);
      });
    }
    await this.#found;
  }

  /** Written behind what goes on. What stands in the place of all makes room first. */
  add(brought: Brought): void {
    const [slide, opening] = [this.#slide, this.#log];
    this.#isAny = true;
    if (slide && brought.inPlaceOfAll) this.#log = this.#afterWriting(() => this.#anew(slide, opening, brought));
    const log = this.#log;
    this.#writing = this.#writing.then(async () => {
      const open = await log;
      if (!open) return;
      try {
        for (const record of recordsOf(brought)) await open.append(record, unhurried());
      } catch (thrown) {
        this.#tell(whyNotOnDisk(thrown, WHAT));
      }
    });
  }

  /** What is kept, and nothing of it any more. */
  async takeAway(): Promise<BroughtSoFar> {
    await this.#writing;
    const [slide, opening] = [this.#slide, this.#log];
    const open = await opening;
    const reader = new BroughtReader();
    if (!slide || !open) return reader.sum;
    for await (const record of open.records(unhurried())) await reader.take(record);
    this.#log = this.#anew(slide, opening, undefined);
    await this.#log;
    this.#isAny = false;
    return reader.sum;
  }

  /** Resolves once all so far is on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** The slide is left: what was brought is still written. */
  forget(): void {
    const [log, writing] = [this.#log, this.#writing];
    [this.#slide, this.#log, this.#found] = [undefined, Promise.resolve(undefined), Promise.resolve()];
    this.#isAny = false;
    void writing.then(async () => (await log)?.[Symbol.dispose]());
  }

  async #open(slide: Slide): Promise<{ log: OpenLog | undefined; sum: BroughtSoFar | undefined }> {
    try {
      const storage = await this.#storage();
      if (!storage) return { log: undefined, sum: undefined }; // whoever keeps annotations tells
      const log = await keptLog(storage, await wantedLog(slide, LEAST_BYTES), unhurried());
      const reader = new BroughtReader();
      for await (const record of log.records(unhurried())) {
        if (this.#slide !== slide) break;
        await reader.take(record);
      }
      const { sum } = reader;
      this.#isAny = sum.names.length > 0;
      return { log, sum: sum.names.length > 0 ? sum : undefined };
    } catch (thrown) {
      this.#tell(whyNotOnDisk(thrown, WHAT));
      return { log: undefined, sum: undefined };
    }
  }

  async #afterWriting(work: () => Promise<OpenLog | undefined>): Promise<OpenLog | undefined> {
    await this.#writing;
    return work();
  }

  async #anew(
    slide: Slide,
    opening: Promise<OpenLog | undefined>,
    brought: Brought | undefined,
  ): Promise<OpenLog | undefined> {
    const open = await opening;
    const storage = await this.#storage();
    if (!storage || !open) return undefined;
    try {
      open[Symbol.dispose]();
      const rows = brought?.objects.reduce((sum, { count }) => sum + count, 0) ?? 0;
      return await newLog(storage, await wantedLog(slide, LEAST_BYTES + BYTES_A_ROW * rows), unhurried());
    } catch (thrown) {
      this.#tell(whyNotOnDisk(thrown, WHAT));
      return undefined;
    }
  }
}

const WHAT = 'what was brought onto this slide';

async function wantedLog(slide: Slide, neededBytes: number): Promise<WantedLog> {
  const fingerprint = await slide.fingerprint(unhurried());
  const header = bytesOf({ schema: 1, kind: 'brought', fingerprint });
  return { name: `brought-${nameable(fingerprint, 40)}`, header, neededBytes };
}

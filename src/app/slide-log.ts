// The log that keeps something of the open slide beside it: opened once a slide, written behind what goes on, still written to its
// end when the slide is left.
import { unhurried } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import { openStorage } from '#storage/open-storage.ts';
import type { OpenLog, Shelf, Storage } from '#storage/storage.ts';
import { bytesOf, keptLog, nameable, newLog, type WantedLog, whyNotOnDisk } from './kept-log.ts';

export interface KeptOfSlide {
  readonly kind: string; //   of the log, a word of its name
  readonly what: string; //   'the annotations of this slide'
  readonly noDisk?: string; // told where the browser gives no disk
}

/** Fewest bytes that should be free where a log is made. */
const LEAST_BYTES = 2 ** 20;

/** What a log holds already, before it can be had. @param storage where it lies, lent */
export type ReadLog = (log: OpenLog, storage: Storage) => Promise<void>;

export class SlideLog {
  readonly #storage: () => Promise<Storage | undefined>;
  readonly #kept: KeptOfSlide;
  readonly #tell: (whyNot: string, at: 'opening' | 'writing') => void;
  #slide: Slide | undefined;
  #log: Promise<OpenLog | undefined> = Promise.resolve(undefined);
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why what is kept lives with the tab only, a sentence
   */
  constructor(
    storage: () => Promise<Storage | undefined>,
    kept: KeptOfSlide,
    tell: (whyNot: string, at: 'opening' | 'writing') => void,
  ) {
    [this.#storage, this.#kept, this.#tell] = [storage, kept, tell];
  }

  isOf(slide: Slide): boolean {
    return this.#slide === slide;
  }

  /** Once a slide. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, read: ReadLog): Promise<void> {
    if (!this.isOf(slide)) {
      this.forget();
      this.#slide = slide;
      this.#log = this.#open(slide, read);
    }
    await this.#log;
  }

  /** The log, once all so far is written; undefined where nothing can be kept. */
  async written(): Promise<OpenLog | undefined> {
    await this.#writing;
    return this.#log;
  }

  /** Behind all that was written before. @param otherwise where nothing can be kept */
  write(work: (log: OpenLog) => Promise<void>, otherwise: () => void = () => undefined): void {
    const opening = this.#log;
    this.#writing = this.#writing.then(async () => {
      const log = await opening;
      if (!log) return otherwise();
      try {
        await work(log);
      } catch (thrown) {
        this.#refused(thrown, 'writing');
      }
    });
  }

  /** An empty log in the place of this one, once all so far is written. @param moreBytes that it will hold */
  async anew(moreBytes = 0): Promise<void> {
    const [slide, opening] = [this.#slide, this.#log];
    if (!slide) return;
    this.#log = this.#writing.then(() => this.#anew(slide, opening, moreBytes));
    await this.#log;
  }

  /** The slide is left: what was brought is still written. */
  forget(): void {
    const [log, writing] = [this.#log, this.#writing];
    [this.#slide, this.#log] = [undefined, Promise.resolve(undefined)];
    void writing.then(async () => (await log)?.[Symbol.dispose]());
  }

  async #open(slide: Slide, read: ReadLog): Promise<OpenLog | undefined> {
    try {
      const storage = await this.#storage();
      if (!storage) {
        if (this.#kept.noDisk) this.#tell(this.#kept.noDisk, 'opening');
        return undefined;
      }
      const log = await keptLog(storage, await this.#wanted(slide, 0), unhurried());
      await read(log, storage);
      return log;
    } catch (thrown) {
      return this.#refused(thrown, 'opening');
    }
  }

  async #anew(slide: Slide, opening: Promise<OpenLog | undefined>, moreBytes: number): Promise<OpenLog | undefined> {
    const [open, storage] = [await opening, await this.#storage()];
    if (!open || !storage) return undefined;
    try {
      open[Symbol.dispose]();
      return await newLog(storage, await this.#wanted(slide, moreBytes), unhurried());
    } catch (thrown) {
      return this.#refused(thrown, 'writing');
    }
  }

  async #wanted(slide: Slide, moreBytes: number): Promise<WantedLog> {
    const { kind } = this.#kept;
    const fingerprint = await slide.fingerprint(unhurried());
    const header = bytesOf({ schema: 1, kind, fingerprint });
    return { name: `${kind}-${nameable(fingerprint, 40)}`, header, neededBytes: LEAST_BYTES + moreBytes };
  }

  #refused(thrown: unknown, at: 'opening' | 'writing'): undefined {
    this.#tell(whyNotOnDisk(thrown, this.#kept.what), at);
  }
}

/** Undefined where the browser gives the page no disk. */
export async function openShelf(shelf: Shelf): Promise<Storage | undefined> {
  const persist = (): Promise<boolean> => navigator.storage.persist();
  return (await openStorage({ ...unhurried(), shelf, persist })).storage;
}

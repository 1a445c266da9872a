// Nuclei, glands and lumina that files brought onto the open slide, kept by the browser beside it: there again when the slide is
// opened next, whatever its name, until somebody takes them away.
import { unhurried } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import type { Storage } from '#storage/storage.ts';
import { SlideLog } from '../slide-log.ts';
import { type Brought, BroughtReader, type BroughtSoFar, recordsOf, told } from './brought-records.ts';

const BYTES_A_ROW = 60; // deflated, with room to spare
const KEPT = { kind: 'brought', what: 'what was brought onto this slide' }; // of no disk whoever keeps annotations tells

export class BroughtKeeper {
  readonly #log: SlideLog;
  #found: Promise<void> = Promise.resolve();
  #isAny = false;

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why what is brought lives with the tab only, a sentence
   */
  constructor(storage: () => Promise<Storage | undefined>, tell: (whyNot: string) => void) {
    this.#log = new SlideLog(storage, KEPT, tell);
  }

  /** Whether anything of the open slide is kept. */
  get isAny(): boolean {
    return this.#isAny;
  }

  /** Hands over what is kept of a slide, once. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, show: (brought: BroughtSoFar) => Promise<void>): Promise<void> {
    if (!this.#log.isOf(slide)) {
      this.forget();
      this.#found = this.#open(slide, show);
    }
    await this.#found;
  }

  async #open(slide: Slide, show: (brought: BroughtSoFar) => Promise<void>): Promise<void> {
    let sum: BroughtSoFar | undefined;
    await this.#log.open(slide, async (log) => {
      const reader = new BroughtReader();
      for await (const record of log.records(unhurried())) {
        if (!this.#log.isOf(slide)) return;
        await reader.take(record);
      }
      if (!this.#log.isOf(slide)) return;
      const { names, cutOff } = reader.done();
      this.#isAny = names.length > 0;
      if (this.#isAny || cutOff.length > 0) sum = reader.sum;
    });
    if (!sum || !this.#log.isOf(slide)) return;
    await show(sum);
    if (sum.cutOff.length > 0 && this.#log.isOf(slide)) this.#log.write((log) => log.append(told(), unhurried()));
  }

  /** Written behind what goes on. What stands in the place of all makes room first. */
  add(brought: Brought): void {
    this.#isAny = true;
    const rows = brought.objects.reduce((sum, { count }) => sum + count, 0);
    if (brought.inPlaceOfAll) void this.#log.anew(BYTES_A_ROW * rows);
    this.#log.write(async (log) => {
      for (const record of recordsOf(brought)) await log.append(record, unhurried());
    });
  }

  /** What is kept, and nothing of it any more. */
  async takeAway(): Promise<BroughtSoFar> {
    const reader = new BroughtReader();
    const log = await this.#log.written();
    if (!log) return reader.sum;
    for await (const record of log.records(unhurried())) await reader.take(record);
    await this.#log.anew();
    this.#isAny = false;
    return reader.sum;
  }

  /** Resolves once all so far is on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#log.written();
  }

  /** The slide is left: what was brought is still written. */
  forget(): void {
    this.#log.forget();
    this.#found = Promise.resolve();
    this.#isAny = false;
  }
}

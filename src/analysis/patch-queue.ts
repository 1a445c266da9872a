// Which patch is next: what is on screen first, the nearest to where the user looks, then outward; what failed and may come
// right comes again after a while.
import type { Waits } from '#channel/waits.ts';
import type { Failure } from '#errors/failure.ts';
import { centreOf, intersects, type Point, type Rect } from '#units/rect.ts';
import type { Patches } from './patches.ts';
import type { PlannedPatch } from './plan.ts';
import { secondsUntilRetry, type Wait, waitByClock } from './retry.ts';

/** Where the user looks, level-0 px. */
export interface Looking {
  centre(): Point;
  /** What is on screen. */
  rect?(): Rect | undefined;
}

/** The view of a run that goes where the user looks and computes nothing else. */
export interface InView {
  rect(): Rect;
  /** Resolves at the next change of the view. @throws the signal's reason */
  changed(waits: Waits): Promise<void>;
}

export interface QueueOptions {
  readonly looking: Looking;
  readonly wait?: Wait | undefined;
  /** Only patches that meet the view are given, whenever they do; the queue then never ends by itself. */
  readonly inView?: InView | undefined;
  /** A small patch to be seen before the large ones, where there is none of it yet. Asked before each patch. */
  readonly preview?: ((centre: Point) => PlannedPatch | undefined) | undefined;
}

/** A patch on its way; previews have no index. */
export interface Job {
  readonly index: number;
  readonly patch: PlannedPatch;
  readonly isPreview: boolean;
}

/** What becomes of a patch that failed. */
export type Verdict =
  | { readonly again: true; readonly seconds: number }
  | { readonly again: false; readonly attempts: number };

const AT_HAND = 64; //         nearest patches found in one look at all of them
const OUTAGE_FROM = 2; //      failures in a row that may come right: then one new patch tries after each back-off, no more
const OFF_SCREEN = 1e15; //    level-0 px², farther than any slide is wide
const [WAITING, AT_WORK, DELAYED, OVER] = [0, 1, 2, 3];

/** Every patch given is told back by `done`, `failed`, `giveBack` or `leave`; one consumer takes `jobs`. */
export class PatchQueue implements Disposable {
  readonly #patches: Patches;
  readonly #options: QueueOptions;
  readonly #wait: Wait;
  readonly #state: Uint8Array<ArrayBuffer>; //     [patches]
  readonly #centres: Float64Array<ArrayBuffer>; // [patches × 2] level-0 px; empty where only the view is computed
  #left: number; //                                patches not over
  #rest: Int32Array<ArrayBuffer>; //               indices that may be waiting, ascending; likewise
  #atHand: number[] = []; //                       the nearest of them, the very nearest last
  #seen: Rect | Point | undefined; //              where the user looked when they were found
  #due: number[] = []; //                          failed, and waited long enough
  #atWork = 0;
  #delayed = 0;
  #failuresInARow = 0;
  #mayTry = 0; //                                  new patches during an outage
  #tried = 0; //                                   back-offs after which one did
  readonly #attempts = new Map<number, number>();
  #wake: (() => void) | undefined;
  readonly #life = new AbortController();

  constructor(patches: Patches, options: QueueOptions) {
    this.#patches = patches;
    this.#options = options;
    this.#wait = options.wait ?? waitByClock;
    this.#state = new Uint8Array(patches.length);
    this.#left = patches.length;
    const listed = options.inView ? 0 : patches.length;
    this.#rest = Int32Array.from({ length: listed }, (_, index) => index);
    this.#centres = new Float64Array(2 * listed);
    for (const index of this.#rest) {
      const { x, y } = this.#centreOf(index);
      this.#centres[2 * index] = x;
      this.#centres[2 * index + 1] = y;
    }
  }

  /** It was given already, or is over. */
  isBegun(index: number): boolean {
    return this.#state[index] !== WAITING;
  }

  isOver(index: number): boolean {
    return this.#state[index] === OVER;
  }

  /** False where only the view is computed, and this patch is not in it. */
  isWanted(index: number): boolean {
    const { inView } = this.#options;
    const core = this.#patches.at(index)?.frame.core;
    return !inView || core === undefined || intersects(inView.rect(), core);
  }

  /** Nothing is at work, and nothing could be now. */
  get isQuiet(): boolean {
    return this.#atWork === 0 && this.#delayed === 0 && this.#due.length === 0 && this.#nearest() === undefined;
  }

  /** This patch need not be computed: it was, in an earlier run. */
  leave(index: number): void {
    if (this.#state[index] === WAITING) this.#end(index);
  }

  done(index: number): void {
    this.#failuresInARow = 0;
    this.#tried = 0;
    this.#atWork--;
    this.#end(index);
  }

  /** It was given and not begun: it left the view. */
  giveBack(index: number): void {
    this.#atWork--;
    this.#state[index] = WAITING;
    this.#seen = undefined;
    this.#wake?.();
  }

  /** Disposing the queue ends the wait before the next attempt. */
  failed(index: number, failure: Failure): Verdict {
    this.#atWork--;
    const attempts = (this.#attempts.get(index) ?? 0) + 1;
    this.#attempts.set(index, attempts);
    const seconds = secondsUntilRetry(failure, attempts);
    if (seconds === undefined) {
      this.#end(index);
      return { again: false, attempts };
    }
    this.#failuresInARow++;
    this.#state[index] = DELAYED;
    this.#delayed++;
    this.#wait(1000 * seconds, this.#life).then(
      () => {
        this.#delayed--;
        if (attempts > this.#tried) [this.#tried, this.#mayTry] = [attempts, 1];
        this.#due.push(index);
        this.#wake?.();
      },
      () => undefined, // the run was left
    );
    this.#wake?.();
    return { again: true, seconds };
  }

  [Symbol.dispose](): void {
    this.#life.abort();
  }

  /** Ends once every patch is over. @throws the signal's reason */
  async *jobs(waits: Waits): AsyncGenerator<Job, void, undefined> {
    while (this.#left > 0 || this.#options.inView) {
      waits.signal.throwIfAborted();
      const job = this.#take();
      if (job) yield job;
      else await this.#somethingNew(waits);
    }
  }

  #take(): Job | undefined {
    const due = this.#nextDue();
    if (due !== undefined) return this.#give(due);
    const isOutage = this.#failuresInARow >= OUTAGE_FROM;
    if (isOutage && this.#mayTry === 0 && (this.#delayed > 0 || this.#atWork > 0)) return undefined;
    const preview = this.#left > 0 ? this.#options.preview?.(this.#options.looking.centre()) : undefined;
    if (preview) return { index: -1, patch: preview, isPreview: true };
    const nearest = this.#nearest();
    if (nearest === undefined) return undefined;
    if (isOutage) this.#mayTry = 0;
    this.#atHand.pop();
    return this.#give(nearest);
  }

  #nextDue(): number | undefined {
    const { inView } = this.#options;
    for (let due = this.#due.shift(); due !== undefined; due = this.#due.shift()) {
      if (!inView || this.isWanted(due)) return due;
      this.#state[due] = WAITING; // it left the view meanwhile
    }
    return undefined;
  }

  #give(index: number): Job | undefined {
    const patch = this.#patches.at(index);
    if (!patch) return undefined;
    this.#state[index] = AT_WORK;
    this.#atWork++;
    return { index, patch, isPreview: false };
  }

  /** Stays at hand. */
  #nearest(): number | undefined {
    const { looking, inView } = this.#options;
    const rect = inView ? inView.rect() : looking.rect?.();
    const centre = inView ? centreOf(inView.rect()) : looking.centre();
    if (!isSame(this.#seen, rect ?? centre)) this.#lookAround(centre, rect);
    while (this.#atHand.length > 0 && this.#state[this.#atHand.at(-1) ?? 0] !== WAITING) this.#atHand.pop();
    if (this.#atHand.length === 0) this.#lookAround(centre, rect);
    return this.#atHand.at(-1);
  }

  /** One pass over what is left keeps the nearest few: sorting all of a large slide each time the view moves would not do. */
  #lookAround(centre: Point, rect: Rect | undefined): void {
    this.#seen = rect ?? centre;
    const nearest: number[] = []; // ascending
    const keys: number[] = [];
    const { inView } = this.#options;
    for (const index of inView ? this.#patches.meeting(inView.rect()) : this.#rest) {
      if (this.#state[index] !== WAITING) continue;
      let key = this.#distance(index, centre);
      if (rect && !inView && !intersects(rect, this.#patches.at(index)?.frame.core ?? rect)) key += OFF_SCREEN;
      if (keys.length === AT_HAND && key >= (keys.at(-1) ?? 0)) continue;
      let at = keys.length;
      while (at > 0 && (keys[at - 1] ?? 0) > key) at--;
      keys.splice(at, 0, key);
      nearest.splice(at, 0, index);
      if (keys.length > AT_HAND) {
        keys.pop();
        nearest.pop();
      }
    }
    this.#atHand = nearest.reverse();
    if (this.#rest.length > 2 * this.#left) this.#rest = this.#rest.filter((index) => this.#state[index] !== OVER);
  }

  /** Level-0 px². */
  #distance(index: number, { x, y }: Point): number {
    const [cx, cy] = [this.#centres[2 * index], this.#centres[2 * index + 1]];
    const at = cx === undefined || cy === undefined ? this.#centreOf(index) : { x: cx, y: cy };
    return (at.x - x) ** 2 + (at.y - y) ** 2;
  }

  #centreOf(index: number): Point {
    const patch = this.#patches.at(index);
    return patch ? centreOf(patch.frame.core) : { x: 0, y: 0 };
  }

  #end(index: number): void {
    this.#state[index] = OVER;
    this.#left--;
    this.#wake?.();
  }

  /** A patch came back, one waited long enough, or the view of a live run moved. */
  async #somethingNew({ signal }: Waits): Promise<void> {
    const over = new AbortController();
    const during = { signal: AbortSignal.any([signal, over.signal]) };
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        during.signal.addEventListener('abort', () => reject(during.signal.reason), { once: true });
        this.#options.inView?.changed(during).then(resolve, reject);
      });
    } finally {
      this.#wake = undefined;
      over.abort();
    }
  }
}

function isSame(a: Rect | Point | undefined, b: Rect | Point): boolean {
  if (a?.x !== b.x || a.y !== b.y) return false;
  return !('width' in a && 'width' in b) || (a.width === b.width && a.height === b.height);
}

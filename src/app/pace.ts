// How fast a run goes: over its last patches, since the first ones wait for the model and the caches.
const WINDOW = 12; // patches

export class Pace {
  readonly #ends: number[] = []; // ms
  #done = 0; // with those kept
  #kept = 0;

  /** @param now ms, of a clock that never goes back */
  constructor(now: number) {
    this.#ends.push(now);
  }

  /** One more patch is over, computed or failed. */
  patchDone(now: number): void {
    this.#done++;
    this.#ends.push(now);
    if (this.#ends.length > WINDOW + 1) this.#ends.shift();
  }

  get done(): number {
    return this.#done;
  }

  /** One more is there from before: it says nothing of the speed, and time before it is not counted. */
  patchKept(now: number): void {
    this.#done++;
    this.#kept++;
    this.begin(now);
  }

  /** From now on patches are computed. */
  begin(now: number): void {
    if (this.#done === this.#kept) this.#ends[0] = now;
  }

  /** 0 before the first patch. */
  get patchesPerSecond(): number {
    const first = this.#ends[0] ?? 0;
    const last = this.#ends.at(-1) ?? first;
    return last > first ? ((this.#ends.length - 1) * 1000) / (last - first) : 0;
  }

  /** Undefined before two patches are over: one says nothing of the next. */
  secondsLeft(total: number): number | undefined {
    return this.#done - this.#kept < 2 ? undefined : Math.max(0, total - this.#done) / this.patchesPerSecond;
  }
}

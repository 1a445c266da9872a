// Whose turn it is: one job at a time, the others wait in the order they came.
export interface Job {
  /** Never rejects: whatever becomes of it, the next one has its turn. */
  run(): Promise<void>;
}

export class Turns<J extends Job> {
  readonly #changed: () => void;
  #waiting: readonly J[] = [];
  #current: J | undefined;

  /** @param changed is told whenever another job works or waits */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get current(): J | undefined {
    return this.#current;
  }

  get waiting(): readonly J[] {
    return this.#waiting;
  }

  add(job: J): void {
    this.#waiting = [...this.#waiting, job];
    this.#changed();
    this.#next();
  }

  /** Takes one that waits out of the line: true where it was there. */
  leave(job: J): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((one) => one !== job);
    if (this.#waiting.length === before) return false;
    this.#changed();
    return true;
  }

  #next(): void {
    const [job, ...rest] = this.#waiting;
    if (this.#current || !job) return;
    this.#current = job;
    this.#waiting = rest;
    this.#changed();
    void job.run().finally(() => {
      this.#current = undefined;
      this.#changed();
      this.#next();
    });
  }
}

/** Seeded draws: the same seed gives the same training (mulberry32; normal by Box & Muller 1958). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** 0 up to n - 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Beta(a, a), a <= 1 (Jöhnk 1964). */
  beta(a: number): number {
    for (;;) {
      const [x, y] = [this.next() ** (1 / a), this.next() ** (1 / a)];
      if (x + y > 0 && x + y <= 1) return x / (x + y);
    }
  }

  /** In place. */
  shuffle<A extends number[] | Uint32Array>(items: A): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i] ?? 0;
      items[i] = items[j] ?? 0;
      items[j] = held;
    }
    return items;
  }
}

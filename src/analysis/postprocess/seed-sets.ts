import { join, rootOf } from './components.ts';
import type { SeedStats } from './core-map.ts';

/** Seeds of the whole mosaic, joined over seams. Boxes are mosaic px, inclusive. */
export class SeedSets {
  #parents = new Int32Array(256);
  #stats = new Float64Array(5 * 256); // [ids × 5] area, x0, y0, x1, y1: of a set at its root
  #count = 1; //                         id 0 is none

  /** Takes the seeds of a patch whose core starts at (x, y). Their ids are the result + number - 1. */
  add(seeds: readonly SeedStats[], x: number, y: number): number {
    const first = this.#count;
    this.#count += seeds.length;
    if (this.#count > this.#parents.length) {
      const [parents, stats] = [this.#parents, this.#stats];
      const room = Math.max(this.#count, 2 * parents.length);
      this.#parents = new Int32Array(room);
      this.#parents.set(parents);
      this.#stats = new Float64Array(5 * room);
      this.#stats.set(stats);
    }
    for (const [k, seed] of seeds.entries()) {
      this.#parents[first + k] = first + k;
      this.#stats.set([seed.area, x + seed.x0, y + seed.y0, x + seed.x1, y + seed.y1], 5 * (first + k));
    }
    return first;
  }

  root(id: number): number {
    return rootOf(this.#parents, id);
  }

  /** @returns the root that is none any more, or 0 where they were one set already */
  join(a: number, b: number): number {
    const [ra, rb] = [this.root(a), this.root(b)];
    if (ra === rb) return 0;
    const root = join(this.#parents, ra, rb);
    const gone = root === ra ? rb : ra;
    const [into, from] = [this.stats(root), this.stats(gone)];
    this.#stats.set(
      [
        into.area + from.area,
        Math.min(into.x0, from.x0),
        Math.min(into.y0, from.y0),
        Math.max(into.x1, from.x1),
        Math.max(into.y1, from.y1),
      ],
      5 * root,
    );
    return gone;
  }

  area(root: number): number {
    return this.#stats[5 * root] ?? 0;
  }

  stats(root: number): SeedStats {
    const [area = 0, x0 = 0, y0 = 0, x1 = 0, y1 = 0] = this.#stats.subarray(5 * root, 5 * root + 5);
    return { area, x0, y0, x1, y1 };
  }
}

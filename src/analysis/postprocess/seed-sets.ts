import type { SeedRuns } from './core-map.ts';
import { join, rootOf } from './runs.ts';

const PER_SET = 6; // area, x0, y0, x1, y1, sum

/** A set of seeds: pixels, box (mosaic px, inclusive), and the sum of the pixels' values. */
export interface SeedStats {
  readonly area: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly sum: number;
}

/** Seeds of the whole mosaic, joined over seams. */
export class SeedSets {
  #parents = new Int32Array(256);
  #stats = new Float64Array(PER_SET * 256); // of a set at its root
  #count = 1; //                               id 0 is none

  /** Takes the seeds of a patch whose core starts at (x, y). Their ids are the result + index. */
  add(seeds: SeedRuns, x: number, y: number): number {
    const first = this.#count;
    this.#count += seeds.end.length;
    this.#hold(this.#count);
    for (let k = 0, run = 0; k < seeds.end.length; k++) {
      let [area, x0, y0, x1, y1] = [0, Infinity, Infinity, -1, -1];
      for (const end = seeds.end[k] ?? 0; run < end; run++) {
        const [row, from, to] = [seeds.row[run] ?? 0, seeds.from[run] ?? 0, seeds.to[run] ?? 0];
        area += to - from;
        x0 = Math.min(x0, from);
        x1 = Math.max(x1, to - 1);
        y0 = Math.min(y0, row);
        y1 = Math.max(y1, row);
      }
      this.#parents[first + k] = first + k;
      this.#stats.set([area, x + x0, y + y0, x + x1, y + y1, seeds.sum[k] ?? 0], PER_SET * (first + k));
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
        into.sum + from.sum,
      ],
      PER_SET * root,
    );
    return gone;
  }

  area(root: number): number {
    return this.#stats[PER_SET * root] ?? 0;
  }

  stats(root: number): SeedStats {
    const at = PER_SET * root;
    const [area = 0, x0 = 0, y0 = 0, x1 = 0, y1 = 0, sum = 0] = this.#stats.subarray(at, at + PER_SET);
    return { area, x0, y0, x1, y1, sum };
  }

  #hold(count: number): void {
    if (count <= this.#parents.length) return;
    const [parents, stats] = [this.#parents, this.#stats];
    const room = Math.max(count, 2 * parents.length);
    this.#parents = new Int32Array(room);
    this.#parents.set(parents);
    this.#stats = new Float64Array(PER_SET * room);
    this.#stats.set(stats);
  }
}

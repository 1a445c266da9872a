import { Numbers } from './runs.ts';

/** Pixels that belong to the mask and to no basin yet. */
export const FREE = -1;

/**
 * Priority flood from markers, without lines between the basins: pixels are taken highest level first, first come first
 * served within a level; neighbours up, left, right, down. As skimage.segmentation.watershed(-level, markers, mask) does
 * (Soille and Ansoult, 1990), with buckets instead of a heap. Only pixels that a basin grows from are ever queued. Where
 * several markers border pixels of one level, scikit-image leaves the order to its heap; ours is that of arrival.
 */
export class Flood {
  readonly #mask: number;
  readonly #heads: Int32Array; //   first pixel queued at a level; -1 is none
  readonly #tails: Int32Array;
  readonly #next = new Numbers(); // the pixel behind this one in its queue; -1 ends it

  /** `levels`, a power of two: the level of a pixel is the lowest bits of its value. */
  constructor(levels: number) {
    this.#mask = levels - 1;
    this.#heads = new Int32Array(levels).fill(-1);
    this.#tails = new Int32Array(levels);
  }

  /**
   * @param labels [height × stride] markers above 0, FREE to be filled, 0 outside; at least one 0 surrounds the picture
   *   and ends each row. On return the basins; what no marker reaches stays FREE.
   * @param starts pixels of markers that border FREE ones, in raster order
   */
  run(labels: Int32Array, values: Int32Array, stride: number, starts: Numbers): void {
    this.#next.hold(labels.length);
    const [heads, tails, next, mask] = [this.#heads, this.#tails, this.#next.at, this.#mask];
    const ways = Int32Array.of(-stride, -1, 1, stride);
    let highest = -1;
    for (let k = 0; k < starts.length; k++) highest = Math.max(highest, this.#queue(starts.at[k] ?? 0, values));
    while (highest >= 0) {
      const i = heads[highest] ?? -1;
      if (i === -1) {
        highest--;
        continue;
      }
      heads[highest] = next[i] ?? -1;
      const label = labels[i] ?? 0;
      for (let way = 0; way < 4; way++) {
        const to = i + (ways[way] ?? 0);
        if (labels[to] !== FREE) continue;
        labels[to] = label;
        const level = (values[to] ?? 0) & mask; // from here on as #queue does, which would be half of all time
        next[to] = -1;
        if (heads[level] === -1) heads[level] = to;
        else next[tails[level] ?? 0] = to;
        tails[level] = to;
        if (level > highest) highest = level;
      }
    }
  }

  /** Puts a pixel behind those of its level, which is returned. */
  #queue(i: number, values: Int32Array): number {
    const level = (values[i] ?? 0) & this.#mask;
    this.#next.at[i] = -1;
    if (this.#heads[level] === -1) this.#heads[level] = i;
    else this.#next.at[this.#tails[level] ?? 0] = i;
    this.#tails[level] = i;
    return level;
  }
}

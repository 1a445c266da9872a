// Objects → labels: rows of an image in which each pixel says whose middle of a pixel it is.
import { type ObjectColumns, ringsOf } from '../columns.ts';
import { Growing } from '../growing.ts';
import type { Samples } from './tiff-writer.ts';
import { TILE } from './tile-side.ts';

const EACH = 3; //           numbers of a run of pixels: its place, its label, the next one of its tile
const NONE = 0xffffffff;
const BITS = Math.log2(TILE);

/**
 * What objects cover of a row of tiles, as runs of pixels: as much memory as they are, however wide the image is. By the
 * even-odd rule at the middle of each pixel, so that holes stay open; a later object lies over an earlier one.
 */
export class LabelStrip {
  readonly #runs = new Growing((length) => new Uint32Array(length), 3 * 1024);
  readonly #first: Uint32Array; // by column of tiles, as places in #runs
  readonly #last: Uint32Array;

  /**
   * @param labels [count] of the objects
   * @param image rows [top, top + rows) of one whose pixel is `px` level-0 pixels a side; at most TILE rows
   */
  constructor(
    objects: ObjectColumns,
    labels: ArrayLike<number>,
    image: { readonly width: number; readonly top: number; readonly rows: number; readonly px: number },
  ) {
    const { width, top, rows, px } = image;
    this.#first = new Uint32Array(Math.ceil(width / TILE)).fill(NONE);
    this.#last = this.#first.slice();
    const crossings: number[] = [];
    for (let i = 0; i < objects.count; i++) {
      const rings = ringsOf(objects, i);
      let [y0, y1] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const ring of rings)
        for (let k = 1; k < ring.length; k += 2) {
          y0 = Math.min(y0, ring[k] ?? 0);
          y1 = Math.max(y1, ring[k] ?? 0);
        }
      const first = Math.max(top, Math.ceil(y0 / px - 0.5));
      const last = Math.min(top + rows - 1, Math.floor(y1 / px - 0.5));
      for (let row = first; row <= last; row++) {
        crossings.length = 0;
        for (const ring of rings) cross(ring, (row + 0.5) * px, crossings);
        crossings.sort((a, b) => a - b);
        for (let k = 0; k + 1 < crossings.length; k += 2) {
          const from = Math.max(0, Math.ceil((crossings[k] ?? 0) / px - 0.5));
          const to = Math.min(width, Math.ceil((crossings[k + 1] ?? 0) / px - 0.5));
          this.#add(row - top, from, to, labels[i] ?? 0);
        }
      }
    }
  }

  /** One tile of it. @param into [TILE × TILE], zeros */
  draw(col: number, into: Samples): void {
    const runs = this.#runs.array;
    for (let at = this.#first[col] ?? NONE; at !== NONE; at = runs[at + 2] ?? NONE) {
      const place = runs[at] ?? 0;
      const [row, from, end] = [place >>> (2 * BITS), (place >>> BITS) & (TILE - 1), place & (TILE - 1)];
      into.fill(runs[at + 1] ?? 0, row * TILE + from, row * TILE + end + 1);
    }
  }

  /** Parted where tiles end. */
  #add(row: number, from: number, to: number, label: number): void {
    for (let x = from; x < to; ) {
      const col = Math.floor(x / TILE);
      const end = Math.min(to, (col + 1) * TILE) - 1;
      const at = this.#runs.length;
      const runs = this.#runs.extend(EACH);
      runs[at] = (((row << BITS) | (x - col * TILE)) << BITS) | (end - col * TILE);
      runs[at + 1] = label;
      runs[at + 2] = NONE;
      const before = this.#last[col] ?? NONE;
      if (before === NONE) this.#first[col] = at;
      else runs[before + 2] = at;
      this.#last[col] = at;
      x = end + 1;
    }
  }
}

/** Where a ring crosses a level. */
function cross(ring: Float64Array, y: number, into: number[]): void {
  for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
    const ay = ring[before + 1] ?? 0;
    const by = ring[k + 1] ?? 0;
    if (ay <= y === by <= y) continue;
    const ax = ring[before] ?? 0;
    into.push(ax + ((y - ay) / (by - ay)) * ((ring[k] ?? 0) - ax));
  }
}

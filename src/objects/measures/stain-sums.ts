// How much haematoxylin and eosin lies within each object, summed over the pixels of one picture after another.
import { densityOf } from '#stain/beer-lambert.ts';
import type { ObjectColumns } from '../columns.ts';
import { ringsOf } from '../columns.ts';

/** A picture and where it lies: its pixel (col, row) covers level-0 px from x + col × pixelX, y + row × pixelY on. */
export interface PlacedPixels {
  readonly rgba: Uint8ClampedArray; // [width × height × 4]
  readonly width: number;
  readonly height: number;
  readonly x: number; //               level-0 px, of its top left corner
  readonly y: number;
  readonly pixelX: number; //          level-0 px a pixel
  readonly pixelY: number;
}

export const SUMS = 5; // pixels, haematoxylin, its square, eosin, its square

const DENSITY = Float64Array.from({ length: 256 }, (_, value) => densityOf(value));

/**
 * Of the pixels whose centre lies in each object, holes left out: [count × SUMS]. An object that reaches over several
 * pictures is their sum.
 * @param rows of `unmixing`: amounts of haematoxylin and eosin, optical density, base 10
 */
export function stainSums(objects: ObjectColumns, pixels: PlacedPixels, rows: Float64Array): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(SUMS * objects.count);
  const [hr = 0, hg = 0, hb = 0, er = 0, eg = 0, eb = 0] = rows;
  const { rgba, width } = pixels;
  const spans = new Spans();
  for (let i = 0; i < objects.count; i++) {
    let [n, h1, h2, e1, e2] = [0, 0, 0, 0, 0];
    spans.over(ringsOf(objects, i), pixels, (row, from, to) => {
      for (let at = 4 * (row * width + from); at < 4 * (row * width + to); at += 4) {
        const r = DENSITY[rgba[at] ?? 0] ?? 0;
        const g = DENSITY[rgba[at + 1] ?? 0] ?? 0;
        const b = DENSITY[rgba[at + 2] ?? 0] ?? 0;
        const h = hr * r + hg * g + hb * b;
        const e = er * r + eg * g + eb * b;
        n++;
        h1 += h;
        h2 += h * h;
        e1 += e;
        e2 += e * e;
      }
    });
    sums.set([n, h1, h2, e1, e2], SUMS * i);
  }
  return sums;
}

export const STAIN_NAMES = ['haematoxylin_mean', 'haematoxylin_sd', 'eosin_mean', 'eosin_sd'] as const;
export type StainColumns = Readonly<Record<(typeof STAIN_NAMES)[number], Float32Array<ArrayBuffer>>>;

/** Mean and standard deviation (over all pixels of the object, not a sample's); NaN where no pixel was seen. */
export function stainColumns(sums: Float64Array): StainColumns {
  const of = (value: (at: number, n: number) => number): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: sums.length / SUMS }, (_, i) => {
      const n = sums[SUMS * i] ?? 0;
      return n > 0 ? value(SUMS * i, n) : Number.NaN;
    });
  const mean = (offset: number) => (at: number, n: number) => (sums[at + offset] ?? 0) / n;
  const spread = (offset: number) => (at: number, n: number) =>
    Math.sqrt(Math.max(0, (sums[at + offset + 1] ?? 0) / n - ((sums[at + offset] ?? 0) / n) ** 2));
  return {
    haematoxylin_mean: of(mean(1)),
    haematoxylin_sd: of(spread(1)),
    eosin_mean: of(mean(3)),
    eosin_sd: of(spread(3)),
  };
}

type Frame = Omit<PlacedPixels, 'rgba'>;

/** Rows of pixels whose centres lie inside rings, by the even-odd rule. */
class Spans {
  #crossings = new Float64Array(64);

  /** @param rings level-0 px @param tell of each row of the picture, from one column up to another */
  over(
    rings: readonly Float64Array[],
    { x, y, pixelX, pixelY, width, height }: Frame,
    tell: (row: number, from: number, to: number) => void,
  ): void {
    let [top, bottom] = [Infinity, -Infinity];
    const [outer] = rings;
    if (!outer) return;
    for (let v = 1; v < outer.length; v += 2) {
      top = Math.min(top, outer[v] ?? 0);
      bottom = Math.max(bottom, outer[v] ?? 0);
    }
    const first = Math.max(0, Math.ceil((top - y) / pixelY - 0.5));
    const last = Math.min(height - 1, Math.floor((bottom - y) / pixelY - 0.5));
    for (let row = first; row <= last; row++) {
      const n = this.#crossingsAt(rings, y + (row + 0.5) * pixelY);
      for (let k = 0; k + 1 < n; k += 2) {
        const from = Math.max(0, Math.ceil(((this.#crossings[k] ?? 0) - x) / pixelX - 0.5));
        const to = Math.min(width, Math.ceil(((this.#crossings[k + 1] ?? 0) - x) / pixelX - 0.5));
        if (to > from) tell(row, from, to);
      }
    }
  }

  /** Where a level line crosses the rings, sorted; how many. */
  #crossingsAt(rings: readonly Float64Array[], at: number): number {
    let n = 0;
    for (const ring of rings) {
      let px = ring[ring.length - 2] ?? 0;
      let py = ring[ring.length - 1] ?? 0;
      for (let v = 0; v + 1 < ring.length; v += 2) {
        const qx = ring[v] ?? 0;
        const qy = ring[v + 1] ?? 0;
        if (py > at !== qy > at) {
          if (n === this.#crossings.length) this.#grow();
          this.#crossings[n++] = px + ((at - py) * (qx - px)) / (qy - py);
        }
        px = qx;
        py = qy;
      }
    }
    this.#crossings.subarray(0, n).sort();
    return n;
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#crossings.length);
    grown.set(this.#crossings);
    this.#crossings = grown;
  }
}

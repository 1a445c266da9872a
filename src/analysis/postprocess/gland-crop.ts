// One gland and its lumina, worked out in a window of the mosaic that holds all that can matter to it.
import { createTracer } from './contour.ts';
import { type GlandSettings, growSteps } from './gland-settings.ts';
import { createHoleFinder, type FoundRuns, type PixelBox } from './holes.ts';
import { Numbers, RunComponents } from './runs.ts';

const TOLERANCE_PX = 0.45; // of outlines, mosaic px
const KEPT_PX = 2 ** 22; //  buffers for larger windows are not kept

const NONE = 0; // in `owner`
export const OWN = 1;
export const OTHERS = 2;

/** A window of the mosaic, to be painted. Pixel (0, 0) is at `origin`; a border of one pixel of nothing surrounds it. */
export interface Crop {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly origin: number;
  readonly owner: Uint8Array; //  of seeds: OWN the gland's, OTHERS of other glands
  readonly rim: Uint8Array; //    inner + contour of what glands may grow into; 0 elsewhere, and under seeds
  readonly lumina: Uint8Array; // inner + contour of the foreground of lumina; 0 elsewhere
}

/** Of all seeds of the gland. */
export interface OwnSeeds {
  readonly pixels: number;
  readonly sum: number; //     of inner + contour
  readonly box: PixelBox; //   in the crop
}

/** Frame: pixels of the crop. */
export interface Shape {
  readonly pixels: number;
  readonly probability: number; //                 0 to 1
  readonly x: number; //                           mean of pixel centres
  readonly y: number;
  readonly ring: Float64Array<ArrayBuffer>;
}

export interface Outlined {
  readonly gland: Shape;
  readonly lumina: readonly Shape[];
}

/** Keeps its buffers from gland to gland. */
export class GlandOutliner {
  readonly #settings: GlandSettings;
  readonly #find = createHoleFinder();
  readonly #trace = createTracer();
  readonly #runs = new RunComponents();
  #frontier = new Numbers();
  #reached = new Numbers();
  #bytes = new Uint8Array(0); // owner, rim, lumina, one behind the other

  constructor(settings: GlandSettings) {
    this.#settings = settings;
  }

  /** An empty crop, lent until the next one. */
  crop(width: number, height: number): Crop {
    const stride = width + 2;
    const size = stride * (height + 2);
    if (3 * size > this.#bytes.length || this.#bytes.length > 3 * KEPT_PX) this.#bytes = new Uint8Array(3 * size);
    else this.#bytes.fill(0, 0, 3 * size);
    const plane = (k: number): Uint8Array => this.#bytes.subarray(k * size, (k + 1) * size);
    return { width, height, stride, origin: stride + 1, owner: plane(0), rim: plane(1), lumina: plane(2) };
  }

  /** @returns nothing where the gland is smaller than allowed. The crop is used up. */
  outline(crop: Crop, seeds: OwnSeeds): Outlined | undefined {
    const { um, glands } = this.#settings;
    const grown = this.#grow(crop, seeds);
    const { box } = grown;
    this.#fillOwnHoles(crop, box);
    const { pixels, sumX, sumY, first } = sumsIn(crop, box);
    if (pixels * um ** 2 < glands.minAreaUm2) return undefined;
    const ring = this.#trace(crop.owner, crop.stride, OWN, first, crop.origin, TOLERANCE_PX).slice();
    const probability = grown.sum / grown.pixels / 255; // holes aside
    const gland = { pixels, probability, x: sumX / pixels + 0.5, y: sumY / pixels + 0.5, ring };
    return { gland, lumina: this.#luminaOf(crop, box) };
  }

  /** Breadth first from all seeds at once, in raster order; neighbours up, left, right, down; first to arrive owns. */
  #grow({ owner, rim, stride, origin }: Crop, seeds: OwnSeeds): OwnSeeds {
    const least = Math.max(1, this.#settings.glands.foreground);
    const isFree = (i: number): boolean => owner[i] === NONE && (rim[i] ?? 0) >= least;
    let [frontier, reached] = [this.#frontier, this.#reached];
    const ways = Int32Array.of(-stride, -1, 1, stride);
    frontier.length = 0;
    for (let i = origin, end = owner.length - stride; i < end; i++) {
      if (owner[i] !== NONE && (isFree(i - stride) || isFree(i - 1) || isFree(i + 1) || isFree(i + stride)))
        frontier.push(i);
    }
    let { pixels, sum } = seeds;
    let steps = 0;
    for (const most = growSteps(this.#settings); steps < most && frontier.length > 0; steps++) {
      reached.length = 0;
      const { at, length } = frontier;
      for (let k = 0; k < length; k++) {
        const from = at[k] ?? 0;
        const by = owner[from] ?? NONE;
        for (let way = 0; way < 4; way++) {
          const to = from + (ways[way] ?? 0);
          if (!isFree(to)) continue;
          owner[to] = by;
          reached.push(to);
          if (by !== OWN) continue;
          pixels++;
          sum += rim[to] ?? 0;
        }
      }
      [frontier, reached] = [reached, frontier];
    }
    const { x0, y0, x1, y1 } = seeds.box;
    return { pixels, sum, box: { x0: x0 - steps, y0: y0 - steps, x1: x1 + steps, y1: y1 + steps } };
  }

  /** What the gland encloses becomes its own, save other glands and what they enclose in turn. */
  #fillOwnHoles({ owner, stride, origin }: Crop, box: PixelBox): void {
    const holes = this.#find(owner, origin, stride, box, OWN);
    if (holesHold(holes, owner, OTHERS)) {
      const nested = new Uint8Array(owner.length); // other glands that lie within this one
      forEachPixel(holes, (i) => {
        nested[i] = Number(owner[i] === OTHERS);
      });
      const free = { from: holes.from.copy(), to: holes.to.copy() };
      forEachPixel(this.#find(nested, origin, stride, box, 1), (i) => {
        nested[i] = 1;
      });
      forEachPixel(free, (i) => {
        if (owner[i] === NONE && nested[i] !== 1) owner[i] = OWN;
      });
      return;
    }
    for (let r = 0; r < holes.from.length; r++) owner.fill(OWN, holes.from.at[r] ?? 0, holes.to.at[r] ?? 0);
  }

  /** Components of the foreground of lumina within the gland, their holes filled. `crop.lumina` is used up. */
  #luminaOf(crop: Crop, box: PixelBox): Shape[] {
    const { owner, lumina: values, stride, origin } = crop;
    const { um, lumina: settings } = this.#settings;
    if (!settings) return [];
    const runs = this.#runs;
    runs.clear();
    const isIn = (i: number): boolean => owner[i] === OWN && values[i] !== 0;
    for (let y = box.y0; y <= box.y1; y++) {
      runs.rowStart.push(runs.length);
      const start = origin + y * stride + box.x0;
      for (let i = start, end = start + box.x1 - box.x0 + 1; i < end; i++) {
        if (!isIn(i)) continue;
        runs.from.push(i);
        while (i < end && isIn(i)) i++;
        runs.to.push(i);
      }
    }
    runs.rowStart.push(runs.length);
    runs.join(stride);
    const found = lumenSums(runs, values, stride, origin, (pixels) => pixels * um ** 2 >= settings.minAreaUm2);
    for (let r = 0; r < runs.length; r++) {
      const isKept = found.has(runs.number.at[r] ?? 0);
      owner.fill(isKept ? TAKEN : OWN, runs.from.at[r] ?? 0, runs.to.at[r] ?? 0);
    }
    return Array.from(found, ([number, sums]) => this.#lumenOf(crop, number, sums));
  }

  #lumenOf({ owner, lumina: values, stride, origin }: Crop, number: number, sums: LumenSums): Shape {
    const { box, firstRun } = sums;
    let { sum, pixels: counted } = sums;
    const runs = this.#runs;
    const w = box.x1 - box.x0 + 3;
    const picture = new Uint8Array(w * (box.y1 - box.y0 + 3)); // of this one alone, with a border
    let [pixels, sumX, sumY] = [0, 0, 0];
    /** Pixels of one row become the lumen's: `x` and `y` in the crop. */
    const take = (x: number, y: number, count: number): void => {
      const at = (y - box.y0 + 1) * w + x - box.x0 + 1;
      picture.fill(1, at, at + count);
      pixels += count;
      sumX += (count * (2 * x + count - 1)) / 2;
      sumY += count * y;
    };
    const below = origin + (box.y1 + 1) * stride;
    let first = -1;
    for (let r = firstRun; r < runs.length; r++) {
      const from = runs.from.at[r] ?? 0;
      if (from >= below) break;
      if (runs.number.at[r] !== number) continue;
      const y = Math.floor((from - origin) / stride);
      const x = from - origin - y * stride;
      if (first < 0) first = w + 1 + x - box.x0;
      take(x, y, (runs.to.at[r] ?? 0) - from);
    }
    const inBox = { x0: 0, y0: 0, x1: w - 3, y1: box.y1 - box.y0 };
    forEachPixel(this.#find(picture, w + 1, w, inBox, 1), (at) => {
      const [x, y] = [(at % w) - 1 + box.x0, Math.floor(at / w) - 1 + box.y0];
      const i = origin + y * stride + x;
      if (owner[i] === TAKEN) return; // another lumen lies within this one
      if (owner[i] === OWN && values[i] !== 0) {
        sum += values[i] ?? 0; // one that was too small
        counted++;
      }
      owner[i] = TAKEN;
      take(x, y, 1);
    });
    const ring = this.#trace(picture, w, 1, first, w + 1, TOLERANCE_PX).slice();
    for (let k = 0; k < ring.length; k += 2) {
      ring[k] = (ring[k] ?? 0) + box.x0;
      ring[k + 1] = (ring[k + 1] ?? 0) + box.y0;
    }
    return { pixels, probability: sum / counted / 255, x: sumX / pixels + 0.5, y: sumY / pixels + 0.5, ring };
  }
}

function holesHold({ from, to }: FoundRuns, owner: Uint8Array, whose: number): boolean {
  for (let r = 0; r < from.length; r++) {
    const end = to.at[r] ?? 0;
    for (let i = from.at[r] ?? 0; i < end; i++) if (owner[i] === whose) return true;
  }
  return false;
}

function forEachPixel({ from, to }: FoundRuns, does: (i: number) => void): void {
  for (let r = 0; r < from.length; r++) {
    const end = to.at[r] ?? 0;
    for (let i = from.at[r] ?? 0; i < end; i++) does(i);
  }
}

const TAKEN = 3; // in `owner`, once the gland is done: a lumen's

interface LumenSums {
  pixels: number;
  sum: number;
  box: PixelBox;
  firstRun: number;
}

/** By number, in that order: those whose pixels are enough. */
function lumenSums(
  runs: RunComponents,
  values: Uint8Array,
  stride: number,
  origin: number,
  isEnough: (pixels: number) => boolean,
): Map<number, LumenSums> {
  const found = new Map<number, LumenSums>();
  for (let number = 1; number <= runs.count; number++) {
    const pixels = runs.area.at[number] ?? 0;
    const box = { x0: Infinity, y0: -1, x1: -1, y1: -1 };
    if (isEnough(pixels)) found.set(number, { pixels, sum: 0, box, firstRun: -1 });
  }
  for (let r = 0; r < runs.length; r++) {
    const lumen = found.get(runs.number.at[r] ?? 0);
    if (!lumen) continue;
    const [from, to] = [runs.from.at[r] ?? 0, runs.to.at[r] ?? 0];
    const y = Math.floor((from - origin) / stride);
    const x = from - origin - y * stride;
    for (let i = from; i < to; i++) lumen.sum += values[i] ?? 0;
    if (lumen.firstRun < 0) lumen.firstRun = r;
    const { x0, y0, x1 } = lumen.box;
    lumen.box = { x0: Math.min(x0, x), y0: y0 < 0 ? y : y0, x1: Math.max(x1, x + to - from - 1), y1: y };
  }
  return found;
}

/** Of the gland's pixels. */
function sumsIn(
  { owner, stride, origin }: Crop,
  box: PixelBox,
): { pixels: number; sumX: number; sumY: number; first: number } {
  let [pixels, sumX, sumY, first] = [0, 0, 0, -1];
  for (let y = box.y0; y <= box.y1; y++) {
    let i = origin + y * stride + box.x0;
    for (let x = box.x0; x <= box.x1; x++, i++) {
      if (owner[i] !== OWN) continue;
      if (first < 0) first = i;
      pixels++;
      sumX += x;
      sumY += y;
    }
  }
  return { pixels, sumX, sumY, first };
}

// Which source pixels make a resampled pixel, and with which weights, along one axis. Both twins of compose read this
// table, so that they cannot differ by more than rounding.

/** Output i is the sum over k < count of weights[i × count + k] × source pixel sources[i × count + k]; the weights sum to 1. */
export interface Taps {
  readonly count: number;
  readonly sources: Int32Array<ArrayBuffer>; //    [size × count] source px, may lie outside the source; any where the weight is 0
  readonly weights: Float32Array<ArrayBuffer>; //  [size × count]
}

/** In place of a source pixel: white, whatever the picture holds. */
export const WHITE = -1;

/** Where a source ends and how far its mirror image goes on from there, source px. */
export interface Edges {
  readonly from: number;
  readonly to: number;
  readonly reach: number;
}

/** Taps on the source pixels from `start` up to but without `start + length`: `sources` count from `start`, or are WHITE. */
export interface PlacedTaps {
  readonly start: number;
  readonly length: number; // at least 1
  readonly taps: Taps;
}

/**
 * Exact box weights where the picture shrinks (scale ≥ 1), bilinear ones at the pixel's centre where it is enlarged.
 * @param origin source px of the first output pixel's near edge; may be fractional
 * @param scale  source px an output px
 * @param size   output px
 */
export function resampleTaps(origin: number, scale: number, size: number): Taps {
  return scale >= 1 ? boxTaps(origin, scale, size) : bilinearTaps(origin, scale, size);
}

function boxTaps(origin: number, scale: number, size: number): Taps {
  let count = 1;
  for (let i = 0; i < size; i++) {
    const near = origin + i * scale;
    count = Math.max(count, Math.ceil(near + scale) - Math.floor(near));
  }
  const sources = new Int32Array(size * count);
  const weights = new Float32Array(size * count);
  for (let i = 0; i < size; i++) {
    const near = origin + i * scale;
    const first = Math.floor(near);
    for (let k = 0; k < count; k++) {
      const covered = Math.min(near + scale, first + k + 1) - Math.max(near, first + k);
      sources[i * count + k] = first + k;
      weights[i * count + k] = Math.max(0, covered) / scale;
    }
  }
  return { count, sources, weights };
}

function bilinearTaps(origin: number, scale: number, size: number): Taps {
  const sources = new Int32Array(size * 2);
  const weights = new Float32Array(size * 2);
  for (let i = 0; i < size; i++) {
    const centre = origin + (i + 0.5) * scale - 0.5; // in units where a source pixel's centre is a whole number
    const first = Math.floor(centre);
    sources.set([first, first + 1], i * 2);
    weights.set([1 - (centre - first), centre - first], i * 2);
  }
  return { count: 2, sources, weights };
}

/** The taps on as few source pixels as they need. With `edges`, what lies beyond them is read from their mirror image. */
export function placedTaps({ count, sources, weights }: Taps, edges?: Edges): PlacedTaps {
  const seen = edges ? sources.map((at) => mirrored(at, edges)) : sources;
  let [start, last] = [Infinity, -Infinity];
  for (const [i, at] of seen.entries()) {
    if (weights[i] === 0 || at === NOWHERE) continue;
    start = Math.min(start, at);
    last = Math.max(last, at);
  }
  if (start > last) [start, last] = [0, 0]; // nothing but white
  return {
    start,
    length: last - start + 1,
    taps: { count, weights, sources: seen.map((at) => (at < start || at > last ? WHITE : at - start)) },
  };
}

/** The last output pixel first: each is made of the same source pixels, in the same order. */
export function reversed({ count, sources, weights }: Taps): Taps {
  const out = { count, sources: new Int32Array(sources.length), weights: new Float32Array(weights.length) };
  for (let from = 0, to = sources.length - count; to >= 0; from += count, to -= count) {
    out.sources.set(sources.subarray(from, from + count), to);
    out.weights.set(weights.subarray(from, from + count), to);
  }
  return out;
}

const NOWHERE = -(2 ** 31);

/** Mirrored once, half a pixel beside the edge: the first pixel beyond it repeats the last one within. */
function mirrored(at: number, { from, to, reach }: Edges): number {
  const within = at < from ? 2 * from - 1 - at : at >= to ? 2 * to - 1 - at : at;
  return Math.max(from - at, at - to + 1) > reach || within < from || within >= to ? NOWHERE : within;
}

// Which source pixels make a resampled pixel, and with which weights, along one axis. Both twins of compose read this
// table, so that they cannot differ by more than rounding.

/** Output i is the sum over k < count of weights[i × count + k] × source[first[i] + k]; weights of an output sum to 1. */
export interface Taps {
  readonly count: number;
  readonly first: Int32Array<ArrayBuffer>; //      [size] source pixel, may lie outside the source
  readonly weights: Float32Array<ArrayBuffer>; //  [size × count]
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
  const firsts = new Int32Array(size);
  let count = 1;
  for (let i = 0; i < size; i++) {
    const near = origin + i * scale;
    const first = Math.floor(near);
    firsts[i] = first;
    count = Math.max(count, Math.ceil(near + scale) - first);
  }
  const weights = new Float32Array(size * count);
  for (let i = 0; i < size; i++) {
    const near = origin + i * scale;
    const first = Math.floor(near);
    for (let k = 0; k < count; k++) {
      const covered = Math.min(near + scale, first + k + 1) - Math.max(near, first + k);
      weights[i * count + k] = Math.max(0, covered) / scale;
    }
  }
  return { count, first: firsts, weights };
}

function bilinearTaps(origin: number, scale: number, size: number): Taps {
  const firsts = new Int32Array(size);
  const weights = new Float32Array(size * 2);
  for (let i = 0; i < size; i++) {
    const centre = origin + (i + 0.5) * scale - 0.5; // in units where a source pixel's centre is a whole number
    const first = Math.floor(centre);
    firsts[i] = first;
    weights[i * 2] = 1 - (centre - first);
    weights[i * 2 + 1] = centre - first;
  }
  return { count: 2, first: firsts, weights };
}

/** Source pixels that the taps touch: from the first, up to but without the second. */
export function reachOf({ first, count }: Taps): readonly [number, number] {
  const start = first[0] ?? 0;
  const last = first[first.length - 1] ?? 0;
  return [start, last + count];
}

// Which way the two stains of this very slide point.
import { EosinError } from '#errors/failure.ts';
import { type Density, type StainVectors, unit } from './vectors.ts';

const BETA = 0.15; //  optical density below which a pixel is glass: the paper's
const ALPHA = 1; //    per cent of the angles that may be noise on either side: the paper's
const LEAST_PIXELS = 100;

/**
 * Estimates the two stain directions of an H&E region (Macenko et al., ISBI 2009, doi:10.1109/ISBI.2009.5193250): the plane
 * of the two largest principal directions of optical density, and the first and last percentile of the angles in it.
 * @param od optical density, base 10, row-major [n × 3] as R, G, B; borrowed, not modified
 * @param beta pixels with any channel below this are glass
 * @throws EosinError TooLittleTissue when fewer than 100 pixels remain
 */
export function estimateStains(od: Float32Array, beta = BETA): StainVectors {
  const kept: number[] = [];
  for (let k = 0; k + 2 < od.length; k += 3) {
    if ((od[k] ?? 0) >= beta && (od[k + 1] ?? 0) >= beta && (od[k + 2] ?? 0) >= beta) kept.push(k);
  }
  if (kept.length < LEAST_PIXELS) throw new EosinError({ tag: 'TooLittleTissue', pixels: kept.length });
  const [first, second] = plane(covariance(od, kept));
  const angles = Float64Array.from(kept, (k) => Math.atan2(along(od, k, second), along(od, k, first))).sort();
  const at = (angle: number): Density => positive(unit(mixed(first, Math.cos(angle), second, Math.sin(angle))));
  const [a, b] = [at(percentile(angles, ALPHA)), at(percentile(angles, 100 - ALPHA))];
  return a[0] > b[0] ? { haematoxylin: a, eosin: b } : { haematoxylin: b, eosin: a }; // haematoxylin takes more red
}

const along = (od: Float32Array, k: number, [r, g, b]: Density): number =>
  (od[k] ?? 0) * r + (od[k + 1] ?? 0) * g + (od[k + 2] ?? 0) * b;

const mixed = (a: Density, s: number, b: Density, t: number): Density => [
  s * a[0] + t * b[0],
  s * a[1] + t * b[1],
  s * a[2] + t * b[2],
];

/** A dye takes light in every channel, or none: a slightly negative part is noise. */
const positive = ([r, g, b]: Density): Density => unit([Math.max(0, r), Math.max(0, g), Math.max(0, b)]);

/** Row-major [3 × 3], around the mean. */
function covariance(od: Float32Array, kept: readonly number[]): number[] {
  const mean = [0, 1, 2].map((c) => kept.reduce((sum, k) => sum + (od[k + c] ?? 0), 0) / kept.length);
  const sums = new Array<number>(9).fill(0);
  for (const k of kept) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const product = ((od[k + i] ?? 0) - (mean[i] ?? 0)) * ((od[k + j] ?? 0) - (mean[j] ?? 0));
        sums[3 * i + j] = (sums[3 * i + j] ?? 0) + product;
      }
    }
  }
  return sums.map((sum) => sum / (kept.length - 1));
}

/** The directions of the two largest variances, the largest first, each towards more density in sum. */
function plane(symmetric: readonly number[]): [Density, Density] {
  const [values, vectors] = eigen(symmetric);
  const order = [0, 1, 2].sort((i, j) => (values[j] ?? 0) - (values[i] ?? 0));
  const direction = (rank: number): Density => {
    const i = order[rank] ?? 0;
    const [x = 0, y = 0, z = 0] = [vectors[i], vectors[3 + i], vectors[6 + i]];
    return x + y + z < 0 ? [-x, -y, -z] : [x, y, z];
  };
  return [direction(0), direction(1)];
}

const SWEEPS = 30;

/** Jacobi's rotations of a symmetric 3 × 3 matrix: eigenvalues, and eigenvectors as columns, row-major. */
function eigen(symmetric: readonly number[]): [number[], number[]] {
  const a = [...symmetric];
  const v = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const of = (m: readonly number[], i: number, j: number): number => m[3 * i + j] ?? 0;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (of(a, p, q) === 0) continue;
      const theta = (of(a, q, q) - of(a, p, p)) / (2 * of(a, p, q));
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const [x, y] = [of(a, k, p), of(a, k, q)];
        a[3 * k + p] = c * x - s * y;
        a[3 * k + q] = s * x + c * y;
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [of(a, p, k), of(a, q, k)];
        a[3 * p + k] = c * x - s * y;
        a[3 * q + k] = s * x + c * y;
        const [vx, vy] = [of(v, k, p), of(v, k, q)];
        v[3 * k + p] = c * vx - s * vy;
        v[3 * k + q] = s * vx + c * vy;
      }
    }
  }
  return [[of(a, 0, 0), of(a, 1, 1), of(a, 2, 2)], v];
}

/** Of sorted values, by linear interpolation. */
function percentile(sorted: Float64Array, percent: number): number {
  const at = (percent / 100) * (sorted.length - 1);
  const low = Math.floor(at);
  const [a = 0, b = 0] = [sorted[low], sorted[Math.min(sorted.length - 1, low + 1)]];
  return a + (at - low) * (b - a);
}

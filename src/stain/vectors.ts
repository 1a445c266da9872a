// The two stains of an H&E slide as directions of optical density, and how much of each a pixel holds.

/** Optical density in red, green and blue; length 1 where it is a direction. */
export type Density = readonly [red: number, green: number, blue: number];

export interface StainVectors {
  readonly haematoxylin: Density;
  readonly eosin: Density;
}

/** Ruifrok and Johnston (Anal Quant Cytol Histol 2001; 23: 291–299), haematoxylin and eosin. The default. */
export const RUIFROK_JOHNSTON: StainVectors = {
  haematoxylin: unit([0.65, 0.704, 0.286]),
  eosin: unit([0.072, 0.99, 0.105]),
};

export function unit([red, green, blue]: Density): Density {
  const length = Math.hypot(red, green, blue);
  return [red / length, green / length, blue / length];
}

/** From 0 (the same) to 90 degrees. Both of length 1. */
export const angleBetween = (a: Density, b: Density): number =>
  (Math.acos(Math.min(1, Math.abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]))) * 180) / Math.PI;

const LEAST_ANGLE = 3; // degrees: closer directions cannot be told apart in 8-bit pixels

/** Whether they can be told apart. Undefined: they can be used; else what is wrong with them. */
export function whatIsWrong({ haematoxylin, eosin }: StainVectors): string | undefined {
  const all = [...haematoxylin, ...eosin];
  if (!all.every(Number.isFinite)) return 'a vector has a part that is no number';
  if (all.some((part) => part < 0)) return 'a vector has a negative part';
  if (Math.hypot(...haematoxylin) === 0 || Math.hypot(...eosin) === 0) return 'a vector has no length';
  const angle = angleBetween(unit(haematoxylin), unit(eosin));
  return angle < LEAST_ANGLE ? `both vectors point the same way, within ${angle.toFixed(1)}°` : undefined;
}

/**
 * Rows that give the amounts of haematoxylin and eosin from a pixel's optical density: colour deconvolution (Ruifrok and
 * Johnston 2001), the third direction being at right angles to both, so that what neither stain explains counts for none.
 * @returns [2 × 3]
 */
export function unmixing(vectors: StainVectors): Float64Array<ArrayBuffer> {
  const [h, e] = [unit(vectors.haematoxylin), unit(vectors.eosin)];
  // The rows of the inverse of [h e r], r = h × e, for h and e are those of the pseudo-inverse of [h e].
  const he = h[0] * e[0] + h[1] * e[1] + h[2] * e[2];
  const determinant = 1 - he * he;
  const rows = new Float64Array(6);
  for (let c = 0; c < 3; c++) {
    rows[c] = ((h[c] ?? 0) - he * (e[c] ?? 0)) / determinant;
    rows[3 + c] = ((e[c] ?? 0) - he * (h[c] ?? 0)) / determinant;
  }
  return rows;
}

// Light through stained tissue: transmittance = 10^(-amount × density vector), one factor a stain, multiplied.

/** Optical density of one unit of a stain in red, green and blue; green is 1 by convention. */
export interface Stain {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** Ruifrok and Johnston's haematoxylin and eosin (2001), scaled so that green is 1; red cells as scanners show them. */
export const HAEMATOXYLIN: Stain = { red: 0.93, green: 1, blue: 0.41 };
export const EOSIN: Stain = { red: 0.11, green: 1, blue: 0.36 };
export const RED_CELLS: Stain = { red: 0.07, green: 1, blue: 0.78 };

/** Transmittance in green of an amount of stain (optical density, base 10). */
export const transmittanceOf = (density: number): number => 10 ** -density;

/** Optical density, base 10, of an 8-bit value against white; values below 1 count as 1. */
export const densityOf = (value: number, white = 255): number => -Math.log10(Math.max(1, value) / white);

const STEPS = 1024;

/** For each channel, what a transmittance in green (0 to 1, in `steps` steps) is in that channel: T^(vector / green). */
export interface StainTable {
  readonly steps: number;
  readonly red: Float32Array<ArrayBuffer>;
  readonly green: Float32Array<ArrayBuffer>;
  readonly blue: Float32Array<ArrayBuffer>;
}

export function tableOf(stain: Stain): StainTable {
  const channel = (power: number): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: STEPS + 1 }, (_, i) => Math.max(i, 0.5) ** power / STEPS ** power);
  return {
    steps: STEPS,
    red: channel(stain.red / stain.green),
    green: channel(1),
    blue: channel(stain.blue / stain.green),
  };
}

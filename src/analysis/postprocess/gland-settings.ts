import type { GlandsPostprocess, LuminaPostprocess } from '#inference/manifest.ts';

export interface GlandSettings {
  readonly um: number; //                          a mosaic px
  readonly glands: GlandsPostprocess;
  readonly lumina: LuminaPostprocess | undefined;
}

/** How far a gland grows from its seeds, mosaic px. */
export const growSteps = ({ um, glands }: GlandSettings): number => Math.round(glands.growUm / um);

/** Is a component of seeds of so many pixels a gland's, not a crumb? */
export const isLargeSeed = ({ um, glands }: GlandSettings, pixels: number): boolean =>
  pixels * um ** 2 >= glands.minSeedUm2;

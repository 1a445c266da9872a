// What the phantom's worker offers: types only, the one file both threads import.
import type { Raster, TileAt } from '#slide/slide.ts';

export type PhantomCalls = {
  /** The tile of slide `seed`; moved to the caller. */
  paint: { in: { seed: number; at: TileAt }; out: Raster };
};

// Pictures that are decoded together: of use together alone.
import { release } from './raster.ts';
import type { Raster } from './slide.ts';

/** All of them, or none: what came of the others is released where one fails. @throws what the first of those says */
export async function allOrNone(decoding: readonly Promise<Raster>[]): Promise<Raster[]> {
  const settled = await Promise.allSettled(decoding);
  const rasters = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.find((each) => each.status === 'rejected');
  if (!failed) return rasters;
  for (const raster of rasters) release(raster);
  throw failed.reason;
}

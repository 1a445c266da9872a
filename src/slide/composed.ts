// Tiles put together out of others: where a maker's tiles overlap, or lie anywhere on the slide.
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { allOrNone } from './all-or-none.ts';
import type { ReadableLevel } from './layered-slide.ts';
import { blankPixels, isPixels, release } from './raster.ts';
import type { Pixels, Raster, TileWaits } from './slide.ts';
import { type Grid, tileRect } from './tile-reader.ts';

/** A picture that covers a part of a level, in that level's whole pixels. */
export interface Placed extends Rect {
  /** At least as large as the part. The part is its top left corner. */
  read(waits: TileWaits): Promise<Raster>;
}

/**
 * @param under the pictures that reach into a rectangle; where they overlap, the later one is seen
 */
export function composedLevel(grid: Grid, under: (area: Rect) => readonly Placed[]): ReadableLevel {
  return {
    grid,
    async read(at, waits) {
      const area = tileRect(grid, at);
      const parts = under(area);
      const rasters = await allOrNone(parts.map((part) => part.read(waits)));
      try {
        waits.signal.throwIfAborted();
        const pieces = parts.flatMap((part, i) => {
          const raster = rasters[i];
          return raster ? [{ raster, ...shared(part, area) }] : [];
        });
        return composed(area.width, area.height, pieces);
      } finally {
        for (const raster of rasters) release(raster);
      }
    },
  };
}

/** Which part of the picture lies in the area, and where there. */
function shared(part: Rect, area: Rect) {
  const left = Math.max(part.x, area.x);
  const top = Math.max(part.y, area.y);
  return {
    fromX: left - part.x,
    fromY: top - part.y,
    toX: left - area.x,
    toY: top - area.y,
    width: Math.min(part.x + part.width, area.x + area.width) - left,
    height: Math.min(part.y + part.height, area.y + area.height) - top,
  };
}

export type Piece = { readonly raster: Raster } & ReturnType<typeof shared>;

/** Borrows the rasters. White where none lies; where they overlap, the later one is seen. */
export function composed(width: number, height: number, pieces: readonly Piece[]): Raster {
  const plain = pieces.flatMap(({ raster, ...place }) => (isPixels(raster) ? [{ raster, ...place }] : []));
  if (plain.length === pieces.length) return composedPixels(width, height, plain);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context)
    throw new EosinError({ tag: 'Unexpected', reason: 'The browser gave no canvas to put tiles together.' });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  for (const { raster, fromX, fromY, toX, toY, width: w, height: h } of pieces) {
    if (isPixels(raster))
      context.putImageData(new ImageData(raster.rgba, raster.width), toX - fromX, toY - fromY, fromX, fromY, w, h);
    else context.drawImage(raster, fromX, fromY, w, h, toX, toY, w, h);
  }
  return canvas.transferToImageBitmap();
}

function composedPixels(
  width: number,
  height: number,
  pieces: readonly (Omit<Piece, 'raster'> & { readonly raster: Pixels })[],
): Pixels {
  const out = blankPixels(width, height);
  for (const { raster, fromX, fromY, toX, toY, width: w, height: h } of pieces) {
    for (let row = 0; row < h; row++) {
      const from = ((fromY + row) * raster.width + fromX) * 4;
      out.rgba.set(raster.rgba.subarray(from, from + w * 4), ((toY + row) * width + toX) * 4);
    }
  }
  return out;
}

// Levels whose tiles are pictures of their own, in files beside the slide's description.
import type { Rect } from '#units/rect.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import type { Folder } from '../folder.ts';
import type { ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import type { Raster, TileAt, TileWaits } from '../slide.ts';
import { type Grid, inside, marked, orForgotten, tileRect } from '../tile-reader.ts';
import type { Sample } from '../told-by-picture.ts';
import { typeOfImage } from './picture.ts';

const MOST_TILE = 64 * 1024 * 1024; // bytes

export interface TileFile {
  readonly path: string; // from the description
  readonly before: { readonly x: number; readonly y: number }; // px that its neighbours show
}

/** The first tile of the smallest level, by which the slide is told from others. */
export const sampleOf = (path: string, beside: Folder): Sample => ({
  key: path,
  read: (waits) => beside.read(path, MOST_TILE, waits),
});

/** @param most px of a side of a picture */
export function levelOfFiles(
  grid: Grid,
  most: number,
  fileOf: (at: TileAt) => TileFile,
  beside: Folder,
  { source, tiles, decoders }: Reading,
): ReadableLevel {
  return {
    grid,
    read: (at, during) => {
      const { width, height } = tileRect(grid, at);
      return marked(at, during, async (waits) => {
        const { path, before } = fileOf(at);
        const key = `${source.identity}/${path}`;
        const stored = await tiles.get(
          key,
          async (shared) => {
            const found = await beside.read(path, MOST_TILE, shared);
            if (!found) throw new Error(`${path} is not there`);
            return found;
          },
          waits,
        );
        const decode = async (waits: TileWaits): Promise<Raster> => {
          const type = typeOfImage(stored);
          const raster = await (type === 'image/jpeg'
            ? decodedJpeg(stored, { width: most, height: most }, decoders, waits)
            : decoders.image(stored, type, waits));
          const area: Rect = { ...before, width, height };
          return inside(raster, area);
        };
        return orForgotten(waits, decode, () => tiles.forgetTile(key));
      });
    },
  };
}

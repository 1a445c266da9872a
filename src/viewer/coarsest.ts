// The overview's picture of a slide that is not wholly on screen when it opens.
import type { Waits } from '#channel/waits.ts';
import { columnsOf, levelOf, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import { canvasOf } from './navigator.ts';
import { toBitmap } from './tile-source.ts';

const PICTURE = 640; // px, its longest side
const LARGEST_READ = 2 ** 24; // px of a level

/** The whole coarsest level, small; undefined where it is too large to be read for this alone. Unread tiles stay blank. */
export async function coarsest(slide: Slide, waits: Waits): Promise<HTMLCanvasElement | undefined> {
  const index = slide.levels.length - 1;
  const level = levelOf(slide, index);
  if (level.widthPx * level.heightPx > LARGEST_READ) return undefined;
  const unit = Math.min(1, PICTURE / Math.max(level.widthPx, level.heightPx));
  const picture = canvasOf(level.widthPx * unit, level.heightPx * unit);
  const context = picture.getContext('2d');
  for (let row = 0; row < rowsOf(level); row++) {
    for (let col = 0; col < columnsOf(level); col++) {
      const bitmap = await readOrBlank(slide, { level: index, col, row }, waits);
      if (waits.signal.aborted) return undefined;
      if (!bitmap) continue;
      const [x, y] = [col * level.tileWidth * unit, row * level.tileHeight * unit];
      context?.drawImage(bitmap, x, y, bitmap.width * unit, bitmap.height * unit);
      bitmap.close();
    }
  }
  return picture;
}

/** Undefined where the tile cannot be read: the slide itself tells why. */
async function readOrBlank(slide: Slide, at: TileAt, { signal }: Waits): Promise<ImageBitmap | undefined> {
  const bitmap = await slide.readTile(at, { signal }).then(toBitmap, () => undefined);
  if (!signal.aborted) return bitmap;
  bitmap?.close();
  return undefined;
}

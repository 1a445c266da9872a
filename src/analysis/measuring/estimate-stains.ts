// The slide's own stain directions, from a sample of its tissue.
import type { Waits } from '#channel/waits.ts';
import type { StainVectors } from '#objects/measures/stains.ts';
import { columnsOf, levelFor, levelOf, rowsOf, type Slide } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';
import { type MppXY, meanMpp } from '#units/units.ts';
import { readTiles, type TilePlace } from '../read-tiles.ts';
import type { MeasureWork } from './measure-work.ts';

const SAMPLE_UM = 1; //     a pixel: coarse enough to read a lot of tissue, fine enough to tell nuclei
const TILES = 48;
const PIXELS = 400_000; // of the sample

/**
 * Over tiles that lie evenly among those with tissue.
 * @param isTissue of a rectangle in level-0 px @throws EosinError TooLittleTissue; what readTile throws
 */
export async function estimateSlideStains(
  asked: {
    readonly slide: Slide;
    readonly mpp: MppXY | undefined;
    readonly isTissue: (rect: Rect) => boolean;
    readonly work: Pick<MeasureWork, 'estimate'>;
  },
  waits: Waits,
): Promise<StainVectors> {
  const { slide, mpp, isTissue, work } = asked;
  const index = mpp ? levelFor(slide, SAMPLE_UM / meanMpp(mpp)) : 0;
  const [base, level] = [levelOf(slide, 0), levelOf(slide, index)];
  const [pixelX, pixelY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx];
  const [width, height] = [level.tileWidth * pixelX, level.tileHeight * pixelY];
  const places: TilePlace[] = [];
  for (let row = 0; row < rowsOf(level); row++) {
    for (let col = 0; col < columnsOf(level); col++) {
      const [x, y] = [col * level.tileWidth, row * level.tileHeight];
      if (isTissue({ x: x * pixelX, y: y * pixelY, width, height }))
        places.push({ at: { level: index, col, row }, x, y });
    }
  }
  const every = Math.max(1, places.length / TILES);
  const chosen = Array.from({ length: Math.min(TILES, places.length) }, (_, k) => places[Math.floor(k * every)]);
  const tiles = await readTiles(
    slide,
    chosen.flatMap((place) => (place ? [place] : [])),
    waits,
  );
  const pixels = tiles.reduce((sum, { image }) => sum + image.width * image.height, 0);
  const step = Math.max(1, Math.ceil(Math.sqrt(pixels / PIXELS)));
  return work.estimate({ images: tiles.map(({ image }) => image), step }, waits);
}

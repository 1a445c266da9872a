// Finds the tissue on a slide, so that empty glass is not computed, and finds it anew when the user changes how.
import type { Waits } from '#channel/waits.ts';
import { release } from '#slide/raster.ts';
import { levelFor, levelOf, type Slide } from '#slide/slide.ts';
import { meanMpp } from '#units/units.ts';
import { type PlacedTile, readTiles, tilesUnder } from '../read-tiles.ts';
import type { Cells } from './colours.ts';
import { automaticTissue, type TissueEdits } from './edits.ts';
import type { TissueMask } from './mask.ts';
import type { FoundTissue } from './rules.ts';
import { openTissueWork, type TissueWork } from './work.ts';

const SIDE = 1024; //            cells along the longer side, at most
const CELL_UM = 8; //            cells are no finer, so that the outline is a calm line
const LEAST_SIDE = 64; //        but a small picture has that many along its longer side
const STRIP_PX = 2 ** 24; //     pixels of the level read at once: 64 MiB
const TILES_AT_ONCE = 8;

/** The slide's cells are read; only their colours are kept. */
export interface TissueFinder extends Disposable {
  /** Without reading the slide again. @throws EosinError TooLittleTissue; WorkerDied */
  find(edits: TissueEdits, waits: Waits): Promise<FoundTissue>;
}

/**
 * Reads a low level once. The pixels are looked at where `open` says: in a worker of its own, or on this thread.
 * @throws what readTile throws
 */
export async function openTissue(
  slide: Slide,
  waits: Waits,
  open: () => TissueWork = openTissueWork,
): Promise<TissueFinder> {
  waits.signal.throwIfAborted();
  const { widthPx, heightPx } = levelOf(slide, 0);
  const longer = Math.max(widthPx, heightPx);
  const wanted = slide.mpp ? CELL_UM / meanMpp(slide.mpp) : longer / 256;
  const cellPx = Math.max(1, longer / SIDE, Math.min(wanted, longer / LEAST_SIDE));
  const cols = Math.ceil(widthPx / cellPx - 1e-6);
  const rows = Math.ceil(heightPx / cellPx - 1e-6);
  const work = open();
  try {
    const cellUm = slide.mpp && cellPx * meanMpp(slide.mpp);
    await work.begin({ cellPx, cellUm, cols, rows }, { x: 0, y: 0, width: widthPx, height: heightPx }, waits);
    await readCells(slide, { cellPx, cols, rows }, work, waits);
    return work;
  } catch (thrown) {
    work[Symbol.dispose]();
    throw thrown;
  }
}

/** As found automatically, for slides that nobody looks at. @throws as openTissue and find */
export async function findTissue(
  slide: Slide,
  waits: Waits,
  open: () => TissueWork = openTissueWork,
): Promise<TissueMask> {
  using finder = await openTissue(slide, waits, open);
  return (await finder.find(automaticTissue, waits)).mask;
}

/** Strip by strip. */
async function readCells(
  slide: Slide,
  { cellPx, cols, rows }: Omit<Cells, 'cellUm'>,
  work: TissueWork,
  waits: Waits,
): Promise<void> {
  const index = levelFor(slide, cellPx);
  const [base, level] = [levelOf(slide, 0), levelOf(slide, index)];
  const [ratioX, ratioY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx]; // level-0 px a level px
  const stripRows = Math.max(1, Math.floor(STRIP_PX / (level.widthPx * (cellPx / ratioY))));
  for (let row = 0; row < rows; row += stripRows) {
    const height = Math.min(stripRows, rows - row) * cellPx;
    const strip = { x: 0, y: row * cellPx, width: cols * cellPx, height };
    const window = { x: 0, y: strip.y / ratioY, width: strip.width / ratioX, height: height / ratioY };
    const places = tilesUnder(slide, index, window, 4); // rounding, where a level is copied as it is
    const tiles: PlacedTile[] = [];
    try {
      for (let k = 0; k < places.length; k += TILES_AT_ONCE) {
        tiles.push(...(await readTiles(slide, places.slice(k, k + TILES_AT_ONCE), waits)));
      }
      await work.strip({ levels: slide.levels, tiles, strip, cellPx }, row, waits);
    } finally {
      for (const { image } of tiles) release(image); // no more than stubs once they moved
    }
  }
}

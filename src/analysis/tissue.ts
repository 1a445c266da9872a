// Finds the tissue on a slide, so that empty glass is not computed.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { release } from '#slide/raster.ts';
import { levelFor, levelOf, type Slide } from '#slide/slide.ts';
import { meanMpp } from '#units/units.ts';
import { openPostprocess } from './open-postprocess.ts';
import { labelComponents } from './postprocess/components.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import { type PlacedTile, readTiles, tilesUnder } from './read-tiles.ts';
import { type TissueMask, tissueAreaPx } from './tissue-mask.ts';

const SIDE = 1024; //            cells along the longer side, at most
const CELL_UM = 8; //            cells are no finer, so that the outline is a calm line
const LEAST_SIDE = 64; //        but a small picture has that many along its longer side
const STRIP_PX = 2 ** 24; //     pixels of the level read at once: 64 MiB
const TILES_AT_ONCE = 8;
const GLASS = 0.03; //           a chroma below this is glass, whatever Otsu says (of 0 to 1)
const SURE = 0.06; //            above this it is tissue, whatever Otsu says: a slide may be all tissue
const SPECK_CELLS = 12; //       smaller pieces are dust
const HOLE_CELLS = 30; //        smaller gaps are filled: a lumen or a fold is tissue to a reader

/**
 * A cell is tissue where its colour is strong enough: chroma (max - min of R, G, B) against a threshold by Otsu (1979),
 * kept within limits because Otsu always splits. Then smoothed, dust and small gaps taken out, one cell grown.
 * The pixels are looked at where `open` says: in a worker of its own, or on this thread.
 * @throws EosinError TooLittleTissue; what readTile throws
 */
export async function findTissue(
  slide: Slide,
  waits: Waits,
  open: () => Postprocessor = openPostprocess,
): Promise<TissueMask> {
  const { widthPx, heightPx } = levelOf(slide, 0);
  const longer = Math.max(widthPx, heightPx);
  const wanted = slide.mpp ? CELL_UM / meanMpp(slide.mpp) : longer / 256;
  const cellPx = Math.max(1, longer / SIDE, Math.min(wanted, longer / LEAST_SIDE));
  const cols = Math.ceil(widthPx / cellPx - 1e-6);
  const rows = Math.ceil(heightPx / cellPx - 1e-6);
  const chroma = await chromaOfSlide(slide, { cellPx, cols, rows }, waits, open);
  const threshold = Math.min(255 * SURE, Math.max(255 * GLASS, otsu(chroma)));
  const strong = Uint8Array.from(chroma, (value) => Number(value > threshold));
  const mask = grown(withoutGaps(withoutSpecks(smoothed(strong, cols, rows), cols, rows), cols, rows), cols, rows);
  const found: TissueMask = { x0: 0, y0: 0, cellPx, cols, rows, mask };
  const pixels = tissueAreaPx(found, { x: 0, y: 0, width: widthPx, height: heightPx });
  if (pixels === 0) throw new EosinError({ tag: 'TooLittleTissue', pixels });
  return found;
}

type Cells = Pick<TissueMask, 'cellPx' | 'cols' | 'rows'>;

/** [rows × cols], strip by strip. */
async function chromaOfSlide(
  slide: Slide,
  { cellPx, cols, rows }: Cells,
  waits: Waits,
  open: () => Postprocessor,
): Promise<Uint8Array> {
  const index = levelFor(slide, cellPx);
  const [base, level] = [levelOf(slide, 0), levelOf(slide, index)];
  const [ratioX, ratioY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx]; // level-0 px a level px
  const stripRows = Math.max(1, Math.floor(STRIP_PX / (level.widthPx * (cellPx / ratioY))));
  const chroma = new Uint8Array(cols * rows);
  using postprocess = open();
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
      const { levels } = slide;
      chroma.set(await postprocess.chroma({ levels, tiles, strip, cellPx }, waits), row * cols);
    } finally {
      for (const { image } of tiles) release(image); // no more than stubs once they moved
    }
  }
  return chroma;
}

/** The threshold between two classes of 8-bit values whose means lie farthest apart, weighted (Otsu, 1979). */
export function otsu(values: Uint8Array): number {
  const histogram = new Float64Array(256);
  for (const value of values) histogram[value] = (histogram[value] ?? 0) + 1;
  const total = values.length;
  let sum = 0;
  for (let v = 0; v < 256; v++) sum += v * (histogram[v] ?? 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0];
  for (let v = 0; v < 255; v++) {
    below += histogram[v] ?? 0;
    sumBelow += v * (histogram[v] ?? 0);
    if (below === 0 || below === total) continue;
    const apart = sumBelow / below - (sum - sumBelow) / (total - below);
    const between = below * (total - below) * apart * apart;
    if (between > best) [best, threshold] = [between, v];
  }
  return threshold;
}

/** Majority of the 3 × 3 cells around; beyond the edge a cell repeats its nearest. */
function smoothed(mask: Uint8Array, cols: number, rows: number): Uint8Array<ArrayBuffer> {
  return aroundEach(mask, cols, rows, (sum) => sum >= 5);
}

function grown(mask: Uint8Array, cols: number, rows: number): Uint8Array<ArrayBuffer> {
  return aroundEach(mask, cols, rows, (sum) => sum >= 1);
}

function aroundEach(
  mask: Uint8Array,
  cols: number,
  rows: number,
  is: (sum: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask.length);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) {
        const y = Math.min(rows - 1, Math.max(0, row + dy));
        for (let dx = -1; dx <= 1; dx++) sum += mask[y * cols + Math.min(cols - 1, Math.max(0, col + dx))] ?? 0;
      }
      out[row * cols + col] = Number(is(sum));
    }
  }
  return out;
}

function withoutSpecks(mask: Uint8Array<ArrayBuffer>, cols: number, rows: number): Uint8Array<ArrayBuffer> {
  const { labels, areas } = labelComponents(mask, cols, rows);
  const least = Math.min(SPECK_CELLS, Math.max(1, (cols * rows) / 100)); // of a picture that is tiny itself
  return Uint8Array.from(labels, (label) => Number(label > 0 && (areas[label] ?? 0) >= least));
}

function withoutGaps(mask: Uint8Array<ArrayBuffer>, cols: number, rows: number): Uint8Array<ArrayBuffer> {
  const glass = Uint8Array.from(mask, (cell) => 1 - cell);
  const { labels, areas } = labelComponents(glass, cols, rows);
  return Uint8Array.from(labels, (label) => Number(label === 0 || (areas[label] ?? 0) < HOLE_CELLS));
}

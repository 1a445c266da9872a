// From the colours of cells and what the user changed to the tissue, its pen marks and its folds.
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { type CellColours, chromaOf } from './colours.ts';
import type { TissueEdits, TissueStroke } from './edits.ts';
import { foldsOf } from './folds.ts';
import { inkOf } from './ink.ts';
import { type TissueMask, tissueAreaIn, tissueHoles, tissueOutlines } from './mask.ts';
import { type CellMask, grown, smoothed, withoutGaps, withoutSpecks } from './morphology.ts';

const GLASS = 0.03; //           a chroma below this is glass, whatever Otsu says (of 0 to 1)
const SURE = 0.06; //            above this it is tissue, whatever Otsu says: a slide may be all tissue
const SPECK_CELLS = 12; //       smaller pieces are dust
const HOLE_CELLS = 30; //        smaller gaps are filled: a lumen or a fold is tissue to a reader

/** Areas in level-0 px². */
export interface TissueFacts {
  readonly areaPx: number; //      of the tissue that is left
  readonly pieces: number;
  readonly automatic: number; //   threshold that was found, chroma 0 to 255
  readonly leastPx: number; //     smaller pieces were left out
  readonly gapPx: number; //       smaller gaps were filled
  readonly penPx: number; //       of pen marks, left out or kept
  readonly foldsPx: number;
}

/** Rings are x, y pairs, level-0 px, not closed. */
export interface FoundTissue {
  readonly mask: TissueMask;
  readonly facts: TissueFacts;
  readonly outlines: readonly Float64Array<ArrayBuffer>[]; // of its pieces and of the gaps in them
  readonly pen: readonly Float64Array<ArrayBuffer>[];
  readonly folds: readonly Float64Array<ArrayBuffer>[];
}

/** What does not depend on the user's changes, computed once. */
export interface Measured {
  readonly colours: CellColours;
  readonly slide: Rect; // level-0 px
  readonly chroma: Uint8Array;
  readonly ink: CellMask;
  readonly automatic: number;
}

export function measure(colours: CellColours, slide: Rect): Measured {
  const chroma = chromaOf(colours.rgb);
  const ink = inkOf(colours);
  const automatic = Math.min(255 * SURE, Math.max(255 * GLASS, otsu(chroma.filter((_, i) => ink[i] === 0))));
  return { colours, slide, chroma, ink, automatic };
}

/**
 * A cell is tissue where its colour is strong enough: chroma (max - min of R, G, B) against a threshold by Otsu (1979),
 * kept within limits because Otsu always splits, or by the user's. Then smoothed, dust and small gaps taken out, one cell
 * grown; then pen marks and folds left out where that is wanted; then what the brush painted, in its order.
 * @throws EosinError TooLittleTissue
 */
export function tissueOf({ colours, slide, chroma, ink, automatic }: Measured, edits: TissueEdits): FoundTissue {
  const { cellPx, cols, rows } = colours;
  const threshold = edits.threshold ?? automatic;
  const leavesPen = edits.pen === 'leave out';
  const strong = Uint8Array.from(chroma, (value, i) => Number(value > threshold && !(leavesPen && ink[i] === 1)));
  const usual = Math.min(SPECK_CELLS, Math.max(1, (cols * rows) / 100)); // of a picture that is tiny itself
  const least = edits.leastPx === undefined ? usual : edits.leastPx / cellPx ** 2;
  const gap = edits.gapPx === undefined ? HOLE_CELLS : edits.gapPx / cellPx ** 2;
  const whole = withoutGaps(withoutSpecks(smoothed(strong, cols, rows), cols, rows, least), cols, rows, gap);
  const mask = grown(whole, cols, rows);
  if (leavesPen) for (let i = 0; i < mask.length; i++) if (ink[i] === 1) mask[i] = 0;
  const unmarked = mask.map((cell, i) => (ink[i] === 1 ? 0 : cell));
  const folds = foldsOf(colours, unmarked);
  if (edits.folds === 'leave out') for (let i = 0; i < mask.length; i++) if (folds[i] === 1) mask[i] = 0;
  const onCells = (cells: CellMask): TissueMask => ({ x0: 0, y0: 0, cellPx, cols, rows, mask: cells });
  for (const stroke of edits.strokes) paint(onCells(mask), stroke);
  const found = onCells(mask);
  const areaPx = tissueAreaIn(found, slide);
  if (areaPx === 0) throw new EosinError({ tag: 'TooLittleTissue', pixels: 0 });
  const outlines = tissueOutlines(found);
  return {
    mask: found,
    facts: {
      areaPx,
      pieces: outlines.length,
      automatic,
      leastPx: least * cellPx ** 2,
      gapPx: gap * cellPx ** 2,
      penPx: tissueAreaIn(onCells(ink), slide),
      foldsPx: tissueAreaIn(onCells(folds), slide),
    },
    outlines: [...outlines, ...tissueHoles(found)],
    pen: tissueOutlines(onCells(ink)),
    folds: tissueOutlines(onCells(folds)),
  };
}

/** Cells whose centre the brush has passed over. */
function paint({ cellPx, cols, rows, mask }: TissueMask, { does, path, radiusPx }: TissueStroke): void {
  const value = does === 'add' ? 1 : 0;
  const reach = radiusPx / cellPx;
  for (let v = 0; v < path.length; v += 2) {
    const [x0, y0] = [(path[v] ?? 0) / cellPx, (path[v + 1] ?? 0) / cellPx];
    const [x1, y1] = [(path[v + 2] ?? path[v] ?? 0) / cellPx, (path[v + 3] ?? path[v + 1] ?? 0) / cellPx];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy;
    const [firstRow, endRow] = [Math.floor(Math.min(y0, y1) - reach), Math.ceil(Math.max(y0, y1) + reach)];
    const [firstCol, endCol] = [Math.floor(Math.min(x0, x1) - reach), Math.ceil(Math.max(x0, x1) + reach)];
    for (let row = Math.max(0, firstRow); row < Math.min(rows, endRow); row++) {
      for (let col = Math.max(0, firstCol); col < Math.min(cols, endCol); col++) {
        const [x, y] = [col + 0.5 - x0, row + 0.5 - y0];
        const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / length2));
        if ((x - t * dx) ** 2 + (y - t * dy) ** 2 <= reach * reach) mask[row * cols + col] = value;
      }
    }
  }
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

// From what is to be analysed to patches. Pure; every run cuts alike because the grid starts at the slide's origin.
import type { ModelInput } from '#inference/manifest.ts';
import { columnsOf, levelFor, levelOf, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import { bottom, centreOf, intersect, isEmpty, type Point, type Rect, right } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { PatchFrame } from './postprocess/frame.ts';
import { isTissueIn, type TissueMask, tissueAreaPx } from './tissue-mask.ts';

export type Region = Rect | TissueMask;

export const isMask = (region: Region): region is TissueMask => 'mask' in region;

export interface PlannedPatch {
  readonly frame: PatchFrame;
  /** The window in pixels of the level to read: its corner, and level px a model px. */
  readonly x: number;
  readonly y: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Stored tiles under the window, with their places in the level. */
  readonly tiles: readonly { readonly at: TileAt; readonly x: number; readonly y: number }[];
}

export interface Plan {
  readonly level: number; //                          to read
  readonly patches: readonly PlannedPatch[]; //       nearest to the view first
  readonly areaPx: number; //                         of what is analysed, level-0 px²
}

export interface PlanAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //     of level 0
  readonly region: Region; // level-0 px
  readonly input: ModelInput;
  readonly viewCentre: Point;
}

/** Where a patch's core starts on the level-0 grid; cores of neighbours share this very number. */
const edge = (index: number, corePx: number): number => index * corePx;

export function planPatches({ slide, mpp, region, input, viewCentre }: PlanAsked): Plan {
  const base = levelOf(slide, 0);
  const whole: Rect = { x: 0, y: 0, width: base.widthPx, height: base.heightPx };
  const asked = intersect(isMask(region) ? boundsOf(region) : region, whole);
  const [pxX, pxY] = [input.mpp / mpp.x, input.mpp / mpp.y]; // level-0 px a model px
  const index = levelFor(slide, Math.min(pxX, pxY));
  const level = levelOf(slide, index);
  const [ratioX, ratioY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx];
  const window = windowFor(input, base.widthPx / pxX, base.heightPx / pxY);
  const coreSide = window - 2 * input.margin;
  const [coreX, coreY] = [coreSide * pxX, coreSide * pxY];
  const patches: PlannedPatch[] = [];
  const lastRow = isEmpty(asked) ? -1 : Math.ceil(bottom(asked) / coreY) - 1;
  const lastCol = isEmpty(asked) ? -1 : Math.ceil(right(asked) / coreX) - 1;
  for (let row = Math.floor(asked.y / coreY); row <= lastRow; row++) {
    for (let col = Math.floor(asked.x / coreX); col <= lastCol; col++) {
      const [x, y] = [edge(col, coreX), edge(row, coreY)];
      const core = intersect({ x, y, width: edge(col + 1, coreX) - x, height: edge(row + 1, coreY) - y }, whole);
      if (isEmpty(intersect(core, asked)) || (isMask(region) && !isTissueIn(region, core))) continue;
      const frame: PatchFrame = {
        x: x - input.margin * pxX,
        y: y - input.margin * pxY,
        pxX,
        pxY,
        mpp: input.mpp,
        size: window,
        margin: input.margin,
        slide: whole,
        core,
        col,
        row,
      };
      const area = {
        x: frame.x / ratioX,
        y: frame.y / ratioY,
        width: (window * pxX) / ratioX,
        height: (window * pxY) / ratioY,
      };
      patches.push({
        frame,
        x: area.x,
        y: area.y,
        scaleX: pxX / ratioX,
        scaleY: pxY / ratioY,
        tiles: tilesUnder(slide, index, area),
      });
    }
  }
  const distance = ({ frame }: PlannedPatch): number => distance2(frame.core, viewCentre);
  return {
    level: index,
    patches: patches.sort(
      (a, b) => distance(a) - distance(b) || a.frame.row - b.frame.row || a.frame.col - b.frame.col,
    ),
    areaPx: isMask(region) ? tissueAreaPx(region) : asked.width * asked.height,
  };
}

/**
 * Side of the windows on a slide, model px: the model's own, or, where the slide is hardly larger than one, the one that
 * covers it with the fewest pixels. It depends on the slide alone, so every run on it cuts alike.
 */
function windowFor({ window, margin, multiple }: ModelInput, width: number, height: number): number {
  const fullCore = window - 2 * margin;
  if (Math.max(width, height) > 2 * fullCore) return window;
  const cost = (side: number): number => {
    const core = side - 2 * margin;
    return Math.ceil(width / core - 1e-9) * Math.ceil(height / core - 1e-9) * side * side;
  };
  let best = window;
  for (let side = window - multiple; side > 2 * margin; side -= multiple) if (cost(side) < cost(best)) best = side;
  return best;
}

/** Squared distance of a core's centre from a point. */
export function distance2(core: Rect, to: Point): number {
  const { x, y } = centreOf(core);
  return (x - to.x) ** 2 + (y - to.y) ** 2;
}

/** One pixel more on each side than the window covers, for bilinear reading where the model's px are finer. */
function tilesUnder(slide: Slide, index: number, window: Rect): PlannedPatch['tiles'] {
  const level = levelOf(slide, index);
  const firstCol = Math.max(0, Math.floor((window.x - 1) / level.tileWidth));
  const lastCol = Math.min(columnsOf(level) - 1, Math.floor((right(window) + 1) / level.tileWidth));
  const firstRow = Math.max(0, Math.floor((window.y - 1) / level.tileHeight));
  const lastRow = Math.min(rowsOf(level) - 1, Math.floor((bottom(window) + 1) / level.tileHeight));
  const tiles = [];
  for (let row = firstRow; row <= lastRow; row++) {
    for (let col = firstCol; col <= lastCol; col++) {
      tiles.push({ at: { level: index, col, row }, x: col * level.tileWidth, y: row * level.tileHeight });
    }
  }
  return tiles;
}

const boundsOf = ({ x0, y0, cellPx, cols, rows }: TissueMask): Rect => ({
  x: x0,
  y: y0,
  width: cols * cellPx,
  height: rows * cellPx,
});

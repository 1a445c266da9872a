// From what is to be analysed to patches. Pure; every run cuts alike because the grid starts at the slide's origin.
import { EosinError } from '#errors/failure.ts';
import type { ImageInput } from '#inference/manifest.ts';
import { levelFor, levelOf, type Slide } from '#slide/slide.ts';
import { bottom, centreOf, intersect, isEmpty, type Point, type Rect, right } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { gridOf, type Patches } from './patches.ts';
import type { CoreAt, CoreSpan } from './postprocess/core-at.ts';
import type { PatchFrame } from './postprocess/frame.ts';
import { type TilePlace, tilesUnder } from './read-tiles.ts';
import { areaPx, boundsOf, completedIn, meets, type Region } from './region.ts';

export interface PlannedPatch {
  readonly frame: PatchFrame;
  /** How far beyond the slide's edge it goes on mirrored, model px. */
  readonly reach: number;
  /** The window in pixels of the level to read: its corner, and level px a model px. */
  readonly x: number;
  readonly y: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Under the window; listed anew at each call, since a large slide has hundreds of thousands. */
  tiles(): readonly TilePlace[];
}

export interface Plan {
  readonly level: number; //                          to read
  readonly patches: readonly PlannedPatch[]; //       nearest to the view first
  /**
   * The ring of cores around them on the slide: what glands that reach over the planned cores may need. None
   * around a mask, whose cores end where the tissue does.
   */
  readonly around: readonly PlannedPatch[];
  readonly areaPx: number; //                         of what is analysed, level-0 px²
}

export interface PlanAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //     of level 0
  readonly region: Region; // level-0 px
  readonly input: ImageInput;
  readonly viewCentre: Point;
}

// More than the largest slides have at 0.25 µm a model px. A pixel size that was mistyped gives millions.
const MOST_PATCHES = 100_000;
const MOST_OF_A_GRID = 1 << 24; // a byte each is kept note of: a slide of 200,000 × 150,000 px in cores of 64 px has 7 million

/** Where a patch's core starts on the level-0 grid; cores of neighbours share this very number. */
const edge = (index: number, corePx: number): number => index * corePx;

/** How a model reads a slide: from which level, and at which scale. */
export interface PatchReader {
  readonly level: number;
  readonly whole: Rect; //  the slide, level-0 px
  readonly pxX: number; //  level-0 px a model px
  readonly pxY: number;
  patch(frame: PatchFrame, reach: number): PlannedPatch;
}

/** @param mpp of level 0; @param modelMpp what the model works at */
export function patchReader(slide: Slide, mpp: MppXY, modelMpp: number): PatchReader {
  const base = levelOf(slide, 0);
  const [pxX, pxY] = [modelMpp / mpp.x, modelMpp / mpp.y];
  const index = levelFor(slide, Math.min(pxX, pxY));
  const level = levelOf(slide, index);
  const [ratioX, ratioY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx];
  return {
    level: index,
    whole: { x: 0, y: 0, width: base.widthPx, height: base.heightPx },
    pxX,
    pxY,
    patch(frame, reach) {
      const area = {
        x: frame.x / ratioX,
        y: frame.y / ratioY,
        width: (frame.size * pxX) / ratioX,
        height: (frame.size * pxY) / ratioY,
      };
      return {
        frame,
        reach,
        x: area.x,
        y: area.y,
        scaleX: pxX / ratioX,
        scaleY: pxY / ratioY,
        tiles: () => tilesUnder(slide, index, area, 1), // one more for bilinear reading where the model's px are finer
      };
    },
  };
}

/** @throws EosinError BadInput where there would be far too many patches: the pixel size must be wrong */
export function planPatches(asked: PlanAsked): Plan {
  const { mpp, region, viewCentre } = asked;
  const grid = coreGrid(asked);
  const patches: PlannedPatch[] = [];
  const around: PlannedPatch[] = [];
  const isDrawn = completedIn(region) !== undefined;
  const { from, to } = grid.span(boundsOf(region), isDrawn ? 1 : 0);
  const count = (to.row - from.row) * (to.col - from.col);
  if (!(count <= MOST_PATCHES)) throw tooMany(count, mpp);
  for (let row = from.row; row < to.row; row++) {
    for (let col = from.col; col < to.col; col++) {
      const patch = grid.patch({ col, row });
      const isPlanned = meets(region, patch.frame.core);
      if (isPlanned) patches.push(patch);
      else if (isDrawn) around.push(patch);
    }
  }
  return {
    level: grid.level,
    patches: nearestFirst(patches, viewCentre),
    around: nextTo(around, patches),
    areaPx: areaPx(region, grid.whole),
  };
}

/** All cores that meet a rectangle, however many: none is listed, and none is made before it is asked for. */
export interface GridPlan {
  readonly patches: Patches;
  readonly cores: CoreSpan;
  readonly areaPx: number; // of the rectangle on the slide, level-0 px²
}

/** @throws EosinError BadInput where even so there would be far too many */
export function planGrid(asked: Omit<PlanAsked, 'region' | 'viewCentre'> & { readonly region: Rect }): GridPlan {
  const grid = coreGrid(asked);
  const cores = grid.span(asked.region, 0);
  const patches = gridOf(cores, grid.patch, (rect) => grid.span(rect, 0));
  if (!(patches.length <= MOST_OF_A_GRID)) throw tooMany(patches.length, asked.mpp);
  return { patches, cores, areaPx: areaPx(asked.region, grid.whole) };
}

interface CoreGrid {
  readonly level: number;
  readonly whole: Rect; // the slide, level-0 px
  patch(at: CoreAt): PlannedPatch;
  /** Cores that meet a rectangle (level-0 px), and `ring` more on each side where the slide goes on. */
  span(rect: Rect, ring: number): CoreSpan;
}

function coreGrid({ slide, mpp, input }: Pick<PlanAsked, 'slide' | 'mpp' | 'input'>): CoreGrid {
  const reader = patchReader(slide, mpp, input.mpp);
  const { whole, pxX, pxY } = reader;
  const size = windowFor(input, whole.width / pxX, whole.height / pxY);
  const coreSide = size - 2 * input.margin;
  const [coreX, coreY] = [coreSide * pxX, coreSide * pxY];
  return {
    level: reader.level,
    whole,
    patch({ col, row }) {
      const [x, y] = [edge(col, coreX), edge(row, coreY)];
      const core = intersect({ x, y, width: edge(col + 1, coreX) - x, height: edge(row + 1, coreY) - y }, whole);
      const corner = { x: x - input.margin * pxX, y: y - input.margin * pxY };
      const scale = { pxX, pxY, mpp: input.mpp, size, margin: input.margin };
      return reader.patch({ ...corner, ...scale, slide: whole, core, col, row }, input.margin);
    },
    span(rect, ring) {
      const asked = intersect(rect, whole);
      if (isEmpty(asked)) return { from: { col: 0, row: 0 }, to: { col: 0, row: 0 } };
      const cols = spanOf(asked.x, right(asked), coreX, ring, whole.width);
      const rows = spanOf(asked.y, bottom(asked), coreY, ring, whole.height);
      return { from: { col: cols.start, row: rows.start }, to: { col: cols.end, row: rows.end } };
    },
  };
}

/** Those that share an edge or a corner with one of `others`. */
function nextTo(cores: readonly PlannedPatch[], others: readonly PlannedPatch[]): PlannedPatch[] {
  const places = new Set(others.map(({ frame }) => `${frame.col},${frame.row}`));
  const steps = [-1, 0, 1];
  return cores.filter(({ frame: { col, row } }) =>
    steps.some((down) => steps.some((across) => places.has(`${col + across},${row + down}`))),
  );
}

/** Indices of the cores that meet [from, to), and `ring` more on each side where the slide goes on; the end not included. */
function spanOf(
  from: number,
  to: number,
  corePx: number,
  ring: number,
  slidePx: number,
): { start: number; end: number } {
  return {
    start: Math.max(0, Math.floor(from / corePx) - ring),
    end: Math.min(Math.ceil(slidePx / corePx), Math.ceil(to / corePx) + ring),
  };
}

const tooMany = (count: number, { x, y }: MppXY): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'The pixel size',
    seen: `at ${x === y ? x : `${x} × ${y}`} µm a pixel this would be ${count.toLocaleString('en')} patches`,
    todo: 'Check the pixel size of the slide.',
  });

/**
 * Side of the windows on a slide, model px: the model's own, or, where the slide is hardly larger than one, the one that
 * covers it with the fewest pixels. It depends on the slide alone, so every run on it cuts alike.
 */
function windowFor({ window, margin, multiple }: ImageInput, width: number, height: number): number {
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

/** By the distance of their cores' centres; of equal ones by rows, as they come. */
function nearestFirst(patches: readonly PlannedPatch[], to: Point): PlannedPatch[] {
  const distance = Float64Array.from(patches, ({ frame: { core } }) => {
    const { x, y } = centreOf(core);
    return (x - to.x) ** 2 + (y - to.y) ** 2;
  });
  const order = Uint32Array.from(distance.keys()).sort((a, b) => (distance[a] ?? 0) - (distance[b] ?? 0) || a - b);
  return Array.from(order).flatMap((index) => patches[index] ?? []);
}

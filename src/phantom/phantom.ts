// A synthetic slide: reads like any other, costs no bytes, and knows its own truth.
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { columnsOf, type Level, type Raster, rowsOf, type Slide, type TileAt, untold } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import { HEIGHT_UM, WIDTH_UM } from './anatomy.ts';
import { Plan, UM_PER_PX } from './plan.ts';
import { type TruthKind, tissueAt, truthOf } from './truth.ts';

const TILE_PX = 512;
const LEVELS = 9; // the last is 391 × 313

export interface Phantom extends Slide {
  readonly seed: number;
  /** The objects whose centroid lies in the region (level-0 px), exactly as painted. */
  truth(kind: TruthKind, region: Rect): ObjectColumns;
  /** Index into TISSUE_CLASSES at a point in level-0 px. */
  tissueAt(x: number, y: number): number;
}

/** Paints one tile: in this thread, or by a worker. */
export type TilePainter = (seed: number, at: TileAt, waits: Waits) => Promise<Raster>;

export const PHANTOM_LEVELS: readonly Level[] = Array.from({ length: LEVELS }, (_, level) => ({
  widthPx: Math.ceil(WIDTH_UM / UM_PER_PX / 2 ** level),
  heightPx: Math.ceil(HEIGHT_UM / UM_PER_PX / 2 ** level),
  tileWidth: TILE_PX,
  tileHeight: TILE_PX,
  downsample: 2 ** level,
}));

/** A tile's rectangle in its level's pixels, cropped to the level. */
export function windowOf({ level, col, row }: TileAt): Rect {
  const found = PHANTOM_LEVELS[level];
  if (!found || !(col >= 0 && row >= 0) || col >= columnsOf(found) || row >= rowsOf(found))
    throw new RangeError(`There is no tile at level ${level}, column ${col}, row ${row}`);
  const x = col * TILE_PX;
  const y = row * TILE_PX;
  return { x, y, width: Math.min(TILE_PX, found.widthPx - x), height: Math.min(TILE_PX, found.heightPx - y) };
}

export function createPhantom(seed: number, painter: TilePainter): Phantom {
  let made: Plan | undefined;
  const plan = (): Plan => {
    made ??= new Plan(seed);
    return made;
  };
  return {
    ...untold,
    seed,
    name: `phantom:${seed}`,
    format: 'Synthetic',
    levels: PHANTOM_LEVELS,
    mpp: { x: mpp(UM_PER_PX), y: mpp(UM_PER_PX) },
    objective: 40,
    properties: {
      'eosin.phantom.seed': String(seed),
      'eosin.phantom.stain': 'H&E, computed (Beer–Lambert)',
      'eosin.phantom.note': 'Synthetic: no patient, no scanner. Painted by Eosin from its seed.',
    },
    fingerprint: async () => `phantom:${seed}`,
    async readTile(at, { signal }) {
      signal.throwIfAborted();
      return painter(seed, at, { signal });
    },
    truth: (kind, region) => truthOf(plan(), kind, region),
    tissueAt: (x, y) => tissueAt(plan(), x, y),
    [Symbol.dispose]: () => undefined,
  };
}

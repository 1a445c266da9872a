// Haematoxylin and eosin of every object: the slide's tiles one after another, never all at once.
import type { Waits } from '#channel/waits.ts';
import { EosinError, isAbort } from '#errors/failure.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { type StainColumns, SUMS, stainColumns } from '#objects/measures/stain-sums.ts';
import type { StainVectors } from '#objects/measures/stains.ts';
import { columnsOf, levelFor, levelOf, type Slide, rowsOf as tileRowsOf } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';
import { type MppXY, meanMpp } from '#units/units.ts';
import { readTiles } from '../read-tiles.ts';
import type { MeasureWork } from './measure-work.ts';

const STAIN_UM = 0.5; //   a pixel as models see it; the level that is at least as fine is read as it is stored
const TILES_AT_ONCE = 4;

/** Objects that stay as they are meanwhile, and which of them lie where. */
export interface MeasuredObjects {
  readonly columns: ObjectColumns;
  readonly version: number;
  query(rect: Rect): Uint32Array;
}

export interface StainsAsked {
  readonly slide: Slide;
  readonly mpp: MppXY | undefined; // level 0; undefined: level 0 is read
  readonly objects: MeasuredObjects;
  readonly vectors: StainVectors;
  readonly work: Pick<MeasureWork, 'stains'>;
  readonly onProgress: (done: number, total: number) => void; // rows of tiles
}

export interface StainsFound {
  readonly columns: StainColumns;
  readonly failedTiles: number; // objects on them are not known
}

/**
 * Tiles without objects are not read.
 * @throws the signal's reason; EosinError BadInput when the objects change meanwhile, what readTile throws but CorruptTile
 */
export async function measureStains(asked: StainsAsked, waits: Waits): Promise<StainsFound> {
  const { slide, mpp, objects, vectors, work, onProgress } = asked;
  const { columns, version } = objects;
  const index = mpp ? levelFor(slide, STAIN_UM / meanMpp(mpp)) : 0;
  const [base, level] = [levelOf(slide, 0), levelOf(slide, index)];
  const [pixelX, pixelY] = [base.widthPx / level.widthPx, base.heightPx / level.heightPx];
  const sums = new Float64Array(SUMS * columns.count);
  let failedTiles = 0;
  const one = async (col: number, row: number, during: Waits): Promise<void> => {
    if (objects.version !== version) throw new EosinError(changed);
    const place = { x: col * level.tileWidth * pixelX, y: row * level.tileHeight * pixelY, pixelX, pixelY };
    const rows = objects.query({ ...place, width: level.tileWidth * pixelX, height: level.tileHeight * pixelY });
    if (rows.length === 0) return;
    try {
      const [tile] = await readTiles(slide, [{ at: { level: index, col, row }, x: 0, y: 0 }], during);
      if (!tile) return;
      const part = await work.stains({ image: tile.image, place, objects: rowsOf(columns, rows), vectors }, during);
      addSums(sums, rows, part);
    } catch (thrown) {
      if (isAbort(thrown) || !(thrown instanceof EosinError) || thrown.failure.tag !== 'CorruptTile') throw thrown;
      failedTiles++;
      for (const at of rows) sums[SUMS * at] = Number.NaN; // no count: not known
    }
  };
  const left = new AbortController(); // of several tiles, one that failed is enough
  const during = { signal: AbortSignal.any([waits.signal, left.signal]) };
  const [cols, tileRows] = [columnsOf(level), tileRowsOf(level)];
  try {
    for (let row = 0; row < tileRows; row++) {
      waits.signal.throwIfAborted();
      let col = 0;
      const run = async (): Promise<void> => {
        while (col < cols) await one(col++, row, during);
      };
      await Promise.all(Array.from({ length: TILES_AT_ONCE }, run));
      onProgress(row + 1, tileRows);
    }
  } finally {
    left.abort();
  }
  return { columns: stainColumns(sums), failedTiles };
}

function addSums(sums: Float64Array, rows: Uint32Array, part: Float64Array): void {
  for (let k = 0; k < rows.length; k++) {
    const to = SUMS * (rows[k] ?? 0);
    for (let s = 0; s < SUMS; s++) sums[to + s] = (sums[to + s] ?? 0) + (part[SUMS * k + s] ?? 0);
  }
}

const changed = {
  tag: 'BadInput',
  what: 'The stains',
  seen: 'objects changed while they were measured',
  todo: 'Measure again once the run has ended.',
} as const;

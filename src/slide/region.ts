// Any rectangle of a slide at any scale: exact where a level has that scale, averaged over areas otherwise.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { allOrNone } from './all-or-none.ts';
import { blankPixels, pixelsOf, release } from './raster.ts';
import { columnsOf, type Level, levelFor, levelOf, type Pixels, type Raster, rowsOf, type Slide } from './slide.ts';

const MAX_PIXELS = 2 ** 28; //   of a result: 1 GiB
const TILES_AT_ONCE = 8;

/**
 * The pixels of a rectangle (level-0 pixels) at `downsample` level-0 pixels a pixel, round(width / downsample) wide. White
 * outside of the slide. Where a level has that downsample, its pixels are copied as they are, from the pixel nearest to
 * the rectangle's corner; otherwise every pixel is the mean of its area on the next finer level.
 * @throws EosinError BadInput for a rectangle that is empty or too large; what readTile throws
 */
export async function readRegion(slide: Slide, rect: Rect, downsample: number, waits: Waits): Promise<Pixels> {
  const width = Math.round(rect.width / downsample);
  const height = Math.round(rect.height / downsample);
  if (
    !(downsample > 0 && width > 0 && height > 0 && width * height <= MAX_PIXELS && Number.isFinite(rect.x + rect.y))
  ) {
    const seen = `${rect.width} × ${rect.height} at ${rect.x}, ${rect.y} with downsample ${downsample}`;
    throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Ask for a smaller, finite rectangle.' });
  }
  const index = levelFor(slide, downsample);
  const level = levelOf(slide, index);
  const drift = Math.max(width, height) * Math.abs(downsample / level.downsample - 1);
  const wanted = { width, height };
  return drift < 0.5
    ? copied(slide, index, { ...wanted, x: Math.round(rect.x / downsample), y: Math.round(rect.y / downsample) }, waits)
    : averaged(slide, index, rect, wanted, waits);
}

/** `area` in the level's own pixels. */
async function copied(slide: Slide, index: number, area: Rect, waits: Waits): Promise<Pixels> {
  const out = blankPixels(area.width, area.height);
  for await (const { pixels, x, y } of partsUnder(slide, index, area, waits)) {
    for (let row = 0; row < pixels.height; row++) {
      const line = pixels.rgba.subarray(row * pixels.width * 4, (row + 1) * pixels.width * 4);
      out.rgba.set(line, ((y + row - area.y) * area.width + x - area.x) * 4);
    }
  }
  return out;
}

/** Means over areas, tile by tile: each source pixel is shared out to the result pixels that it overlaps. */
async function averaged(
  slide: Slide,
  index: number,
  rect: Rect,
  { width, height }: { width: number; height: number },
  waits: Waits,
): Promise<Pixels> {
  const level = levelOf(slide, index);
  const base = levelOf(slide, 0);
  const across = axis(rect.x, rect.width, width, base.widthPx / level.widthPx);
  const down = axis(rect.y, rect.height, height, base.heightPx / level.heightPx);
  const sums = new Float32Array(width * height * 3);
  const area = {
    x: Math.floor(across.start),
    y: Math.floor(down.start),
    width: Math.ceil(across.start + across.length) - Math.floor(across.start),
    height: Math.ceil(down.start + down.length) - Math.floor(down.start),
  };
  const covered = new Float32Array(width * height); // share of each result pixel that lies on the slide
  for await (const { pixels, x, y } of partsUnder(slide, index, area, waits)) {
    const columns = sharesOf(across, x, pixels.width, width);
    const rows = sharesOf(down, y, pixels.height, height);
    for (const row of rows) {
      for (const column of columns) {
        const share = row.share * column.share;
        const from = (row.source * pixels.width + column.source) * 4;
        const to = row.target * width + column.target;
        covered[to] = (covered[to] ?? 0) + share;
        for (let c = 0; c < 3; c++) sums[to * 3 + c] = (sums[to * 3 + c] ?? 0) + share * (pixels.rgba[from + c] ?? 0);
      }
    }
  }
  const out = blankPixels(width, height);
  for (let i = 0; i < width * height; i++) {
    const outside = 255 * Math.max(0, 1 - (covered[i] ?? 0));
    for (let c = 0; c < 3; c++) out.rgba[i * 4 + c] = (sums[i * 3 + c] ?? 0) + outside; // the clamped array rounds
  }
  return out;
}

interface Axis {
  readonly start: number; //  where the result begins, in the level's pixels
  readonly length: number; // how far it reaches
  readonly step: number; //   the level's pixels a result pixel
}

const axis = (origin: number, extent: number, count: number, scale: number): Axis => ({
  start: origin / scale,
  length: extent / scale,
  step: extent / scale / count,
});

interface Share {
  readonly source: number; // pixel of the part
  readonly target: number; // pixel of the result
  readonly share: number; //  of the target's extent along this axis
}

/** How the pixels [from, from + count) of the level fall on the result's pixels along one axis. */
function sharesOf({ start, step }: Axis, from: number, count: number, targets: number): Share[] {
  const shares: Share[] = [];
  for (let source = 0; source < count; source++) {
    const left = (from + source - start) / step;
    const right = left + 1 / step;
    for (let target = Math.max(0, Math.floor(left)); target < Math.min(targets, right); target++) {
      const share = Math.min(right, target + 1) - Math.max(left, target);
      if (share > 1e-9) shares.push({ source, target, share });
    }
  }
  return shares;
}

interface Part {
  readonly pixels: Pixels; // what lies in the area of one tile
  readonly x: number; //      its place in the level
  readonly y: number;
}

/** The parts of an area that lie on the slide, row by row: always in the same order, so that sums come out alike. */
async function* partsUnder(slide: Slide, index: number, area: Rect, waits: Waits): AsyncGenerator<Part> {
  const level = levelOf(slide, index);
  const places = [...tilesUnder(level, index, area)];
  for (let i = 0; i < places.length; i += TILES_AT_ONCE) {
    const batch = places.slice(i, i + TILES_AT_ONCE);
    const rasters = await allOrNone(batch.map((at) => slide.readTile(at, waits)));
    for (const [k, at] of batch.entries()) {
      const raster = rasters[k];
      if (!raster) continue;
      yield partOf(raster, at.col * level.tileWidth, at.row * level.tileHeight, area);
    }
  }
}

/** Takes `raster` over. */
function partOf(raster: Raster, tileX: number, tileY: number, area: Rect): Part {
  const x = Math.max(area.x, tileX);
  const y = Math.max(area.y, tileY);
  const width = Math.min(area.x + area.width, tileX + raster.width) - x;
  const height = Math.min(area.y + area.height, tileY + raster.height) - y;
  try {
    return { pixels: pixelsOf(raster, { x: x - tileX, y: y - tileY, width, height }), x, y };
  } finally {
    release(raster);
  }
}

function* tilesUnder(level: Level, index: number, area: Rect) {
  const firstCol = Math.max(0, Math.floor(area.x / level.tileWidth));
  const firstRow = Math.max(0, Math.floor(area.y / level.tileHeight));
  const lastCol = Math.min(
    columnsOf(level) - 1,
    Math.floor((Math.min(level.widthPx, area.x + area.width) - 1) / level.tileWidth),
  );
  const lastRow = Math.min(
    rowsOf(level) - 1,
    Math.floor((Math.min(level.heightPx, area.y + area.height) - 1) / level.tileHeight),
  );
  for (let row = firstRow; row <= lastRow; row++) {
    for (let col = firstCol; col <= lastCol; col++) yield { level: index, col, row };
  }
}

import { expect } from 'vitest';
import type { Rect } from '#units/rect.ts';
import { openBlobSource } from './byte-source.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import { openSlide } from './open.ts';
import { blankPixels, pixelsOf } from './raster.ts';
import { readRegion } from './region.ts';
import { columnsOf, levelOf, type Pixels, rowsOf, type Slide, type TileAt } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { testOn } from './testing/shared.ts';
import { readTiff, tiffKind } from './tiff.ts';
import { readPage } from './tiff-page.ts';
import { TileCache } from './tile-cache.ts';
import { tileReaderOf } from './tile-reader.ts';

const waits = { signal: new AbortController().signal };

testOn(
  'tcga-cr-7395-01a-01-ts1.svs',
  'a JPEG 2000 tile is halved by the codec, not made smaller afterwards',
  async (file) => {
    const source = await openBlobSource(file, waits);
    const kind = tiffKind(await source.read(0, 16, waits));
    const tiff = kind && (await readTiff(source, kind, waits));
    const directory = tiff?.chain[0];
    if (!directory) throw new Error('The slide has no directory.');
    const page = await readPage(source, directory, waits);
    const decoded: Jpeg2000Tile[] = [];
    const jpeg2000 = (tile: Jpeg2000Tile): Promise<Pixels> => {
      decoded.push(tile);
      return nodeDecoders.jpeg2000(tile, waits);
    };
    const reading = { source, tiles: new TileCache(), decoders: { ...nodeDecoders, jpeg2000 } };
    const at = { level: 0, col: Math.floor(page.columns / 4), row: Math.floor(page.rows / 4) }; // on the grid of either
    const whole = pixelsOf(await tileReaderOf({ page, absent: 'gap' }, reading)(at, waits));
    const half = pixelsOf(await tileReaderOf({ page, absent: 'gap', halved: 1 }, reading)(at, waits));
    expect(decoded.map(({ halved }) => halved)).toEqual([0, 1]);
    expect([half.width, half.height]).toEqual([whole.width / 2, whole.height / 2]);
    const off = offSmoothed(whole, half);
    console.info(`a halved tile is ${off.toFixed(2)} of 255 from a smoothing of nine pixels`);
    expect(off).toBeLessThan(4); // a pixel beside its place it would be 7 and more
  },
);

const NEAR = [1, 2, 1]; // quarters, of the sample before, at, and behind

/** The wavelet's low band is a smoothing about every second pixel: near this one, not equal to it. */
function offSmoothed(whole: Pixels, half: Pixels): number {
  let off = 0;
  const [width, height] = [Math.ceil(whole.width / 2), Math.ceil(whole.height / 2)];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (const [dy, down] of NEAR.entries())
          for (const [dx, across] of NEAR.entries())
            sum += (down * across * (whole.rgba[((2 * y + dy - 1) * whole.width + 2 * x + dx - 1) * 4 + c] ?? 0)) / 16;
        off += Math.abs(sum - (half.rgba[(y * half.width + x) * 4 + c] ?? 0));
      }
  return off / ((width - 2) * (height - 2) * 3);
}

testOn(
  'tcga-cr-7395-01a-01-ts1.svs',
  'below the last stored level lies its half, for eyes: it is what that shows, and nothing is computed by it',
  async (file) => {
    const asked: number[] = [];
    const jpeg2000 = (tile: Jpeg2000Tile): Promise<Pixels> => {
      asked.push(tile.halved);
      return nodeDecoders.jpeg2000(tile, waits);
    };
    using slide = await openSlide(file, { ...waits, decoders: { ...nodeDecoders, jpeg2000 } });
    expect(slide.levels.map(({ widthPx, heightPx, onlyShown }) => [widthPx, heightPx, onlyShown])).toEqual([
      [4443, 3567, undefined],
      [2221, 1783, undefined],
      [1111, 892, true],
    ]);
    const [whole, half] = [levelOf(slide, 1), levelOf(slide, 2)];
    const first = { col: 5, row: 3 }; // from there to the corner that edge tiles lie in
    const [x, y] = [first.col * whole.tileWidth, first.row * whole.tileHeight];
    const corner = { x, y, width: whole.widthPx - x, height: whole.heightPx - y };
    const read = (downsample: number): Promise<Pixels> =>
      readRegion(slide, times(corner, whole.downsample), downsample, waits);
    const stored = await read(whole.downsample);
    await read(half.downsample);
    expect(new Set(asked)).toEqual(new Set([0]));
    asked.length = 0;
    const shown = await tilesFrom(slide, { level: 2, ...first });
    expect(new Set(asked)).toEqual(new Set([1]));
    expect([shown.width, shown.height]).toEqual([Math.ceil(corner.width / 2), Math.ceil(corner.height / 2)]);
    expect(offSmoothed(stored, shown)).toBeLessThan(4); // a pixel beside its place it would be 7 and more
  },
);

const times = ({ x, y, width, height }: Rect, factor: number): Rect => ({
  x: x * factor,
  y: y * factor,
  width: width * factor,
  height: height * factor,
});

/** The tiles from one to the last, put together. */
async function tilesFrom(slide: Slide, first: TileAt): Promise<Pixels> {
  const level = levelOf(slide, first.level);
  const [left, top] = [first.col * level.tileWidth, first.row * level.tileHeight];
  const out = blankPixels(level.widthPx - left, level.heightPx - top);
  for (let { row } = first; row < rowsOf(level); row++)
    for (let { col } = first; col < columnsOf(level); col++) {
      const { width, height, rgba } = pixelsOf(await slide.readTile({ level: first.level, col, row }, waits));
      for (let y = 0; y < height; y++) {
        const to = ((row * level.tileHeight - top + y) * out.width + col * level.tileWidth - left) * 4;
        out.rgba.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), to);
      }
    }
  return out;
}

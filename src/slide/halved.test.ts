import { expect } from 'vitest';
import { openBlobSource } from './byte-source.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import { pixelsOf } from './raster.ts';
import type { Pixels } from './slide.ts';
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
    // The wavelet's low band is a smoothing of its own: near the mean of four pixels, not equal to it.
    let off = 0;
    for (let y = 0; y < half.height; y++)
      for (let x = 0; x < half.width; x++)
        for (let c = 0; c < 3; c++) {
          const of = (dx: number, dy: number): number =>
            whole.rgba[((2 * y + dy) * whole.width + 2 * x + dx) * 4 + c] ?? 0;
          const mean = (of(0, 0) + of(1, 0) + of(0, 1) + of(1, 1)) / 4;
          off += Math.abs(mean - (half.rgba[(y * half.width + x) * 4 + c] ?? 0));
        }
    const meanOff = off / (half.width * half.height * 3);
    console.info(`a halved tile is ${meanOff.toFixed(2)} of 255 from the mean of four pixels`);
    expect(meanOff).toBeLessThan(6);
  },
);

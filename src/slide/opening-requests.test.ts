// Over HTTP: what opening takes, and what the first picture takes beside it.
import { expect } from 'vitest';
import { openSlide } from './open.ts';
import { release } from './raster.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { type Asked, serveRanges } from './testing/range-server.ts';
import { countedRounds } from './testing/rounds.ts';
import { testOn } from './testing/shared.ts';

const { signal } = new AbortController();

async function readLevel(slide: Slide, index: number): Promise<void> {
  const level = slide.levels.at(index);
  if (!level) throw new Error('The slide has no such level.');
  const at = slide.levels.indexOf(level);
  const tiles = Array.from({ length: columnsOf(level) * rowsOf(level) }, (_, i) => ({
    level: at,
    col: i % columnsOf(level),
    row: Math.floor(i / columnsOf(level)),
  }));
  for (const raster of await Promise.all(tiles.map((each) => slide.readTile(each, { signal })))) release(raster);
}

// Some more than it takes: which tiles are decoded first decides what of the rest travels together.
const MORE = 3;
for (const { name, opening, picture } of [
  { name: 'CMU-1-Small-Region.svs', opening: [5, 4], picture: [7, 5] },
  { name: 'tcga-cr-7395-01a-01-ts1.svs', opening: [5, 3], picture: [6, 4] },
  { name: 'test3-DAPI-2-387.ndpi', opening: [11, 6], picture: [12, 7] },
  { name: 'small_vectra.qptiff', opening: [3, 3], picture: [22, 7] },
  { name: 'derived/cmu-pyramid-jpeg-ycbcr.tif', opening: [5, 4], picture: [5, 4] },
  { name: 'derived/cmu-subifd.ome.tif', opening: [4, 3], picture: [5, 4] },
  { name: 'derived/cmu-crop-leica.scn', opening: [4, 3], picture: [4, 3] },
  { name: 'derived/cmu-crop-philips.tiff', opening: [6, 4], picture: [7, 5] },
  { name: 'derived/cmu-crop-ventana.bif', opening: [8, 5], picture: [9, 6] },
]) {
  testOn(name, 'requests and rounds until it is open, and until its smallest level is there', async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    await using server = await serveRanges(() => bytes);
    const url = server.url.replace(/[^/]*$/, file.name);
    const counted = countedRounds();
    const seen = (): number[] => [counted.requests(), counted.rounds()];
    using slide = await openSlide(url, { signal, decoders: nodeDecoders, fetch: counted.fetch });
    const opened = seen();
    await readLevel(slide, -1);
    const shown = seen();
    console.info(`${file.name}: open after ${opened.join(' requests in ')} rounds, shown after ${shown.join(' in ')}`);
    for (const [i, most] of opening.entries()) expect(opened[i]).toBeLessThanOrEqual(most + MORE);
    for (const [i, most] of picture.entries()) expect(shown[i]).toBeLessThanOrEqual(most + MORE * 2);
    expect(askedTwice(server.asked)).toBe(0);
  });
}

/** Bytes that lie in more than one range. */
function askedTwice(asked: readonly Asked[]): number {
  let [end, twice] = [0, 0];
  for (const { from, to } of [...asked].sort((a, b) => a.from - b.from)) {
    twice += Math.max(0, Math.min(end, to + 1) - from);
    end = Math.max(end, to + 1);
  }
  return twice;
}

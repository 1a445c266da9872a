// Over HTTP: what opening takes, and what the first picture takes beside it.
import { expect } from 'vitest';
import { openSlide } from './open.ts';
import { release } from './raster.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { serveRanges } from './testing/range-server.ts';
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

// Three more than it takes: what waits for a way travels together, so that the count hangs a little on time.
for (const [name, most] of [
  ['CMU-1-Small-Region.svs', 8],
  ['tcga-cr-7395-01a-01-ts1.svs', 8],
  ['test3-DAPI-2-387.ndpi', 14],
  ['small_vectra.qptiff', 9],
  ['derived/cmu-pyramid-jpeg-ycbcr.tif', 9],
  ['derived/cmu-subifd.ome.tif', 8],
  ['derived/cmu-crop-leica.scn', 7],
  ['derived/cmu-crop-philips.tiff', 12],
  ['derived/cmu-crop-ventana.bif', 13],
] as const) {
  testOn(name, 'requests until it is open, and until its smallest level is there', async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    await using server = await serveRanges(() => bytes);
    const url = server.url.replace(/[^/]*$/, file.name);
    using slide = await openSlide(url, { signal, decoders: nodeDecoders });
    const opening = server.asked.length;
    await readLevel(slide, -1);
    console.info(`${file.name}: open after ${opening} requests, its smallest level after ${server.asked.length}`);
    expect(opening).toBeLessThanOrEqual(most);
  });
}

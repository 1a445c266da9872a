// Every tile of level 0, by our reader and by geotiff's own decoder, from the same bytes in memory.
import { fromBlob } from 'geotiff';
import { openerInTab } from '#slide/open-in-tab.ts';
import { pixelsOf, release } from '#slide/raster.ts';
import { columnsOf, levelOf, rowsOf } from '#slide/slide.ts';

const { signal } = new AbortController();

export interface DecodeTimes {
  readonly tiles: number;
  readonly ours: number; //    ms for all tiles
  readonly geotiff: number; // ms for all tiles
}

async function oursOnce(blob: Blob): Promise<{ tiles: number; ms: number }> {
  using opener = openerInTab();
  const slide = await opener.open(blob, { signal });
  const level = levelOf(slide, 0);
  const started = performance.now();
  for (let row = 0; row < rowsOf(level); row++)
    for (let col = 0; col < columnsOf(level); col++) release(await slide.readTile({ level: 0, col, row }, { signal }));
  return { tiles: rowsOf(level) * columnsOf(level), ms: performance.now() - started };
}

async function geotiffOnce(blob: Blob): Promise<number> {
  const image = await (await fromBlob(blob)).getImage(0);
  const [width, height] = [image.getTileWidth(), image.getTileHeight()];
  const started = performance.now();
  for (let y = 0; y < image.getHeight(); y += height)
    for (let x = 0; x < image.getWidth(); x += width)
      await image.readRGB({
        window: [x, y, Math.min(x + width, image.getWidth()), Math.min(y + height, image.getHeight())],
        interleave: true,
      });
  return performance.now() - started;
}

/** Are the pixels the same? The largest difference of a channel over the first tile, before any time is taken. */
async function difference(blob: Blob): Promise<number> {
  using opener = openerInTab();
  const slide = await opener.open(blob, { signal });
  const raster = await slide.readTile({ level: 0, col: 0, row: 0 }, { signal });
  const { width, height } = raster;
  const { rgba } = pixelsOf(raster);
  release(raster);
  const image = await (await fromBlob(blob)).getImage(0);
  const rgb = await image.readRGB({ window: [0, 0, width, height], interleave: true });
  let most = 0;
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) most = Math.max(most, Math.abs((rgba[4 * i + c] ?? 0) - Number(rgb[3 * i + c])));
  return most;
}

/** Alternately, so that both meet the same machine; the best of each counts. */
async function measure(url: string, repeats: number): Promise<DecodeTimes & { difference: number }> {
  const blob = await (await fetch(url)).blob();
  const differs = await difference(blob);
  let tiles = 0;
  let [ours, geotiff] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < repeats; i++) {
    const once = await oursOnce(blob);
    tiles = once.tiles;
    ours = Math.min(ours, once.ms);
    geotiff = Math.min(geotiff, await geotiffOnce(blob));
  }
  return { tiles, ours, geotiff, difference: differs };
}

Object.assign(window, { measure });

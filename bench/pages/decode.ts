// Every tile of level 0, by our reader, by geotiff with its pool of workers, and by the browser's bare decoder, from the same
// bytes in memory: to bitmaps, and to RGBA arrays.
import { fromBlob, Pool } from 'geotiff';
import { decodeInBrowser } from '#slide/browser-decode.ts';
import type { ImageDecode } from '#slide/decode.ts';
import { openSlide } from '#slide/open.ts';
import { openerInTab, type SlideOpener } from '#slide/open-in-tab.ts';
import { pixelsOf, release } from '#slide/raster.ts';
import { columnsOf, levelOf, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';

const { signal } = new AbortController();
const WORKERS = 2;

/** ms for all tiles. */
interface Round {
  readonly bitmaps: number; //     ours, as the viewer asks for them: the look for damage follows
  readonly looked: number; //      the same, until all are known to be whole
  readonly awaited: number; //     ours, each bitmap when it is known to be whole, as all that computes asks for them
  readonly rgba: number; //        the same to RGBA arrays
  readonly bare: number; //        the same JPEGs by the bare decoder, decoded and let go
  readonly bareBitmaps: number; // the same to bitmaps
  readonly decoded: number; //     the same by our way to the browser's decoder, without the reader around it
}

export interface DecodeTimes {
  readonly tiles: number;
  readonly rounds: readonly Round[];
  readonly geotiff: readonly number[]; // ms for all tiles, to RGB arrays: geotiff has no bitmaps
  readonly bareName: string;
  readonly difference: number; //         largest of a channel over the first tile, ours and geotiff's
}

function tilesOf(slide: Slide): TileAt[] {
  const level = levelOf(slide, 0);
  const columns = columnsOf(level);
  return Array.from({ length: rowsOf(level) * columns }, (_, i) => ({
    level: 0,
    col: i % columns,
    row: Math.floor(i / columns),
  }));
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const WARM: TileAt = { level: 0, col: 0, row: 0 };

/** All at once, as a run asks for the tiles of its patches, which waits until they are known to be whole. */
async function oursOnce(
  blob: Blob,
  opener: SlideOpener,
  use: (raster: Awaited<ReturnType<Slide['readTile']>>) => void,
): Promise<number> {
  using slide = await opener.open(blob, { signal });
  release(await slide.readTile(WARM, { signal })); // the workers have started, as geotiff's have
  return await took(() =>
    Promise.all(
      tilesOf(slide).map(async (at) => {
        const raster = await slide.readTile(at, { signal });
        use(raster);
        release(raster);
      }),
    ),
  );
}

/** All at once, as the viewer asks for the tiles of a screen. @returns until all are there, and until all are known to be whole */
async function oursToSee(blob: Blob, opener: SlideOpener): Promise<{ bitmaps: number; looked: number }> {
  using slide = await opener.open(blob, { signal });
  release(await slide.readTile(WARM, { signal }));
  const looks: Promise<void>[] = [];
  const onLook = (whole: Promise<void>): void => void looks.push(whole);
  const started = performance.now();
  const tiles = tilesOf(slide);
  await Promise.all(tiles.map(async (at) => release(await slide.readTile(at, { signal, onLook }))));
  const bitmaps = performance.now() - started;
  if (looks.length < tiles.length - 1) throw new Error(`${looks.length} of ${tiles.length} tiles were looked through`);
  await Promise.all(looks);
  return { bitmaps, looked: performance.now() - started };
}

async function geotiffOnce(blob: Blob, pool: Pool): Promise<number> {
  const image = await (await fromBlob(blob)).getImage(0);
  const [width, height] = [image.getTileWidth(), image.getTileHeight()];
  const windows: number[][] = [];
  for (let y = 0; y < image.getHeight(); y += height)
    for (let x = 0; x < image.getWidth(); x += width)
      windows.push([x, y, Math.min(x + width, image.getWidth()), Math.min(y + height, image.getHeight())]);
  return took(() => Promise.all(windows.map((window) => image.readRGB({ window, interleave: true, pool }))));
}

/** The JPEGs as our reader hands them to the decoder. */
async function jpegsOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>[]> {
  const jpegs: Uint8Array<ArrayBuffer>[] = [];
  const other = (): never => {
    throw new Error('These tiles are JPEGs.');
  };
  const image: ImageDecode = (bytes, type, waits) => {
    jpegs.push(bytes.slice());
    return decodeInBrowser(bytes, type, waits);
  };
  const decoders = {
    image,
    block: other,
    range: other,
    jpeg2000: other,
    jpeg2000Range: other,
    soundness: async () => undefined,
  };
  using slide = await openSlide(blob, { signal, decoders });
  for (const at of tilesOf(slide)) release(await slide.readTile(at, { signal }));
  return jpegs;
}

const all = (
  jpegs: readonly Uint8Array<ArrayBuffer>[],
  decode: (jpeg: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<number> => took(() => Promise.all(jpegs.map(decode)));

const hasImageDecoder = 'ImageDecoder' in globalThis;

async function bareOnce(jpegs: readonly Uint8Array<ArrayBuffer>[]): Promise<number> {
  const decode = async (data: Uint8Array<ArrayBuffer>): Promise<void> => {
    if (!hasImageDecoder) return (await createImageBitmap(new Blob([data], { type: 'image/jpeg' }))).close();
    const decoder = new ImageDecoder({ data, type: 'image/jpeg' });
    (await decoder.decode()).image.close();
    decoder.close();
  };
  return all(jpegs, decode);
}

/** To bitmaps, each let go when it is there, as ours are. */
async function bareBitmapsOnce(jpegs: readonly Uint8Array<ArrayBuffer>[]): Promise<number> {
  const decode = async (data: Uint8Array<ArrayBuffer>): Promise<void> => {
    if (!hasImageDecoder) return (await createImageBitmap(new Blob([data], { type: 'image/jpeg' }))).close();
    const decoder = new ImageDecoder({ data, type: 'image/jpeg' });
    const { image } = await decoder.decode();
    const bitmap = await createImageBitmap(image);
    image.close();
    decoder.close();
    bitmap.close();
  };
  return all(jpegs, decode);
}

const decodedOnce = (jpegs: readonly Uint8Array<ArrayBuffer>[]): Promise<number> =>
  all(jpegs, async (jpeg) => release(await decodeInBrowser(jpeg, 'image/jpeg', { signal })));

async function difference(blob: Blob): Promise<number> {
  using opener = openerInTab();
  using slide = await opener.open(blob, { signal });
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

const PAUSE_MS = 100; // what one leaves behind is swept up before the next is timed
const GEOTIFF_ROUNDS = 3; // it leaves much behind, so it comes when the others are done

/**
 * Round by round, so that all meet the same machine, and to and fro, so that none always follows the same other.
 */
async function measure(url: string, repeats: number): Promise<DecodeTimes> {
  const blob = await (await fetch(url)).blob();
  const differs = await difference(blob);
  const jpegs = await jpegsOf(blob);
  using opener = openerInTab();
  const parts: readonly (() => Promise<Partial<Round>>)[] = [
    () => oursToSee(blob, opener),
    async () => ({ bare: await bareOnce(jpegs) }),
    async () => ({ awaited: await oursOnce(blob, opener, () => undefined) }),
    async () => ({ bareBitmaps: await bareBitmapsOnce(jpegs) }),
    async () => ({ decoded: await decodedOnce(jpegs) }),
    async () => ({ rgba: await oursOnce(blob, opener, (raster) => void pixelsOf(raster)) }),
  ];
  const rounds: Round[] = [];
  for (let i = 0; i < repeats; i++) {
    const round = { bitmaps: 0, looked: 0, awaited: 0, rgba: 0, bare: 0, bareBitmaps: 0, decoded: 0 };
    for (const part of i % 2 === 0 ? parts : parts.toReversed()) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      Object.assign(round, await part());
    }
    rounds.push(round);
  }
  const pool = new Pool(WORKERS); // kept from one round to the next, as our workers are: a page has one of each
  const geotiff: number[] = [];
  for (let i = 0; i < GEOTIFF_ROUNDS; i++) geotiff.push(await geotiffOnce(blob, pool));
  await pool.destroy();
  const bareName = hasImageDecoder ? 'ImageDecoder' : 'createImageBitmap';
  return { tiles: jpegs.length, rounds, geotiff, bareName, difference: differs };
}

Object.assign(window, { measure });

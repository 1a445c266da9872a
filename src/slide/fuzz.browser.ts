// Damaged slides in the browser, by seed: its image decoders and real workers end each in pictures or EosinErrors, as Node's do
// in fuzz.test.ts. A rejection that nobody takes fails the run by itself.
import { afterAll, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openerInTab } from './open-in-tab.ts';
import { release } from './raster.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { damaged, random, withSums } from './testing/damage.ts';

const CASES = 25; // a file
const PATIENCE_MS = 20_000; // for one case on a busy machine, which is told by its seed then

const urls = import.meta.glob<string>(
  [
    './testing/fixtures/{jpeg-rgb,jpeg-ycbcr,lzw-predictor,strips-zstd}.tif',
    './testing/fixtures/{ycbcr-420.jpg,jpeg-rgb.tif.0.png}',
    './testing/fixtures/dicom/j2k-16.dcm',
  ],
  { query: '?url', import: 'default', eager: true },
);
const bytesOf = async (url: string) => new Uint8Array(await (await fetch(new URL(url, location.href))).arrayBuffer());

async function webp(): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(150, 110);
  const context = canvas.getContext('2d');
  for (let x = 0; context && x < 150; x += 5) {
    context.fillStyle = `hsl(${x * 2} 80% 60%)`;
    context.fillRect(x, x / 3, 40, 60);
  }
  const blob = await canvas.convertToBlob({ type: 'image/webp' });
  expect(blob.type).toBe('image/webp');
  return new Uint8Array(await blob.arrayBuffer());
}

const opener = openerInTab();
afterAll(() => opener[Symbol.dispose]());

/** What a failure is that may come; anything else is thrown on. */
function told(thrown: unknown): void {
  if (!(thrown instanceof EosinError) || thrown.failure.tag === 'Unexpected') throw thrown;
}

/** The first and the last tile of every level. */
async function picturesOf(slide: Slide, signal: AbortSignal): Promise<number> {
  let pictures = 0;
  for (const [level, size] of slide.levels.entries()) {
    for (const [col, row] of [[0, 0] as const, [columnsOf(size) - 1, rowsOf(size) - 1] as const]) {
      try {
        release(await slide.readTile({ level, col, row }, { signal }));
        pictures++;
      } catch (thrown) {
        told(thrown);
      }
    }
  }
  return pictures;
}

/** @returns how many pictures it gave, or undefined where it was refused */
async function tried(file: File, signal: AbortSignal): Promise<number | undefined> {
  let slide: Slide;
  try {
    slide = await opener.open(file, { signal });
  } catch (thrown) {
    told(thrown);
    return undefined;
  }
  using open = slide;
  return await picturesOf(open, signal);
}

async function fuzzed(name: string, whole: Uint8Array<ArrayBuffer>): Promise<void> {
  let [opened, pictures] = [0, 0];
  for (let seed = 1; seed <= CASES; seed++) {
    const which = `${name}, seed ${seed}`;
    const bytes = damaged(whole, random(seed));
    const file = new File([name.endsWith('.png') ? withSums(bytes) : bytes], name);
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`${which}: not done in ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    late.catch(() => undefined); // of a case that was done long before
    const got = await Promise.race([tried(file, new AbortController().signal), late]).catch((thrown: unknown) => {
      throw new Error(`${which}: ${String(thrown)}`, { cause: thrown });
    });
    if (got === undefined) continue;
    opened++;
    pictures += got;
  }
  console.info(`${name}: seeds 1 to ${CASES}: ${opened} opened with ${pictures} pictures`);
  expect(opened).toBeGreaterThan(0); // or the damage is too great to test what lies behind opening
}

for (const [path, url] of Object.entries(urls)) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  test(`${CASES} damaged copies of ${name}`, async () => fuzzed(name, await bytesOf(url)));
}
test(`${CASES} damaged copies of a WebP`, async () => fuzzed('picture.webp', await webp()));

import { afterEach, expect, test, vi } from 'vitest';
import { decodeInBrowser } from './browser-decode.ts';
import { segmentsOf, spliced } from './jpeg.ts';
import { pixelsOf, release } from './raster.ts';
import url420 from './testing/fixtures/ycbcr-420.jpg?url';
import url444 from './testing/fixtures/ycbcr-444.jpg?url';
import profileUrl from './testing/icc/matrix-2.icc?url';

const waits = { signal: new AbortController().signal };
const bytesAt = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

const viaBlob = async (bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> =>
  createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }), { colorSpaceConversion: 'none' });

/** Whether anything was decoded by way of a Blob from here on. */
function blobs(): () => number {
  const spy = vi.spyOn(globalThis, 'createImageBitmap');
  return () => spy.mock.calls.filter(([source]) => source instanceof Blob).length;
}
afterEach(() => vi.restoreAllMocks());

for (const [name, url] of [
  ['4:2:0', url420],
  ['4:4:4', url444],
] as const) {
  test(`YCbCr ${name} comes out of ImageDecoder, every sample equal to createImageBitmap's`, async () => {
    const bytes = await bytesAt(url);
    const truth = pixelsOf(await viaBlob(bytes));
    const slow = blobs();
    const bitmap = await decodeInBrowser(bytes, 'image/jpeg', waits);
    expect(slow()).toBe('ImageDecoder' in globalThis ? 0 : 1);
    expect(pixelsOf(bitmap)).toEqual(truth);
    release(bitmap);
  });
}

for (const name of ['YCbCr', 'RGB'] as const) {
  test(`a colour profile changes nothing of what is stored as ${name}`, async () => {
    const bytes = await bytesAt(url444);
    const profile = await bytesAt(profileUrl);
    const length = 16 + profile.length;
    const app2 = [
      0xff,
      0xe2,
      length >> 8,
      length & 255,
      ...new TextEncoder().encode('ICC_PROFILE\0'),
      1,
      1,
      ...profile,
    ];
    const tagged = new Uint8Array([...bytes.subarray(0, 2), ...app2, ...bytes.subarray(2)]);
    const colours = name === 'RGB' ? 'rgb' : 'stream';
    const plain = pixelsOf(await viaBlob(spliced(bytes, undefined, colours)));
    const slow = blobs();
    const bitmap = await decodeInBrowser(spliced(tagged, undefined, colours), 'image/jpeg', waits);
    expect(slow()).toBe('ImageDecoder' in globalThis ? 0 : 1);
    expect(pixelsOf(bitmap)).toEqual(plain);
    release(bitmap);
    const managed = await createImageBitmap(new Blob([spliced(tagged, undefined, colours)], { type: 'image/jpeg' }));
    expect(pixelsOf(managed)).not.toEqual(plain); // the profile is one that changes colours
    release(managed);
  });
}

test('what is turned by its Exif marker is left to createImageBitmap', async () => {
  const bytes = await bytesAt(url444);
  const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1];
  const turned = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0]; // by 180 degrees
  const jpeg = new Uint8Array([0xff, 0xd8, ...exif, ...turned, ...bytes.subarray(2)]);
  const slow = blobs();
  release(await decodeInBrowser(jpeg, 'image/jpeg', waits));
  expect(slow()).toBe(1);
});

test('however a JPEG is cut, decoding ends', async () => {
  const whole = await bytesAt(url420);
  const scan = segmentsOf(whole).find(({ marker }) => marker === 0xda);
  const cuts = [30, scan?.start ?? 0, scan?.end ?? 0, Math.floor(whole.length / 2), whole.length - 2];
  const ended = await Promise.allSettled(
    cuts.flatMap((cut) => [
      decodeInBrowser(whole.slice(0, cut), 'image/jpeg', waits),
      decodeInBrowser(new Uint8Array([...whole.subarray(0, cut), 0xff, 0xd9]), 'image/jpeg', waits),
    ]),
  );
  expect(ended).toHaveLength(10);
  for (const each of ended) if (each.status === 'fulfilled') release(each.value);
});

test('an abort in the middle rejects with its reason', async () => {
  const bytes = await bytesAt(url420);
  const controller = new AbortController();
  const decoding = decodeInBrowser(bytes, 'image/jpeg', { signal: controller.signal });
  controller.abort(new Error('left'));
  await expect(decoding).rejects.toThrow('left');
});

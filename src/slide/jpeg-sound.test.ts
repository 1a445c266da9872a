import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from './jpeg.ts';
import { newLook } from './jpeg-look.ts';
import { whyUnsound } from './jpeg-sound.ts';

const picture = sharp({
  create: {
    width: 203,
    height: 117,
    channels: 3,
    background: '#eee',
    noise: { type: 'gaussian', mean: 160, sigma: 40 },
  },
});
const jpegOf = async (options: JpegOptions, grey = false): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (grey ? picture.clone().greyscale() : picture.clone()).jpeg(options).toBuffer());

describe('what encoders write is sound', () => {
  for (const quality of [1, 30, 75, 100]) {
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      test(`quality ${quality}, ${chromaSubsampling}`, async () => {
        expect(whyUnsound(await jpegOf({ quality, chromaSubsampling }))).toBeUndefined();
        expect(whyUnsound(await jpegOf({ quality, chromaSubsampling, optimiseCoding: false }))).toBeUndefined();
      });
    }
  }
  test('grey; progressive ones are not looked into', async () => {
    expect(whyUnsound(await jpegOf({}, true))).toBeUndefined();
    expect(whyUnsound(await jpegOf({ progressive: true }))).toBeUndefined();
  });
});

test('flipped bits, seeds 1 to 300: one shows in a third of them, twenty in all but a few', async () => {
  const whole = await jpegOf({ quality: 80 });
  const start = segmentsOf(whole).find(({ marker }) => marker === 0xda)?.end ?? 0;
  const found = (seed: number, flips: number): boolean => {
    const bytes = whole.slice();
    let state = seed;
    for (let i = 0; i < flips; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const at = start + (state % (bytes.length - start - 2));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (state >>> 29));
    }
    return whyUnsound(bytes) !== undefined;
  };
  const seeds = Array.from({ length: 300 }, (_, i) => i + 1);
  const one = seeds.filter((seed) => found(seed, 1)).length;
  const twenty = seeds.filter((seed) => found(seed, 20)).length;
  console.info(`one flipped bit: ${one} of 300 found; twenty: ${twenty}`);
  expect(one).toBeGreaterThan(60); // about 105: the noise is another one each time
  expect(twenty).toBeGreaterThan(290);
});

test('cut short, or a part of it left out', async () => {
  const whole = await jpegOf({ quality: 80 });
  expect(whyUnsound(whole.slice(0, whole.length / 2))).toBeDefined();
  expect(whyUnsound(new Uint8Array([...whole.subarray(0, 3000), ...whole.subarray(3400)]))).toBeDefined();
  expect(whyUnsound(Uint8Array.of(0xff, 0xd8, 0xff))).toBeDefined();
});

describe('a header that lies', () => {
  /** As large as a header can say, with a restart behind every unit. @param factor of each component */
  async function lying(factor: number): Promise<Uint8Array<ArrayBuffer>> {
    const jpeg = await jpegOf({ chromaSubsampling: '4:4:4' });
    const at = (wanted: number): number => segmentsOf(jpeg).find(({ marker }) => marker === wanted)?.start ?? 0;
    jpeg.set([0xff, 0xff, 0xff, 0xff], at(0xc0) + 5);
    for (const c of [0, 1, 2]) jpeg[at(0xc0) + 11 + 3 * c] = factor;
    const restarts = [0xff, 0xdd, 0, 4, 0, 1];
    return Uint8Array.from([...jpeg.subarray(0, at(0xda)), ...restarts, ...jpeg.subarray(at(0xda))]);
  }

  test('of 67 million restarts, or of a component without pixels, takes no more than what is there', async () => {
    const jpegs = [await lying(0x11), await lying(0), await lying(0x10)];
    const said = ['its JPEG data is damaged', ...Array(2).fill('its JPEG header is damaged')];
    expect(jpegs.map(whyUnsound)).toEqual(said);
    expect(newLook()(jpegs)).toEqual(said);
  });

  test('by being cut off changes nothing of how whole ones are read', async () => {
    const whole = await jpegOf({ quality: 90 });
    const scan = segmentsOf(whole).find(({ marker }) => marker === 0xda);
    for (let end = scan?.start ?? 0; end < (scan?.end ?? 0); end++) {
      whyUnsound(whole.slice(0, end));
      expect(whyUnsound(whole)).toBeUndefined();
    }
  });
});

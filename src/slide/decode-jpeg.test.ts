import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Decoders } from './decode.ts';
import { decodedJpeg } from './decode-jpeg.ts';
import { nodeDecoders } from './testing/decoders.ts';

const waits = { signal: new AbortController().signal };
const most = { width: 64, height: 64 };
const grey = { width: 64, height: 64, channels: 3, background: '#999' } as const;
const jpegOf = async (): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await sharp({ create: grey }).jpeg().toBuffer());

function counting(): { decoders: Decoders; looks: () => number } {
  let looks = 0;
  const soundness: Decoders['soundness'] = (jpeg, during) => {
    looks++;
    return nodeDecoders.soundness(jpeg, during);
  };
  return { decoders: { ...nodeDecoders, soundness }, looks: () => looks };
}

test('the same bytes are looked through once, others again', async () => {
  const { decoders, looks } = counting();
  const stored = await jpegOf();
  await decodedJpeg(stored, most, decoders, waits);
  await decodedJpeg(stored, most, decoders, waits);
  expect(looks()).toBe(1);
  await decodedJpeg(stored.slice(), most, decoders, waits);
  expect(looks()).toBe(2);
});

test('what was found damaged is looked through each time, and never shown', async () => {
  const { decoders, looks } = counting();
  const whole = await jpegOf();
  const damaged = new Uint8Array([...whole.subarray(0, -12), ...whole.subarray(-2)]);
  const lenient: Decoders = {
    ...decoders,
    image: async () => ({ width: 1, height: 1, rgba: new Uint8ClampedArray(4) }),
  };
  for (let i = 0; i < 2; i++) {
    await expect(decodedJpeg(damaged, most, lenient, waits)).rejects.toThrow('too early');
  }
  expect(looks()).toBe(2);
});

describe('for eyes', () => {
  const picture = { width: 64, height: 64, rgba: new Uint8ClampedArray(4 * 64 * 64) };

  /** A look that the test ends by hand. */
  function byHand() {
    const when: (string | undefined)[] = [];
    let answer: (unsound: string | undefined) => void = () => undefined;
    const soundness: Decoders['soundness'] = (_jpeg, _waits, asked) => {
      when.push(asked);
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const decoders: Decoders = { ...nodeDecoders, image: async () => picture, soundness };
    return { decoders, when, answer: (unsound?: string) => answer(unsound) };
  }

  test('the picture comes before the look, which can wait; what it finds is told, and known from then on', async () => {
    const { decoders, when, answer } = byHand();
    const jpeg = await jpegOf();
    const looks: Promise<void>[] = [];
    const onLook = (whole: Promise<void>): void => void looks.push(whole);
    expect(await decodedJpeg(jpeg, most, decoders, { ...waits, onLook })).toBe(picture);
    expect(when).toEqual(['later']);
    answer('its data ends too early');
    await expect(looks[0]).rejects.toThrow('its data ends too early');
    await decodedJpeg(jpeg, most, decoders, { ...waits, onLook });
    answer();
    await expect(looks[1]).resolves.toBeUndefined();
    await decodedJpeg(jpeg, most, decoders, { ...waits, onLook });
    expect(looks).toHaveLength(2);
  });

  test('whoever else asks for the same tile meanwhile waits for a look of its own, at once', async () => {
    const { decoders, when, answer } = byHand();
    const jpeg = await jpegOf();
    await decodedJpeg(jpeg, most, decoders, { ...waits, onLook: () => undefined });
    let isThere = false;
    const computing = decodedJpeg(jpeg, most, decoders, waits).then(() => {
      isThere = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([when, isThere]).toEqual([['later', undefined], false]);
    answer();
    await computing;
  });
});

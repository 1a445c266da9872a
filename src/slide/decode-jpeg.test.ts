import sharp from 'sharp';
import { expect, test } from 'vitest';
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

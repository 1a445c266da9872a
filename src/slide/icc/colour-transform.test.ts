// Against littleCMS (testing/icc/make.py): invented profiles in each of the forms that the format has; and damaged ones.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide } from '../open.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { sharedFile, testOn } from '../testing/shared.ts';
import { colourTransform, inSrgb } from './colour-transform.ts';

const HERE = resolve(import.meta.dirname, '../testing/icc');
/** By profile, what littleCMS makes of the colours without its short cuts for 8 bits: base64 of [1,064 × 3]. */
const { profiles }: { profiles: Record<string, string> } = JSON.parse(
  readFileSync(resolve(HERE, 'goldens.json'), 'utf8'),
);
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(resolve(HERE, `${name}.icc`)));

/** Corners, greys, and 1,024 more: as make.py has them. */
const colours: readonly (readonly [number, number, number])[] = [
  ...Array.from({ length: 8 }, (_, k) => [255 * (k >> 2), 255 * ((k >> 1) & 1), 255 * (k & 1)] as const),
  ...Array.from({ length: 32 }, (_, k) => [8 * k, 8 * k, 8 * k] as const),
  ...Array.from({ length: 1024 }, (_, k) => {
    const h = Math.imul(k + 1, 2_654_435_761) >>> 0;
    return [h >>> 24, (h >>> 16) & 255, (h >>> 8) & 255] as const;
  }),
];

function differences(name: string, golden: string): { readonly most: number; readonly mean: number } {
  const transform = colourTransform(bytesOf(name));
  const truth = Buffer.from(golden, 'base64');
  let [most, sum] = [0, 0];
  for (const [k, [r, g, b]] of colours.entries())
    for (const [c, value] of inSrgb(transform, r, g, b).entries()) {
      const off = Math.abs(value - (truth[3 * k + c] ?? 0));
      most = Math.max(most, off);
      sum += off;
    }
  return { most, mean: sum / colours.length / 3 };
}

for (const [name, golden] of Object.entries(profiles))
  test(`${name}: colours are those of littleCMS`, () => {
    const { most, mean } = differences(name, golden);
    console.info(`${name}: largest difference ${most}, mean ${mean.toFixed(3)} of 255`);
    expect(most).toBeLessThanOrEqual(1);
  });

testOn(
  'tcga-cr-7395-01a-01-ts1.svs',
  "a slide's own profile, which says sRGB: every colour stays, but for rounding",
  async () => {
    const { signal } = new AbortController();
    using slide = await openSlide(sharedFile('tcga-cr-7395-01a-01-ts1.svs'), { signal, decoders: nodeDecoders });
    const transform = colourTransform(slide.colourProfile ?? new Uint8Array());
    expect(transform.name).toBe('sRGB IEC61966-2.1');
    for (const [r, g, b] of colours)
      for (const [c, value] of inSrgb(transform, r, g, b).entries())
        expect(Math.abs(value - ([r, g, b][c] ?? 0))).toBeLessThanOrEqual(1);
  },
);

const CASES = 100; // of each profile

/** xorshift32 */
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** One case: up to eight bytes changed, most of them near the start, or the end cut off. */
function damaged(whole: Uint8Array<ArrayBuffer>, seed: number): Uint8Array {
  const next = random(seed * 7919);
  const bytes = whole.slice();
  if (next() < 0.2) return bytes.subarray(0, Math.floor(next() * bytes.length));
  for (let k = 0; k < 1 + Math.floor(next() * 8); k++) {
    const reach = next() < 0.6 ? Math.min(500, bytes.length) : bytes.length;
    bytes[Math.floor(next() * reach)] = Math.floor(next() * 256);
  }
  return bytes;
}

test(`damaged profiles are refused with a sentence, or are used: ${CASES} seeds of each`, () => {
  let refused = 0;
  for (const name of Object.keys(profiles)) {
    const whole = bytesOf(name);
    for (let seed = 1; seed <= CASES; seed++) {
      try {
        const transform = colourTransform(damaged(whole, seed));
        for (const [r, g, b] of [colours[3], colours[20], colours[300]].filter((colour) => colour !== undefined))
          for (const value of inSrgb(transform, r, g, b))
            if (!(value >= 0 && value <= 255)) throw new Error(`${value}`);
      } catch (thrown) {
        if (!(thrown instanceof EosinError) || thrown.failure.tag !== 'BadInput')
          throw new Error(`${name}, seed ${seed}: ${thrown}`, { cause: thrown });
        refused++;
      }
    }
  }
  console.info(`${refused} of ${CASES * Object.keys(profiles).length} damaged profiles were refused`);
  expect(refused).toBeGreaterThan(50);
});

test('what cannot be used is told', () => {
  const changed = (at: number, text: string): Uint8Array => {
    const bytes = bytesOf('matrix-4');
    bytes.set(new TextEncoder().encode(text), at);
    return bytes;
  };
  expect(() => colourTransform(new Uint8Array(10))).toThrow(/does not start as one does.*shown as it is stored/);
  expect(() => colourTransform(changed(16, 'GRAY'))).toThrow('it is for grey pixels, not for RGB');
  expect(() => colourTransform(changed(12, 'link'))).toThrow("it is of the kind 'link'");
  expect(colourTransform(bytesOf('matrix-4')).name).toBe('Parametric curves, µ');
  expect(colourTransform(bytesOf('matrix-2')).name).toBe('Wide primaries, gamma by table');
});

import { describe, expect, test } from 'vitest';
import type { PatchOutputs } from './model.ts';
import { goldenOutputs, maxDifference, patchShapes, whatIsWrong } from './outputs.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { manifestExample } from './testing/manifest-example.ts';

const manifest = parsePatchManifest(manifestExample);
const SIZE = 64;
const pack = (a: number, b: number, c: number): number => a + 256 * b + 65536 * c;
const ints = (length: number, value: number) => new Int32Array(length).fill(value);

const fine = (): PatchOutputs => ({
  nuclei: { dims: [1, 1, 128, 128], data: ints(128 * 128, pack(200, 50, 5)) },
  coarse: { dims: [1, 3, 32, 32], data: ints(3 * 32 * 32, pack(255, 0, 0)) },
  tissue: { dims: [1, 1, 1, 1], data: Float32Array.of(1) },
});

describe('whatIsWrong', () => {
  test('finds nothing amiss in plausible outputs', () =>
    expect(whatIsWrong(patchShapes(manifest, SIZE), fine())).toBeUndefined());

  test('lets the types be zero: their fourth class is what the others leave', () => {
    const outputs = fine();
    outputs.coarse?.data.fill(0, 0, 32 * 32);
    expect(whatIsWrong(patchShapes(manifest, SIZE), outputs)).toBeUndefined();
  });

  test.each([
    ['nuclei is zero everywhere', (outputs: PatchOutputs) => outputs.nuclei?.data.fill(0)],
    ['glands is zero everywhere', (outputs: PatchOutputs) => outputs.coarse?.data.fill(0, 32 * 32, 2 * 32 * 32)],
    ['nuclei holds -2147483648', (outputs: PatchOutputs) => outputs.nuclei?.data.fill(-(2 ** 31), 9, 10)],
    ['tissue holds NaN', (outputs: PatchOutputs) => outputs.tissue?.data.fill(Number.NaN)],
    ['tissue is zero everywhere', (outputs: PatchOutputs) => outputs.tissue?.data.fill(0)],
  ])('sees that %s', (message, spoil) => {
    const outputs = fine();
    spoil(outputs);
    expect(whatIsWrong(patchShapes(manifest, SIZE), outputs)).toContain(message);
  });

  test('sees another shape', () => {
    expect(whatIsWrong(patchShapes(manifest, 128), fine())).toBe(
      'nuclei has the shape 1 × 1 × 128 × 128, the manifest says 1 × 1 × 256 × 256',
    );
  });
});

describe('maxDifference', () => {
  test('is of probabilities, in whichever byte', () => {
    for (const [a, b] of [
      [pack(10, 0, 0), pack(13, 0, 0)],
      [pack(0, 10, 0), pack(0, 7, 0)],
      [pack(0, 0, 255), pack(0, 0, 252)],
    ] as const) {
      const seen = { ...fine(), nuclei: { dims: [1, 1, 1, 2], data: Int32Array.of(a, 0) } };
      const expected = { ...fine(), nuclei: { dims: [1, 1, 1, 2], data: Int32Array.of(b, 0) } };
      expect(maxDifference(expected, seen)).toBeCloseTo(3 / 255, 10);
    }
  });
  test('is infinite for NaN and for what is missing', () => {
    expect(
      maxDifference(fine(), { ...fine(), tissue: { dims: [1, 1, 1, 1], data: Float32Array.of(Number.NaN) } }),
    ).toBe(Infinity);
    expect(maxDifference(fine(), {})).toBe(Infinity);
  });
});

describe('goldenOutputs', () => {
  const length = 128 * 128 + 3 * 32 * 32 + 1;
  test('cuts the file as the manifest orders it', () => {
    const bytes = new ArrayBuffer(length * 4);
    new Float32Array(bytes).set([0.25], length - 1);
    new Int32Array(bytes).set([77], 128 * 128);
    const outputs = goldenOutputs(bytes, manifest, patchShapes(manifest, SIZE), 'its 64 px picture');
    expect(Object.keys(outputs)).toEqual(['nuclei', 'coarse', 'tissue']);
    expect(outputs.coarse?.data[0]).toBe(77);
    expect(outputs.tissue?.data[0]).toBe(0.25);
  });
  test('refuses another length', () => {
    expect(() =>
      goldenOutputs(new ArrayBuffer(length * 4 - 4), manifest, patchShapes(manifest, SIZE), 'its picture'),
    ).toThrow('holds 77824 bytes');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { convsOf, whyNotOnWebGpu } from './onnx-graph.ts';
import { onnxBytes } from './testing/onnx-bytes.ts';

const conv = (shape: readonly number[], group = 1) =>
  onnxBytes(
    [
      { op: 'Cast', inputs: ['w16'], output: 'w' },
      { op: 'Conv', name: 'encoder.conv1', inputs: ['image', 'w', 'b'], output: 'y', ints: { group } },
    ],
    { w16: shape, b: shape.slice(0, 1) },
    group === 1,
  );

describe('convsOf', () => {
  test('finds weights behind a Cast', () => {
    expect(convsOf(conv([300, 6, 3, 3]))).toEqual([
      { name: 'encoder.conv1', group: 1, inChannels: 6, outChannels: 300, kernel: [3, 3] },
    ]);
  });
  test('counts channels over groups', () => {
    expect(convsOf(conv([32, 1, 3, 3], 6))[0]).toMatchObject({ group: 6, inChannels: 6 });
  });
  test.each(['public/models/cerberus-lite', 'e2e/fixtures/models/cerberus-sibling'])(
    'reads %s, which is clear',
    (folder) => {
      const onnx = new Uint8Array(readFileSync(`${folder}/model.onnx`));
      const convs = convsOf(onnx);
      expect(convs.length).toBeGreaterThan(8);
      expect(convs.every(({ kernel }) => kernel.length === 2)).toBe(true);
      expect(whyNotOnWebGpu(onnx)).toBeUndefined();
    },
  );
  test('refuses what is no ONNX file', () => {
    expect(() => convsOf(new TextEncoder().encode('<!doctype html><html lang="en">'))).toThrow(EosinError);
    expect(() => convsOf(conv([32, 6, 3, 3]).slice(0, 40))).toThrow('ends in the middle');
  });
});

// Rows of FACTS.md §2.4, measured on the provider: [out, in, kernel…], group, computed wrongly?
describe('whyNotOnWebGpu', () => {
  test.each([
    [[32, 6, 3, 3], 1, true],
    [[32, 9, 3, 3], 1, true],
    [[36, 18, 3, 3], 1, true],
    [[64, 6, 7, 7], 1, true],
    [[8, 66, 3, 3], 1, true],
    [[32, 3, 3, 3], 1, false],
    [[32, 12, 3, 3], 1, false],
    [[32, 36, 3, 3], 1, false],
    [[6, 6, 3, 3], 1, false],
    [[30, 6, 3, 3], 1, false],
    [[18, 18, 3, 3], 1, false],
    [[32, 6, 1, 1], 1, false],
    [[32, 10, 3, 3], 1, false],
    [[12, 1, 3, 3], 6, false],
  ] as const)('weights %j in %i groups: refused %s', (shape, group, refused) => {
    const reason = whyNotOnWebGpu(conv(shape, group));
    if (refused) expect(reason).toContain(`encoder.conv1 with ${shape[1]} → ${shape[0]} channels`);
    else expect(reason).toBeUndefined();
  });

  test('says how many there are, what to do, and finds them behind an Identity too', () => {
    const onnx = onnxBytes(
      [
        { op: 'Conv', name: 'a', inputs: ['image', 'w'], output: 'y' },
        { op: 'Identity', inputs: ['v'], output: 'same' },
        { op: 'Conv', name: 'b', inputs: ['y', 'same'], output: 'z' },
        { op: 'Conv', name: 'unknown', inputs: ['z', 'computed'], output: 'q' }, // no shape to judge by
      ],
      { w: [32, 6, 3, 3], v: [36, 18, 5, 5] },
      true,
    );
    expect(whyNotOnWebGpu(onnx)).toBe(
      'the runtime computes a with 6 → 32 channels and 1 more wrongly on WebGPU; padded to a multiple of 4 channels at export it would be right',
    );
  });
});

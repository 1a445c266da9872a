import { existsSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { cutAt } from './cut.ts';
import { readOnnx } from './onnx-facts.ts';
import { type TapFound, tapsOf } from './taps.ts';

const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));
const SIMCLR = 'public/models/resnet18-simclr/model.onnx';
const WEIGHTS = '../shared/weights';

const picture = (size: number): ort.Tensor =>
  new ort.Tensor(
    'float32',
    Float32Array.from({ length: 3 * size * size }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.011)),
    [1, 3, size, size],
  );

async function outputsOf(onnx: Uint8Array<ArrayBuffer>, input: string, size: number): Promise<Map<string, number[]>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 3 });
  try {
    const results = await session.run({ [input]: picture(size) });
    return new Map(
      Object.entries(results).map(([name, { data }]) => [
        name,
        data instanceof Float32Array ? Array.from(data) : [Number.NaN],
      ]),
    );
  } finally {
    await session.release();
  }
}

/** Means over height and width, as the cut graph should give them. */
const meansOf = (values: readonly number[], channels: number): number[] => {
  const area = values.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    const map = values.slice(c * area, (c + 1) * area);
    return map.reduce((sum, value) => sum + value, 0) / area;
  });
};

function expectClose(seen: readonly number[] | undefined, expected: readonly number[] | undefined): void {
  expect(seen?.length).toBe(expected?.length);
  const largest = Math.max(...(expected ?? []).map(Math.abs));
  const differences = (expected ?? []).map((value, i) => Math.abs(value - (seen?.[i] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThan(1e-5 * largest + 1e-6); // float32 sums in another order
}

describe('cutAt', () => {
  test('a shipped encoder cut at its second block gives the same block, in a smaller file', async () => {
    const whole = read(SIMCLR);
    const cut = cutAt(whole, [{ tensor: 'block2', output: 'block2', channels: 128, pooled: false }]);
    expect(cut.length).toBeLessThan(whole.length / 10); // blocks 3 and 4 hold nine tenths of the weights
    const [before, after] = [await outputsOf(whole, 'image', 64), await outputsOf(cut, 'image', 64)];
    expect([...after.keys()]).toEqual(['block2']);
    expectClose(after.get('block2'), before.get('block2'));
  });

  test('a map inside is averaged over its place', async () => {
    const whole = read(SIMCLR);
    // The rectified map whose mean the graph itself calls block3.
    const cut = cutAt(whole, [{ tensor: 'relu_64', output: 'inside', channels: 256, pooled: true }]);
    const [before, after] = [await outputsOf(whole, 'image', 64), await outputsOf(cut, 'image', 64)];
    expectClose(after.get('inside'), before.get('block3'));
  });

  test('no such tensor, and a name that is taken, are told', () => {
    const whole = read(SIMCLR);
    const tap = { tensor: 'nowhere', output: 'a', channels: 1, pooled: false };
    expect(() => cutAt(whole, [tap])).toThrow('the graph makes no nowhere');
    expect(() => cutAt(whole, [{ ...tap, tensor: 'relu_64', output: 'block1' }])).toThrow(EosinError);
  });

  const squeezenet = `${WEIGHTS}/squeezenet1.1_imagenet_fp32.onnx`;
  test.skipIf(!existsSync(squeezenet))(
    '../shared/weights: every tap of SqueezeNet gives what the whole network holds there',
    async () => {
      const whole = read(squeezenet);
      const { found } = tapsOf(whole, 'x', 64);
      const [before, after] = [await outputsOf(whole, 'x', 64), await outputsOf(cutAt(whole, found), 'x', 64)];
      expect([...after.keys()]).toEqual(found.map(({ output }) => output));
      expectClose(after.get('logits'), before.get('logits'));
      for (const { tensor, output, channels } of found) {
        const map = before.get(tensor);
        if (map && tensor !== 'logits') expectClose(after.get(output), meansOf(map, channels));
      }
    },
    60_000,
  );
});

const brief = ({ output, channels, what, side }: TapFound): string =>
  `${what} ${output}: ${channels}${side === undefined ? '' : ` of ${side} px`}`;

describe('tapsOf', () => {
  test('an encoder that gives its blocks already is proposed with these, and with its stem', () => {
    const taps = tapsOf(read(SIMCLR), 'image', 224);
    expect(taps.found.map(brief)).toEqual([
      'block block1-2: 64 of 112 px',
      'features block1: 64',
      'features block2: 128',
      'features block3: 256',
      'features block4: 512',
    ]);
    expect(taps.gflopPerMegapixel).toBeCloseTo(72.3, 0); // what its manifest says, counted in Python
  });

  const squeezenet = `${WEIGHTS}/squeezenet1.1_imagenet_fp32.onnx`;
  test.skipIf(!existsSync(squeezenet))(
    '../shared/weights: SqueezeNet has classes, blocks and what comes before',
    () => {
      expect(tapsOf(read(squeezenet), 'x', 224).found.map(brief)).toEqual([
        'classes logits: 1000',
        'block block1: 64 of 111 px',
        'block block2: 128 of 55 px',
        'block block3: 256 of 27 px',
        'features features: 512 of 13 px',
      ]);
    },
  );

  const layer3 = `${WEIGHTS}/resnet18_imagenet_layer3_fp32.onnx`;
  test.skipIf(!existsSync(layer3))('../shared/weights: a truncated ResNet-18 has no classifier', () => {
    const onnx = read(layer3);
    expect(readOnnx(onnx, 'layer3.onnx').operators.map(({ type }) => type)).toContain('GlobalAveragePool');
    expect(tapsOf(onnx, 'x', 224).found.map(brief)).toEqual([
      'block block1: 64 of 112 px',
      'block block2: 64 of 56 px',
      'block block3: 128 of 28 px',
      'features embedding: 256',
    ]);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { rowsModel } from '#learn/rows-graph.ts';
import { oneOperator } from '../testing/one-operator.ts';
import { exposed } from '../testing/operator-graphs.ts';
import { COLOURS_FIRST, cutAt } from './cut.ts';
import { readOnnx } from './onnx-facts.ts';
import { gflopPerMegapixelOf, type TapFound, tapsOf } from './taps.ts';

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
    const cut = cutAt(whole, [{ tensor: 'block2', output: 'block2', channels: 128, shape: 'vector' }]);
    expect(cut.length).toBeLessThan(whole.length / 10); // blocks 3 and 4 hold nine tenths of the weights
    const [before, after] = [await outputsOf(whole, 'image', 64), await outputsOf(cut, 'image', 64)];
    expect([...after.keys()]).toEqual(['block2']);
    expectClose(after.get('block2'), before.get('block2'));
  });

  test('a map inside is averaged over its place', async () => {
    const whole = read(SIMCLR);
    // The rectified map whose mean the graph itself calls block3.
    const cut = cutAt(whole, [{ tensor: 'relu_64', output: 'inside', channels: 256, shape: 'map' }]);
    const [before, after] = [await outputsOf(whole, 'image', 64), await outputsOf(cut, 'image', 64)];
    expectClose(after.get('inside'), before.get('block3'));
  });

  test('a network that wants its colours last is given them so', async () => {
    const whole = oneOperator({ type: 'ReduceMean', inputs: [[1, 8, 8, 3]], attributes: { axes: [1], keepdims: 0 } });
    const taps = [{ tensor: 'out 0', output: 'rows', channels: 3, shape: 'tokens' }] as const;
    const cut = cutAt(whole, taps, 'in 0');
    const { inputs } = readOnnx(cut, 'cut.onnx');
    expect(inputs).toEqual([{ name: COLOURS_FIRST, element: 1, dims: [1, 3, 8, 8] }]);
    const { data } = picture(8);
    if (!(data instanceof Float32Array)) throw new Error('a picture is float32');
    expectClose((await outputsOf(cut, COLOURS_FIRST, 8)).get('rows'), meansOf([...data], 3));
  });

  test('no such tensor, and a name that is taken, are told', () => {
    const whole = read(SIMCLR);
    const tap = { tensor: 'nowhere', output: 'a', channels: 1, shape: 'vector' } as const;
    expect(() => cutAt(whole, [tap])).toThrow('the graph makes no nowhere');
    expect(() => cutAt(whole, [{ ...tap, tensor: 'relu_64', output: 'block1' }])).toThrow(EosinError);
  });

  const squeezenet = `${WEIGHTS}/squeezenet1.1_imagenet_fp32.onnx`;
  test.skipIf(!existsSync(squeezenet))(
    '../shared/weights: every tap of SqueezeNet gives what the whole network holds there',
    async () => {
      const whole = read(squeezenet);
      const found = tapsOf(whole, at('x', 64), undefined);
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

const at = (name: string, side: number) => ({ name, side, coloursLast: false });

const brief = ({ output, channels, what, shape, side }: TapFound): string =>
  `${what} ${output}: ${channels}${side === undefined ? '' : ` of ${side} ${shape === 'map' ? 'px' : 'tokens'}`}`;

describe('gflopPerMegapixelOf', () => {
  test('a network, and what is left of it when it is cut', () => {
    const whole = read(SIMCLR);
    expect(gflopPerMegapixelOf(whole, at('image', 224))).toBeCloseTo(72.3, 0); // what its manifest says, counted in Python
    const cut = cutAt(whole, [{ tensor: 'block2', output: 'block2', channels: 128, shape: 'vector' }]);
    // .99 of ResNet-18's 1.81 GMAC (He et al. 2016) lie before its third block, and a sixteenth of its weights.
    expect(gflopPerMegapixelOf(cut, at('image', 224)) / 72.3).toBeCloseTo(0.99 / 1.81, 1);
  });
});

describe('tapsOf', () => {
  test('a transformer: four depths of its residual stream, means over its tokens', async () => {
    const whole = Uint8Array.from(gunzipSync(readFileSync('models/goldens/tiny-vit.onnx.gz')));
    const found = tapsOf(whole, at('image', 64), undefined);
    expect(found.map(brief)).toEqual([
      'block block1: 16 of 4 px', // its patches, before it reads them
      'block block2: 16 of 17 tokens',
      'block block3: 16 of 17 tokens',
      'block block4: 16 of 17 tokens',
      'block block5: 16 of 17 tokens',
      'features features: 16',
    ]);
    const [before, after] = [
      await outputsOf(exposed(whole), 'image', 64),
      await outputsOf(cutAt(whole, found), 'image', 64),
    ];
    expect([...after.keys()]).toEqual(found.map(({ output }) => output));
    for (const { tensor, output, shape } of found.slice(1)) {
      const tokens = before.get(tensor) ?? [];
      const mean = Array.from({ length: 16 }, (_, c) => {
        const values = tokens.filter((_value, i) => i % 16 === c);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      });
      expectClose(after.get(output), shape === 'tokens' ? mean : tokens);
    }
  });

  test('an encoder that gives its blocks already is proposed with these, and with its stem', () => {
    const taps = tapsOf(read(SIMCLR), at('image', 224), undefined);
    expect(taps.map(brief)).toEqual([
      'block block1-2: 64 of 112 px',
      'features block1: 64',
      'features block2: 128',
      'features block3: 256',
      'features block4: 512',
    ]);
  });

  test.each([
    ['output', 256, undefined, 'features'], // an encoder with a projection at its end
    ['output', 256, 256, 'classes'], //        as many as its description names
    ['logits', 256, undefined, 'classes'],
    ['output', 1000, undefined, 'classes'], // ImageNet's
    ['output', 2, undefined, 'classes'],
  ])('a layer that ends in %s of %i, where %s classes are named: %s', (output, width, classes, what) => {
    const layer = (name: string, dims: readonly [number, number]) => ({
      name,
      dims,
      values: new Float32Array(dims[0] * dims[1]),
    });
    const onnx = rowsModel({
      input: { name: 'image', channels: 3 },
      nodes: [
        { type: 'Gemm', inputs: ['image', 'w1'], output: 'hidden', attributes: { transB: 1 } },
        { type: 'Gemm', inputs: ['hidden', 'w2'], output, attributes: { transB: 1 } },
      ],
      constants: [layer('w1', [512, 3]), layer('w2', [width, 512])],
      outputs: [{ name: output, rows: undefined, channels: width }],
    });
    expect(tapsOf(onnx, at('image', 8), classes)[0]).toMatchObject({ tensor: output, what });
  });

  const squeezenet = `${WEIGHTS}/squeezenet1.1_imagenet_fp32.onnx`;
  test.skipIf(!existsSync(squeezenet))(
    '../shared/weights: SqueezeNet has classes, blocks and what comes before',
    () => {
      expect(tapsOf(read(squeezenet), at('x', 224), undefined).map(brief)).toEqual([
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
    expect(tapsOf(onnx, at('x', 224), undefined).map(brief)).toEqual([
      'block block1: 64 of 112 px',
      'block block2: 64 of 56 px',
      'block block3: 128 of 28 px',
      'features embedding: 256',
    ]);
  });
});

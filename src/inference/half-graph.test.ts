import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { inHalf } from './half-graph.ts';
import { halfOf } from './kernels/half.ts';
import { goldenOutputs, maxDifference, patchShapes } from './outputs.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { tensorOf } from './session.ts';
import { onnxBytes } from './testing/onnx-bytes.ts';

const SIBLING = 'e2e/fixtures/models/cerberus-sibling';
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

/** A made-up picture, normalised. */
const picture = (size: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 3 * size * size }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.011));

async function outputsOf(onnx: Uint8Array<ArrayBuffer>, input: ort.Tensor) {
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 3 });
  try {
    const results = await session.run({ image: input }, ['nuclei', 'coarse', 'tissue']);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensorOf(tensor, name, { id: 'sibling' })]),
    );
  } finally {
    await session.release();
  }
}

describe('inHalf', () => {
  // The processor's kernels compute in fp32 between casts, so this shows that the graph is whole and its constants right,
  // not how far fp16 arithmetic drifts on a GPU: the golden patch says that there.
  test('the sibling takes halves and gives what it gives in fp32, in the same types', async () => {
    ort.env.wasm.numThreads = 1;
    const stored = read(`${SIBLING}/model.onnx`);
    const manifest = parsePatchManifest(JSON.parse(readFileSync(`${SIBLING}/model.json`, 'utf8')));
    const values = picture(64);
    const dims = [1, 3, 64, 64];
    const full = await outputsOf(stored, new ort.Tensor('float32', values, dims));
    const half = await outputsOf(inHalf(stored), new ort.Tensor('float16', Uint16Array.from(values, halfOf), dims));
    expect(maxDifference(full, half)).toBeGreaterThan(0); // it is another graph
    expect(maxDifference(full, half)).toBeLessThan(manifest.golden.tolerance);
    const golden = goldenOutputs(read(`${SIBLING}/golden.bin`).buffer, manifest, patchShapes(manifest, 64), 'it');
    for (const [name, { dims: expected, data }] of Object.entries(golden)) {
      expect(half[name]?.dims).toEqual(expected);
      expect(half[name]?.data.constructor).toBe(data.constructor);
    }
  });

  test.each([
    'cerberus-lite',
    'resnet18-simclr',
    'resnet18-simclr-tuned',
    'resnet18-imagenet-distilled',
    'efficientnet-lite0-imagenet',
  ])('%s has a form in fp16, which the runtime takes', async (id) => {
    const half = inHalf(read(`public/models/${id}/model.onnx`));
    const session = await ort.InferenceSession.create(half, {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    });
    expect(session.inputMetadata[0]).toMatchObject({ name: 'image', type: 'float16' });
    for (const output of session.outputMetadata) expect(output.isTensor && output.type).toMatch(/^(float32|int32)$/);
    await session.release();
  });

  test('an operator that is not known in fp16 is named', () => {
    const onnx = onnxBytes([{ op: 'RandomNormal', inputs: [], output: 'y' }], {}, true);
    expect(() => inHalf(onnx)).toThrow('its graph holds RandomNormal');
  });
});

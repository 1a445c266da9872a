// Shapes as they are worked out, against those that the runtime gives the same tensors.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { graphOf } from '../onnx-graph.ts';
import { exposed } from '../testing/operator-graphs.ts';
import { shapesFor } from './shapes.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const read = (path: string): Bytes => {
  const bytes = readFileSync(path);
  return Uint8Array.from(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
};

/** Of every tensor between its nodes, for one picture. */
async function seen(onnx: Bytes, input: string, dims: readonly number[]): Promise<Map<string, readonly number[]>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(exposed(onnx), {
    logSeverityLevel: 3,
    graphOptimizationLevel: 'disabled',
  });
  try {
    const length = dims.reduce((product, side) => product * side, 1);
    const results = await session.run({ [input]: new ort.Tensor('float32', new Float32Array(length), dims) });
    return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.dims]));
  } finally {
    await session.release();
  }
}

const SHARED = '../shared/weights';

const NETWORKS = [
  ['models/goldens/tiny-vit.onnx.gz', 'image', [1, 3, 64, 64]],
  ['public/models/resnet18-simclr/model.onnx', 'image', [1, 3, 64, 64]],
  ['public/models/efficientnet-lite0-imagenet/model.onnx', 'image', [1, 3, 64, 64]],
  [`${SHARED}/squeezenet1.1_imagenet_fp32.onnx`, 'x', [1, 3, 64, 64]],
  [`${SHARED}/resnet18_imagenet_layer3_fp32.onnx`, 'x', [1, 3, 64, 64]],
] as const;

for (const [path, name, dims] of NETWORKS)
  test.skipIf(!existsSync(path))(`${path}: every shape is the one that comes out`, async () => {
    const onnx = read(path);
    const graph = graphOf(onnx);
    const found = shapesFor(graph, { name, dims });
    const expected = await seen(onnx, name, dims);
    const wrong: string[] = [];
    const unknown: string[] = [];
    for (const { opType, outputs } of graph.nodes)
      for (const output of outputs) {
        const [is, was] = [expected.get(output), found.get(output)];
        if (!is || opType === 'Constant') continue;
        if (!was) unknown.push(opType);
        else if (was.join() !== is.join()) wrong.push(`${opType} ${output}: ${was} is ${is}`);
      }
    expect(wrong).toEqual([]);
    expect(unknown).toEqual([]);
  });

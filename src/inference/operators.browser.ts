// Every operator that a shipped graph asks a GPU for, with its attributes and channel counts, against the same on WASM.
// Random weights and inputs, 16²: software WebGPU gets through that.
import * as ort from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import index from '../../public/models/index.json';
import { readsPatches } from './manifest.ts';
import { configureOrt } from './ort-files.ts';
import { parseManifest } from './parse-manifest.ts';
import { startSession } from './session.ts';
import {
  channelPad,
  convolution,
  type Operator,
  operatorsOf,
  sideBySide,
  tensorsOf,
} from './testing/operator-graphs.ts';

const SEED = 14;
const A_GRAPH = 16; // operators side by side: each session costs seconds, and so does a graph with too many buffers
// float32 sums of up to 4,608 products, outputs of a size around one (FACTS.md §2.4 saw 2e-6 where a provider is right, and
// more than one where it is wrong).
const TOLERANCE = 1e-4;

let gpu: Gpu;
beforeAll(async () => {
  configureOrt(ort);
  gpu = await openGpu({ software: true }); // throws NoGpu where there is no adapter: these tests never pass on nothing
});
afterAll(() => gpu.device.destroy());

/** The operators of all shipped networks that read patches; those that read features never go to a GPU. */
async function shippedOperators(): Promise<Operator[]> {
  const distinct = new Map<string, Operator>();
  for (const id of index) {
    const folder = `/models/${id}/`;
    const manifest = parseManifest(await (await fetch(`${folder}model.json`)).json());
    if (!readsPatches(manifest)) continue;
    const onnx = new Uint8Array(await (await fetch(`${folder}${manifest.file}`)).arrayBuffer());
    for (const operator of operatorsOf(onnx, await tensorsOf(ort, onnx, manifest.input.name), id))
      if (!distinct.has(operator.key)) distinct.set(operator.key, operator);
  }
  return [...distinct.values()];
}

/** max |WebGPU − WASM| of each operator; Infinity where one has another shape, or NaN. */
async function differences(operators: readonly Operator[]): Promise<number[]> {
  const { onnx, feeds, outputs } = sideBySide(operators, SEED);
  const run = async (device: GPUDevice | undefined) => {
    const session = await startSession({ ort, id: 'operators', onnx, gpu: device, deviceName: 'the test' });
    try {
      const tensors = feeds.map(({ name, type, data, dims }) => [name, new ort.Tensor(type, data, dims)] as const);
      const results = await session.run(Object.fromEntries(tensors), outputs);
      return await Promise.all(
        outputs.map(async (name) => {
          const data = await results[name]?.getData(true); // from the GPU, and released there
          return data instanceof Float32Array || data instanceof Int32Array ? data : new Float32Array();
        }),
      );
    } finally {
      await session.release();
    }
  };
  const [expected, seen] = [await run(undefined), await run(gpu.device)];
  return expected.map((values, k) => {
    const others = seen[k] ?? [];
    if (values.length === 0 || values.length !== others.length) return Infinity;
    let largest = 0;
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(value - (others[i] ?? Number.NaN));
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    }
    return largest;
  });
}

describe('each operator of the shipped graphs', { timeout: 900_000 }, () => {
  test('agrees between WebGPU and WASM', async () => {
    const operators = await shippedOperators();
    // All kinds, and the channel counts of five networks: fewer would mean that graphs were not read.
    expect(new Set(operators.map(({ opType }) => opType)).size).toBeGreaterThanOrEqual(14);
    expect(operators.filter(({ opType }) => opType === 'Conv').length).toBeGreaterThan(45);
    const wrong: string[] = [];
    for (let from = 0; from < operators.length; from += A_GRAPH) {
      const some = operators.slice(from, from + A_GRAPH);
      for (const [k, difference] of (await differences(some)).entries())
        if (difference > TOLERANCE) wrong.push(`${some[k]?.name}: ${difference}`);
    }
    expect(wrong).toEqual([]);
  });

  test('and one that is known to be wrong is noticed, beside one that is right and the way there', async () => {
    const [right, wrong, pad] = await differences([convolution(8, 32), convolution(6, 32), channelPad(6, 2)]);
    expect(right).toBeLessThan(TOLERANCE);
    expect(pad).toBe(0);
    // When this fails, the runtime was repaired: isWrongOnWebGpu in onnx-graph.ts can go, and this half of the test.
    expect(wrong).toBeGreaterThan(0.1);
  });
});

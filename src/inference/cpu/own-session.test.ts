import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { maxDifference, outputBytes, patchShapes } from '../outputs.ts';
import { parsePatchManifest } from '../parse-manifest.ts';
import { type Ort, plainOutputs, type Session, startSession } from '../session.ts';
import { onnxBytes } from '../testing/onnx-bytes.ts';
import { KernelSpace } from './kernel-space.ts';
import { openOwnSession } from './own-session.ts';
import { readNetwork } from './read-network.ts';
import { randomFrom } from './testing/networks.ts';

const SIBLING = 'e2e/fixtures/models/cerberus-sibling';
const SHIPPED = ['cerberus-lite', 'resnet18-imagenet-distilled', 'resnet18-simclr', 'resnet18-simclr-tuned'];
const KNOWN = [SIBLING, ...SHIPPED.map((id) => `public/models/${id}`)];

function modelIn(folder: string) {
  const manifest = parsePatchManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
  return { manifest, onnx: new Uint8Array(readFileSync(join(folder, manifest.file))) };
}

beforeAll(() => {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = 1;
});

describe('beside the runtime', () => {
  test.each(KNOWN)('%s gives the same', async (folder) => {
    const { manifest, onnx } = modelIn(folder);
    const names = manifest.outputs.map(({ name }) => name);
    const size = 3 * manifest.input.multiple;
    const picture = Float32Array.from({ length: 3 * size * size }, randomFrom(7)).map((value) => 2 * value);
    const outputsOf = async (session: Session) => {
      const feeds = { [manifest.input.name]: new ort.Tensor('float32', picture, [1, 3, size, size]) };
      return plainOutputs(await session.run(feeds, names), names, manifest);
    };
    const own = await openOwnSession({ ort, manifest, onnx, space: new KernelSpace() });
    if (!own) throw new Error('its graph is not known');
    const runtime = await startSession({ ort: theirs, id: manifest.id, onnx, gpu: undefined, deviceName: 'Node' });
    const [seen, wanted] = [await outputsOf(own), await outputsOf(runtime)];
    for (const { output, dims } of patchShapes(manifest, size)) {
      const [mine, other] = [seen[output.name], wanted[output.name]];
      if (!mine || !other) throw new Error(`${output.name} is missing`);
      expect(mine.dims).toEqual(dims);
      const largest = Array.from(other.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (output.kind === 'packed') {
        // One step of 255 where a share lies at the edge between two.
        expect(maxDifference({ out: other }, { out: mine })).toBeLessThanOrEqual(1.01 / 255);
        expect(mine.data.filter((value, i) => value !== other.data[i]).length).toBeLessThan(mine.data.length / 1000);
      } else expect(maxDifference({ out: other }, { out: mine }) / largest).toBeLessThan(1e-4); // float32, in another order
    }
    await Promise.all([own.release(), runtime.release()]);
  });
});

const theirs: Ort = ort;

test('outputs are written into memory that is lent for a run, and lie in their own where it is too small', async () => {
  const { manifest, onnx } = modelIn(SIBLING);
  const names = manifest.outputs.map(({ name }) => name);
  const size = 3 * manifest.input.multiple;
  const picture = Float32Array.from({ length: 3 * size * size }, randomFrom(7));
  const own = await openOwnSession({ ort, manifest, onnx, space: new KernelSpace() });
  if (!own) throw new Error('its graph is not known');
  const outputs = async (lent?: ArrayBufferLike) => {
    if (lent) own.lend?.(lent);
    const feeds = { [manifest.input.name]: new ort.Tensor('float32', picture, [1, 3, size, size]) };
    return plainOutputs(await own.run(feeds, names), names, manifest, lent);
  };
  const plain = await outputs();
  const bytes = outputBytes(manifest, size, names);
  for (const lent of [new SharedArrayBuffer(bytes), new ArrayBuffer(bytes), new SharedArrayBuffer(bytes - 4)]) {
    const written = await outputs(lent);
    expect(written).toEqual(plain);
    const inPlace = Object.values(written).filter(({ data }) => data.buffer === lent);
    expect(inPlace).toHaveLength(names.length - (lent.byteLength < bytes ? 1 : 0));
  }
  const after = Object.values(await outputs());
  expect(new Set(after.map(({ data }) => data.buffer)).size).toBe(names.length); // it was lent for one run
  await own.release();
});

describe('a graph that is not known', () => {
  test('is left to the runtime: depthwise convolutions', async () => {
    const { manifest, onnx } = modelIn('public/models/efficientnet-lite0-imagenet');
    expect(await openOwnSession({ ort, manifest, onnx, space: new KernelSpace() })).toBeUndefined();
  });

  test.each([
    [[{ op: 'Erf', inputs: ['image'], output: 'out' }]],
    [[{ op: 'Relu', inputs: ['image'], output: 'out' }]], // of the picture itself only convolutions are computed
    [[{ op: 'Conv', inputs: ['image', 'w'], output: 'out' }]], // no numbers behind the shape
    [[{ op: 'Identity', inputs: ['image'], output: 'other' }]], // nothing makes the output
    [[]],
  ])('%j', (nodes) => {
    const onnx = onnxBytes(nodes, { w: [8, 3, 3, 3] }, false);
    expect(readNetwork(onnx, 'image', ['out'])).toBeUndefined();
  });

  test('nor are bytes that are none', () => {
    expect(readNetwork(Uint8Array.of(255, 255, 255), 'image', ['out'])).toBeUndefined();
  });
});

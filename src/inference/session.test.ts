import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import type { Patch } from './model.ts';
import { dimsOf } from './outputs.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { openSession, type PatchWays, plainOutputs } from './session.ts';
import { manifestExample } from './testing/manifest-example.ts';

const waysFrom = (compose: PatchWays['compose']): PatchWays => ({
  compose,
  collect: plainOutputs,
  [Symbol.dispose]: () => undefined,
});

/** What the runtime says where a session cannot be made. */
const openingSays = (said: string) =>
  openSession({
    ort: {
      Tensor: ort.Tensor,
      env: ort.env,
      InferenceSession: { create: () => Promise.reject(new Error(said)) },
    },
    manifest: parsePatchManifest(manifestExample),
    onnx: new Uint8Array(),
    ways: waysFrom(() => {
      throw new Error('nothing is run here');
    }),
    gpu: undefined,
    deviceName: 'WebAssembly',
  });

const noBackend = (why: string): string => `no available backend found. ERR: [wasm] ${why}`;

test.each([
  [noBackend('TypeError: Failed to fetch dynamically imported module: https://a.example/ort.mjs'), 'Unreachable'],
  [noBackend('TypeError: error loading dynamically imported module: https://a.example/ort.mjs'), 'Unreachable'],
  [noBackend('RuntimeError: Aborted(both async and sync fetching of the wasm failed)'), 'Unreachable'],
  [noBackend('RangeError: WebAssembly.Memory(): could not allocate memory'), 'WorkerDied'],
  ["Can't create a session. ERROR_CODE: 7, ERROR_MESSAGE: protobuf parsing failed.", 'ModelInvalid'],
])('a session that fails with “%s” is %s', async (said, tag) => {
  const failed = openingSays(said);
  await expect(failed).rejects.toMatchObject({ failure: { tag } });
  await expect(failed).rejects.toThrow(said);
});

test.each([
  [0, ['nuclei'], 'nuclei is zero everywhere'],
  [Number.NaN, ['tissue'], 'tissue holds NaN'],
])('outputs of nothing but %d are told, not handed on', async (value, outputs, message) => {
  const manifest = parsePatchManifest(manifestExample);
  const patch: Patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
  const filled = manifest.outputs.map((output): [string, ort.Tensor] => {
    const dims = dimsOf(output, patch.size);
    const length = dims.reduce((product, side) => product * side, 1);
    const data = output.kind === 'packed' ? new Int32Array(length) : new Float32Array(length);
    return [output.name, new ort.Tensor(output.kind === 'packed' ? 'int32' : 'float32', data.fill(value), dims)];
  });
  const session = await openSession({
    ort: {
      Tensor: ort.Tensor,
      env: ort.env,
      InferenceSession: {
        create: async () => ({ run: async () => Object.fromEntries(filled), release: async () => {} }),
      },
    },
    manifest,
    onnx: new Uint8Array(),
    ways: waysFrom(() => ({ tensor: new ort.Tensor('float32', [0], [1]), [Symbol.dispose]: () => undefined })),
    gpu: undefined,
    deviceName: 'WebAssembly',
  });
  const failed = session.run([patch], outputs);
  await expect(failed).rejects.toMatchObject({ failure: { tag: 'ModelWrong', device: 'WebAssembly' } });
  await expect(failed).rejects.toThrow(message);
});

// A network in a bare session, fed from memory, nothing before or after it: Eosin's own kernels, or the runtime.

import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import * as ort from 'onnxruntime-web/webgpu';
import { openChannel } from '#channel/channel.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import type { OwnCalls } from './own-calls.ts';

export interface BareAsked {
  readonly folder: string; // the model's, a URL
  readonly threads: number;
  readonly repeats: number;
  readonly window?: number; // model px; without it the manifest's
  readonly spinning?: boolean; // the runtime's threads wait busily, its default; Eosin lets them sleep
  readonly provider?: 'own' | 'wasm' | 'webgpu'; // Eosin's own kernels, or the runtime's
}

export interface BareRuns {
  readonly seconds: readonly number[]; // of each run after the first, which warms up
  readonly gflop: number; //              of one run
  readonly window: number;
}

/** Runs on one window of noise, all but `features` computed: what the workbench asks of the network. */
async function measure({ folder, threads, repeats, window, ...asked }: BareAsked): Promise<BareRuns> {
  const { spinning = true, provider = 'own' } = asked;
  const manifest = parsePatchManifest(await (await fetch(`${folder}/model.json`)).json());
  ort.env.logLevel = 'error';
  ort.env.wasm.wasmPaths = { mjs, wasm };
  ort.env.wasm.numThreads = threads;
  const bytes = new Uint8Array(await (await fetch(`${folder}/${manifest.file}`)).arrayBuffer());
  const side = window ?? manifest.input.window;
  // Numbers as of a normalised picture; a fixed sequence, so that every run does the same.
  const values = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * 12.9898) * 2);
  const gflop = (manifest.gflopPerMegapixel * side * side) / 2 ** 20;
  if (provider === 'own') {
    const seconds = await ownSeconds({ manifest, onnx: bytes, values, side, threads, repeats });
    return { seconds, gflop, window: side };
  }
  const extra = { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } };
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    extra,
  });
  const wanted = manifest.outputs.filter(({ kind }) => kind !== 'features').map((output) => output.name);
  const seconds = [];
  for (let i = 0; i <= repeats; i++) {
    const feeds = { [manifest.input.name]: new ort.Tensor('float32', values.slice(), [1, 3, side, side]) };
    const started = performance.now();
    await session.run(feeds, wanted);
    if (i > 0) seconds.push((performance.now() - started) / 1000);
  }
  await session.release();
  return { seconds, gflop, window: side };
}

/** In a worker, for threads that wait for each other are not allowed on a page. */
async function ownSeconds(asked: OwnCalls['measure']['in']): Promise<readonly number[]> {
  const worker = new Worker(new URL('./own.worker.ts', import.meta.url), { type: 'module' });
  try {
    const channel = openChannel<OwnCalls>(worker);
    return (await channel.call('measure', asked, { signal: new AbortController().signal })).seconds;
  } finally {
    worker.terminate();
  }
}

Object.assign(window, { measure });

// The shipped network in the bare runtime: one session, fed from memory, nothing before or after it.

import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import * as ort from 'onnxruntime-web/webgpu';
import { parsePatchManifest } from '#inference/parse-manifest.ts';

/** Seconds of the best of `repeats` runs on one window of noise, all but `features` computed. */
async function measure(folder: string, threads: number, repeats: number): Promise<{ seconds: number; gflop: number }> {
  const manifest = parsePatchManifest(await (await fetch(`${folder}/model.json`)).json());
  ort.env.logLevel = 'error';
  ort.env.wasm.wasmPaths = { mjs, wasm };
  ort.env.wasm.numThreads = threads;
  const bytes = new Uint8Array(await (await fetch(`${folder}/${manifest.file}`)).arrayBuffer());
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const { window: side, name } = manifest.input;
  // Numbers as of a normalised picture; a fixed sequence, so that every run does the same.
  const values = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * 12.9898) * 2);
  const wanted = manifest.outputs.filter(({ kind }) => kind !== 'features').map((output) => output.name);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= repeats; i++) {
    const feeds = { [name]: new ort.Tensor('float32', values.slice(), [1, 3, side, side]) };
    const started = performance.now();
    await session.run(feeds, wanted);
    if (i > 0) best = Math.min(best, (performance.now() - started) / 1000); // the first warms up
  }
  await session.release();
  return { seconds: best, gflop: (manifest.gflopPerMegapixel * side * side) / 2 ** 20 };
}

Object.assign(window, { measure });

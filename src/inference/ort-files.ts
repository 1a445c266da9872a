// Where the runtime finds its own files. Both must be named: its bundled glue would start threads from our worker's file
// instead, and hang in a built site.
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { Ort } from './session.ts';

const MOST_THREADS = 8; // beyond this, memory traffic eats what threads give

/** Once, before the first session. The /webgpu build serves WASM too, so that one file of the runtime is enough. */
export function configureOrt({ env }: Ort): void {
  env.logLevel = 'error';
  env.wasm.wasmPaths = { mjs: new URL(mjs, self.location.href).href, wasm: new URL(wasm, self.location.href).href };
  env.wasm.numThreads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
}

import * as ort from 'onnxruntime-web/webgpu';
import type { Port } from '#channel/channel.ts';
import { openGpu } from '#gpu/gpu.ts';
import { KernelSpace } from './cpu/kernel-space.ts';
import { helpersFor } from './cpu/open-helpers.ts';
import { configureOrt } from './ort-files.ts';
import { serveInference } from './serve-inference.ts';

declare const self: Port;

configureOrt(ort);
serveInference(self, { ort, openGpu, own: new KernelSpace({ helpers: helpersFor(ort.env.wasm.numThreads ?? 1) }) });

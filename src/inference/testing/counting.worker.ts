// The inference worker, which tells how many helpers it has whenever that changes.
import * as ort from 'onnxruntime-web/webgpu';
import type { Port } from '#channel/channel.ts';
import { openGpu } from '#gpu/gpu.ts';
import { KernelSpace } from '../cpu/kernel-space.ts';
import { helpersFor } from '../cpu/open-helpers.ts';
import { configureOrt } from '../ort-files.ts';
import { serveInference } from '../serve-inference.ts';
import { HELPERS_TOLD } from './helpers-told.ts';

declare const self: Port;

const told = new BroadcastChannel(HELPERS_TOLD);
const alive = new Set<Worker>();
let most = 0;
const tell = (): void => {
  most = Math.max(most, alive.size);
  told.postMessage({ alive: alive.size, most });
};
const Original = Worker;
globalThis.Worker = class extends Original {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    alive.add(this);
    tell();
  }
  override terminate(): void {
    super.terminate();
    alive.delete(this);
    tell();
  }
};

configureOrt(ort);
serveInference(self, { ort, openGpu, own: new KernelSpace({ helpers: helpersFor(4) }) });

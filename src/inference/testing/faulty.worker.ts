// The inference worker with one fault, named by the worker's own name. Faults strike after the golden patch, save
// 'wrong' and 'no-kernels'. On a GPU the golden patch's outputs are read from its file: software WebGPU would take a minute.
import * as ort from 'onnxruntime-web/webgpu';
import type { Port } from '#channel/channel.ts';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import { KernelSpace } from '../cpu/kernel-space.ts';
import { configureOrt } from '../ort-files.ts';
import { goldenOutputs, patchShapes } from '../outputs.ts';
import { parsePatchManifest } from '../parse-manifest.ts';
import { serveInference } from '../serve-inference.ts';
import type { Session } from '../session.ts';
import type { Fault } from './faults.ts';
import { SIBLING } from './sibling.ts';

declare const self: Port & { readonly name: Fault };

const fault = self.name;
let gpu: Gpu | undefined;

type Results = Awaited<ReturnType<Session['run']>>;

function spoil(results: Results, value: number): Results {
  for (const { data } of Object.values(results)) {
    if (data instanceof Float32Array) data.fill(value);
    if (data instanceof Int32Array) data.fill(value);
  }
  return results;
}

/** @param factor 1 for the truth */
async function goldenResults(device: GPUDevice, factor = 1): Promise<Results> {
  const manifest = parsePatchManifest(await (await fetch(`${SIBLING}model.json`)).json());
  const bytes = await (await fetch(`${SIBLING}${manifest.golden.outputs}`)).arrayBuffer();
  const outputs = goldenOutputs(bytes, manifest, patchShapes(manifest, manifest.input.window), 'its picture');
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, onTheGpu(device, factor, data, dims)]),
  );
}

/** As the runtime leaves its outputs there. */
function onTheGpu(device: GPUDevice, factor: number, data: Int32Array | Float32Array, dims: readonly number[]) {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: 'golden', size: data.byteLength, usage });
  device.queue.writeBuffer(
    buffer,
    0,
    data.map((value) => value * factor),
  );
  const dataType = data instanceof Int32Array ? 'int32' : 'float32';
  return ort.Tensor.fromGpuBuffer(buffer, { dataType, dims, dispose: () => buffer.destroy() });
}

/** Stands in for a run that computes without ever looking at its messages. */
function block(seconds: number): void {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until);
}

function faulty(session: Session): Session {
  let runs = 0;
  return {
    release: () => session.release(),
    async run(feeds, fetches) {
      const results = (): Promise<Results> => session.run(feeds, fetches);
      if (fault === 'wrong' && gpu) return goldenResults(gpu.device, 0.5);
      if (runs++ === 0) return gpu ? goldenResults(gpu.device) : results();
      switch (fault) {
        case 'zeros':
          return spoil(await results(), 0);
        case 'dies':
          setTimeout(() => {
            throw new Error('out of memory');
          });
          return new Promise(() => undefined);
        case 'busy':
          block(60);
          return results();
        case 'device-lost': {
          const running = results();
          gpu?.device.destroy();
          return running;
        }
        default:
          return results();
      }
    },
  };
}

const noRoom = (): never => {
  throw new RangeError('WebAssembly.Memory(): could not allocate memory');
};

configureOrt(ort);
serveInference(self, {
  ...(fault === 'no-kernels' && { own: new KernelSpace({ helpers: noRoom }) }),
  ort: {
    env: ort.env,
    Tensor: ort.Tensor,
    InferenceSession: {
      create: async (onnx, options) => faulty(await ort.InferenceSession.create(onnx, options)),
    },
  },
  async openGpu(wanted) {
    gpu = await openGpu(wanted);
    return gpu;
  },
});

// What a network left on the GPU, brought to memory in one go: outputs are copied side by side into one mapped buffer, so
// that a run waits for the GPU once and not once an output.
import type * as OrtWeb from 'onnxruntime-web/webgpu';
import { EosinError } from '#errors/failure.ts';
import { BufferPool } from '#gpu/buffer-pool.ts';
import type { OutputTensor } from './model.ts';

type Results = Readonly<Record<string, OrtWeb.Tensor | undefined>>;

interface Part {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: 'int32' | 'float32';
  readonly at: number; //     bytes from the start of what is read
  readonly bytes: number;
  readonly buffer: GPUBuffer;
}

export class ReadBack implements Disposable {
  readonly #device: GPUDevice;
  readonly #pool: BufferPool;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#pool = new BufferPool(device, 2);
  }

  /**
   * Takes the tensors over: they are the runtime's again afterwards.
   * @returns int32 and float32 arrays of their own
   * @throws EosinError Unexpected for an output that is missing, not on the GPU, or of another type
   */
  async read(results: Results, names: readonly string[]): Promise<Record<string, OutputTensor>> {
    try {
      const parts = partsOf(results, names);
      const last = parts.at(-1);
      const bytes = await this.#bytes(parts, last ? last.at + last.bytes : 0);
      return Object.fromEntries(parts.map((part) => [part.name, tensorIn(part, bytes)]));
    } finally {
      for (const tensor of Object.values(results)) tensor?.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }

  async #bytes(parts: readonly Part[], size: number): Promise<ArrayBuffer> {
    if (size === 0) return new ArrayBuffer(0);
    const staging = this.#pool.take('read back', size, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
    const encoder = this.#device.createCommandEncoder({ label: 'read back' });
    for (const { buffer, at, bytes } of parts) encoder.copyBufferToBuffer(buffer, 0, staging, at, bytes);
    this.#device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      const copy = staging.getMappedRange().slice(0);
      staging.unmap();
      this.#pool.give(staging);
      return copy;
    } catch (thrown) {
      staging.destroy(); // the device is lost
      throw thrown;
    }
  }
}

function partsOf(results: Results, names: readonly string[]): Part[] {
  let at = 0;
  return names.map((name) => {
    const tensor = results[name];
    if (tensor?.location !== 'gpu-buffer') throw amiss(name, tensor ? `on ${tensor.location}` : 'missing');
    const { type, dims, gpuBuffer } = tensor;
    if (type !== 'int32' && type !== 'float32') throw amiss(name, type);
    const bytes = dims.reduce((product, side) => product * side, 4);
    const part: Part = { name, dims, type, at, bytes, buffer: gpuBuffer };
    at += bytes;
    return part;
  });
}

const amiss = (name: string, seen: string): EosinError =>
  new EosinError({ tag: 'Unexpected', reason: `The network's output ${name} is ${seen}.` });

/** Each in an array of its own, which can be transferred. */
function tensorIn({ dims, type, at, bytes }: Part, all: ArrayBuffer): OutputTensor {
  const own = bytes === all.byteLength ? all : all.slice(at, at + bytes);
  return { dims, data: type === 'int32' ? new Int32Array(own) : new Float32Array(own) };
}

// The two ways of a patch through the worker: pixels that stay on the GPU, and a canvas where WASM computes.
import { EosinError } from '#errors/failure.ts';
import type { Gpu } from '#gpu/gpu.ts';
import type { CanvasComposer } from './kernels/compose-canvas.ts';
import { GpuComposer } from './kernels/compose-gpu.ts';
import type { Precision } from './model.ts';
import { ReadBack } from './read-back.ts';
import { type Ort, type PatchWays, plainOutputs } from './session.ts';

const unexpected = (reason: string): EosinError => new EosinError({ tag: 'Unexpected', reason });

/** Bitmaps → texture → the network's input → its outputs, and one read-back a run. */
export function onGpu(ort: Pick<Ort, 'Tensor'>, gpu: Gpu, precision: Precision): PatchWays {
  const composer = new GpuComposer(gpu);
  const readBack = new ReadBack(gpu.device);
  const dataType = precision === 'fp16' ? 'float16' : 'float32';
  return {
    async compose(patches, { input }) {
      const pictures = patches.map((patch) => {
        if ('values' in patch) throw unexpected('A patch for the GPU comes as pictures.');
        return patch;
      });
      const { buffer, dims, ...composed } = await composer.compose(pictures, input, precision);
      return { tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType, dims }), ...composed };
    },
    collect: (results, names) => readBack.read(results, names),
    [Symbol.dispose]() {
      composer[Symbol.dispose]();
      readBack[Symbol.dispose]();
    },
  };
}

/** Where there is no GPU. The runtime's WASM gains nothing from batches, so there are none. */
export function onCanvas(ort: Pick<Ort, 'Tensor'>, canvas: CanvasComposer): PatchWays {
  return {
    compose(patches, { input }) {
      const [patch] = patches;
      if (!patch || patches.length > 1) throw unexpected('WASM takes one patch a run.');
      const values = 'values' in patch ? patch.values : canvas.compose(patch, input);
      const tensor = new ort.Tensor('float32', values, [1, 3, patch.size, patch.size]);
      return { tensor, [Symbol.dispose]: () => tensor.dispose() };
    },
    collect: plainOutputs,
    [Symbol.dispose]: () => undefined,
  };
}

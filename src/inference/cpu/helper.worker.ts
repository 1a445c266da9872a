// A thread that helps the inference worker compute. It ends with that worker, or when a model is released.
import { work } from './crew.ts';
import { type Kernels, kernelsOf } from './kernels.ts';
import type { ToHelper } from './open-helpers.ts';

let kernels: Kernels | undefined;

self.addEventListener('message', ({ data }: MessageEvent<ToHelper>) => {
  if ('module' in data) {
    kernels = kernelsOf(data.module, data.memory);
    self.postMessage('ready');
  } else if (kernels) work(data.shift, kernels, data.scratch);
});

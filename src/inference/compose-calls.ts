import type { ImageInput } from './manifest.ts';
import type { Patch } from './model.ts';

/** What the composing worker offers. Pictures are transferred to it, values from it, or written into shared memory. */
export type ComposeCalls = {
  compose: {
    in: {
      patch: Patch;
      input: Pick<ImageInput, 'mean' | 'std'>;
      into: Float32Array<SharedArrayBuffer> | undefined; // [3 × size × size]
    };
    out: Float32Array;
  };
};

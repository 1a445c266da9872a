import type { ImageInput } from './manifest.ts';
import type { Patch } from './model.ts';

/** What the composing worker offers. Pictures are transferred to it. */
export type ComposeCalls = {
  compose: {
    in: {
      patch: Patch;
      input: Pick<ImageInput, 'mean' | 'std'>;
      into: Float32Array; // [3 × size × size]; moves there and back, where it is not shared
    };
    out: Float32Array; // `into`, written
  };
};

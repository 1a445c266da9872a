import type { ImageInput } from './manifest.ts';
import type { Patch } from './model.ts';

/** What the composing worker offers. Pictures are transferred to it, values from it. */
export type ComposeCalls = {
  compose: { in: { patch: Patch; input: Pick<ImageInput, 'mean' | 'std'> }; out: Float32Array<ArrayBuffer> };
};

import type { PatchManifest } from '#inference/manifest.ts';

export type OwnCalls = {
  /** A network by Eosin's own kernels, all outputs but `features`. @throws where they do not know it */
  measure: {
    in: {
      manifest: PatchManifest;
      onnx: Uint8Array<ArrayBuffer>;
      values: Float32Array<ArrayBuffer>; // [3 × side × side]
      side: number; // px
      threads: number;
      repeats: number;
    };
    out: { seconds: readonly number[] }; // of each run after the first, which warms up
  };
};

// What the inference worker answers: types only, the one file both threads import.
import type { ModelManifest, PatchManifest, RowsManifest } from './manifest.ts';
import type { PatchIn, PatchOutputs, Precision, Views } from './model.ts';

/** An input whose outputs are known: the model folder's golden.png or golden-features.bin, and golden.bin. */
export interface GoldenFiles {
  readonly input: Blob;
  readonly outputs: Blob;
}

export interface ModelSource<M extends ModelManifest = ModelManifest> {
  readonly manifest: M;
  readonly model: Blob; // the ONNX file, its hash checked
  readonly golden: GoldenFiles;
}

/** What the golden patch said. A device that is wrong is a finding, not a failure: another one may be right. */
export interface Verdict {
  readonly maxDifference: number; //      of probabilities, features or logits; Infinity for NaN or zeros
  readonly wrong: string | undefined; //  what was seen, where the device must not be trusted
}

/** A GPU as far as choosing needs it. */
export interface GpuFound {
  readonly name: string; //     for people
  readonly adapter: string; //  the same on every visit with the same hardware, browser and runtime: verdicts are kept by it
  readonly software: boolean;
  readonly half: boolean; //    computes in fp16 (shader-f16)
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
}

/** Where a session is to compute; its golden patch comes later. */
export interface LoadCall {
  readonly key: number;
  readonly source: ModelSource<PatchManifest>;
  /** 'own': WASM by Eosin's own kernels, or by the runtime's where they do not know the graph. */
  readonly device: 'webgpu' | 'own' | 'wasm';
  readonly software: boolean; //       an adapter that computes on the CPU will do
  readonly precision: Precision; //    fp16 on a GPU alone
}

export interface LoadedOn {
  readonly name: string; //           of the device, for people
  readonly adapter: string; //        as GpuFound's; of the runtime's WASM in this browser too
  readonly own?: boolean; //          Eosin's own kernels compute
  readonly whyNotOwn?: string; //     a sentence, where they were asked for and did not start
  readonly elementsPerPx: number; //  of the largest tensor in the graph, a window px
}

/** What is not shared has moved there and back. */
export interface RunFound {
  readonly outputs: PatchOutputs;
  readonly values?: Float32Array | undefined; // of a patch that came composed
}

export type InferenceCalls = {
  /** Failures: NoGpu with the reason. */
  gpu: { in: { software: boolean }; out: GpuFound };
  /**
   * `key` names the model from here on; the caller chooses it, and one loaded under it before is released. Failures: NoGpu with the reason, ModelInvalid.
   */
  load: { in: LoadCall; out: LoadedOn };
  /** The golden patch of a model that was loaded. Failures: ModelInvalid, DeviceLost. */
  judge: { in: { key: number; golden: GoldenFiles }; out: Verdict };
  /** How long one run of `batch` windows takes. Failures: as run. */
  time: { in: { key: number; window: number; batch: number }; out: { seconds: number } };
  /** Patches of one size that wait together are joined, so many in a run; 1 until this is said. */
  batch: { in: { key: number; batch: number }; out: undefined };
  /** On WASM, its golden features seen. Failures: ModelInvalid. */
  loadRows: { in: { key: number; source: ModelSource<RowsManifest> }; out: Verdict & { name: string } };
  /** The patch's pictures or values are transferred. Failures: ModelWrong, DeviceLost, and whatever the runtime says. */
  run: {
    in: {
      key: number;
      patch: PatchIn;
      outputs: readonly string[];
      /** Eosin's own kernels write the outputs into it, one after the other; without it they come in memory of their own. */
      into?: ArrayBufferLike | undefined;
      views?: Views | undefined;
    };
    out: RunFound;
  };
  /** The features are transferred. Failures: BadInput, ModelWrong, and whatever the runtime says. */
  runRows: { in: { key: number; features: Float32Array<ArrayBuffer>; outputs: readonly string[] }; out: PatchOutputs };
  release: { in: { key: number }; out: undefined };
  /** Answers when all that was asked before is over. */
  settle: { in: undefined; out: undefined };
  /** Answers with the reason if the GPU is lost; the realm is of no use after that. */
  lost: { in: undefined; out: { reason: string } };
};

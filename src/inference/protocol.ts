// What the inference worker answers: types only, the one file both threads import.
import type { ModelManifest, PatchManifest, RowsManifest } from './manifest.ts';
import type { Patch, PatchOutputs } from './model.ts';

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
export interface Loaded {
  readonly deviceName: string;
  readonly software: boolean;
  readonly maxDifference: number; //      of probabilities, features or logits; Infinity for NaN or zeros
  readonly wrong: string | undefined; //  what was seen, where the device must not be trusted
}

export type InferenceCalls = {
  /** Failures: NoGpu with the reason, ModelInvalid. `key` names the model from here on; the caller chooses it. */
  load: {
    in: { key: number; source: ModelSource<PatchManifest>; device: 'webgpu' | 'wasm'; software: boolean };
    out: Loaded;
  };
  /** On WASM. Failures: ModelInvalid. */
  loadRows: { in: { key: number; source: ModelSource<RowsManifest> }; out: Loaded };
  /** The patch's pictures are transferred. Failures: ModelWrong, DeviceLost, and whatever the runtime says. */
  run: { in: { key: number; patch: Patch; outputs: readonly string[] }; out: PatchOutputs };
  /** The features are transferred. Failures: BadInput, ModelWrong, and whatever the runtime says. */
  runRows: { in: { key: number; features: Float32Array<ArrayBuffer>; outputs: readonly string[] }; out: PatchOutputs };
  release: { in: { key: number }; out: undefined };
  /** Answers when all that was asked before is over. */
  settle: { in: undefined; out: undefined };
  /** Answers with the reason if the GPU is lost; the realm is of no use after that. */
  lost: { in: undefined; out: { reason: string } };
};

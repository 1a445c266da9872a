// What a model can do once it is loaded, wherever it runs: the tab's inference worker, Node, or a stand-in in tests.
import type { Waits } from '#channel/waits.ts';
import type { ImageInput, PatchManifest, RowsManifest } from './manifest.ts';

/** A picture a run takes in. Structurally a slide's Raster; the room `slide` is not known here. The run takes it over. */
export type PatchImage =
  | ImageBitmap
  | { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray<ArrayBuffer> };

/** Mirrored left to right, top to bottom. */
export interface Flip {
  readonly across: boolean;
  readonly down: boolean;
}

/** Ways in which a patch is looked at: as it is, or mirrored too, and the maps averaged. */
export type Views = 1 | 4;

/** Whole px of the patch's level. */
export interface PatchBounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How far beyond its edges it goes on mirrored, px; farther out it is white. */
  readonly reach: number;
}

/**
 * One window of the model, cut from tiles of one level. Frame: that level's pixels, x right, y down.
 * Model pixel (u, v) is the mean over the square [x + u·scale, x + (u+1)·scale) × [y + v·scale, …) where scale >= 1
 * (area-averaging), and the bilinear value at its centre where scale < 1. Within the bounds it is white (glass) where no
 * tile lies, and beyond them it is their mirror image, so that tissue cut by a slide's edge keeps a plausible surrounding.
 */
export interface Patch {
  /** Opaque, each over the ones before it; x and y are whole level px. */
  readonly tiles: readonly { readonly image: PatchImage; readonly x: number; readonly y: number }[];
  readonly x: number; //       level px of the window's top left corner; may be fractional or negative
  readonly y: number;
  readonly scaleX: number; //  level px a model px
  readonly scaleY: number;
  readonly size: number; //    model px, side of the window; a multiple of input.multiple
  /** The slide. Without it nothing is mirrored. */
  readonly bounds?: PatchBounds;
  /** The whole window mirrored, after all else. */
  readonly flip?: Flip;
}

/** A patch that somebody else has composed already. */
export interface ComposedPatch {
  readonly size: number;
  readonly values: Float32Array; // [3 × size × size], normalised; moved there and back, where its memory is not shared
}

/** A patch as pictures, or composed already. */
export type PatchIn = Patch | ComposedPatch;

/** Composes beside the inference worker, so that WASM does nothing but compute. */
export interface Composer extends Disposable {
  /** Takes the patch's pictures over. @returns float32 [3 × size × size], the caller's own until it gives them back */
  compose(patch: Patch, input: Pick<ImageInput, 'mean' | 'std'>, waits: Waits): Promise<Float32Array>;
  /** Nobody reads these any more: a later patch may be written over them. Those that are not given back are lost, no more. */
  giveBack(values: Float32Array): void;
}

export interface OutputTensor {
  readonly dims: readonly number[];
  readonly data: Int32Array | Float32Array;
}

/** By output name. `features` outputs only where asked for. */
export type PatchOutputs = Readonly<Record<string, OutputTensor>>;

/** In which numbers a network computes. Its outputs are float32 or int32 all the same. */
export type Precision = 'fp32' | 'fp16';

export interface TrustReport {
  readonly verdict: 'trusted' | 'fell back' | 'refused';
  readonly precision: Precision;
  readonly maxDifference: number; // of probabilities, on the golden patch
  readonly tolerance: number;
  readonly since: number; //         when the golden patch said so, ms since 1970
  readonly why: string | undefined;
}

export interface DeviceReport {
  readonly device: 'webgpu' | 'wasm';
  readonly deviceName: string; //           'Intel Iris Xe', 'WebAssembly, 2 threads'
  readonly whyNotGpu: string | undefined; // a sentence, where WASM computes
  readonly trust: TrustReport;
}

export interface RunOptions extends Waits {
  /** Names of the outputs wanted; without it all but those of kind `features`. What is not asked for is not read back. */
  readonly outputs?: readonly string[];
  /** Outputs may come in memory that goes round: the caller gives it back by `giveBack`. */
  readonly reused?: boolean;
  /** 1 by default. Four take four times as long. */
  readonly views?: Views;
}

/** A model that is ready, its golden patch seen. Runs are served one after the other, in the order asked. */
export interface LoadedModel extends Disposable {
  readonly manifest: PatchManifest;
  /** What computes now: it changes where a device is lost and the next run finds another. */
  readonly report: DeviceReport;
  /** Model px, side of the patches that suit what computes now; a multiple of input.multiple. */
  readonly window: number;
  /** Patches worth having in flight: with fewer, what computes waits for the next. */
  readonly ahead: number;
  /**
   * Takes the patch's pictures over, whatever comes of it.
   * @throws EosinError ModelWrong (all zero, NaN), DeviceLost, TimedOut, WorkerDied; the signal's reason, at once
   */
  run(patch: Patch, options: RunOptions): Promise<PatchOutputs>;
  /** What outputs lay in, when nobody reads them any more: later ones may be written over them. What is not given back is lost, no more. */
  giveBack(memory: Iterable<ArrayBufferLike>): void;
}

/** A model whose golden patch can be asked again. */
export interface JudgedModel extends LoadedModel {
  /**
   * Looks for a device as on the first use, also where one was given up, and runs the golden patch whatever is kept.
   * Runs that wait go on afterwards. @throws as run
   */
  judgeAgain(waits: Waits): Promise<DeviceReport>;
}

/** An attention network or a head that is ready, its golden features seen. Always on WASM: it is far too small for a GPU. */
export interface LoadedRows extends Disposable {
  readonly manifest: RowsManifest;
  readonly report: DeviceReport;
  /**
   * @param features float32 [rows × channels]; lent, and copied
   * @throws EosinError BadInput for another length or features that are no numbers; ModelWrong, TimedOut, WorkerDied
   */
  run(features: Float32Array, options: RunOptions): Promise<PatchOutputs>;
}

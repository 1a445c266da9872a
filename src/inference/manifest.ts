// What a model folder says of itself: public/models/<id>/model.json. Parsed once, at the edge; past it nothing is checked.
export interface ModelClass {
  readonly name: string;
  readonly color: string; // '#rrggbb'
}

/** A patch of a slide. */
export interface ImageInput {
  readonly name: string;
  readonly mpp: number; //                       µm a pixel the network was trained at
  readonly layout: 'NCHW';
  readonly channels: 'RGB';
  readonly mean: readonly [number, number, number]; // of value / 255
  readonly std: readonly [number, number, number];
  readonly window: number; //                    px, side of what one run reads
  readonly margin: number; //                    px on each side that only gives context
  readonly multiple: number; //                  window sizes are multiples of this
}

/** Features of patches, one row each: float32 [n, channels], as an output of an encoder gives them. */
export interface RowsInput {
  readonly name: string;
  readonly layout: 'NC';
  readonly channels: number;
  /** Whose features; of another encoder, or of another version of it, they mean nothing. */
  readonly encoder: { readonly id: string; readonly sha256: string; readonly output: string };
}

/** What leaves a network that reads patches. */
export type PatchOutput =
  /** int32 [n, planes, H / stride, W / stride]; an element holds three 8-bit values: v0 + 256 v1 + 65536 v2. */
  | { readonly name: string; readonly kind: 'packed'; readonly stride: number; readonly planes: readonly string[] }
  /** float32 [n, classes, H / stride, W / stride], sums to 1 over the classes. */
  | { readonly name: string; readonly kind: 'grid'; readonly stride: number; readonly classes: readonly ModelClass[] }
  /** float32 [n, channels, H / stride, W / stride]; read only when asked for. */
  | { readonly name: string; readonly kind: 'features'; readonly stride: number; readonly channels: number }
  /** float32 [n, channels]: a block's means over the window, an encoder's features of the patch. */
  | { readonly name: string; readonly kind: 'pooled'; readonly channels: number };

/** What leaves a network that reads features. */
export type RowsOutput =
  /** float32 [n, channels], one row a patch. */
  | { readonly name: string; readonly kind: 'rows'; readonly channels: number }
  /** float32 [n, classes], one row a patch: logits in an attention model, probabilities in a head. */
  | { readonly name: string; readonly kind: 'rows'; readonly classes: readonly ModelClass[] }
  /** float32 [1, classes]: logits of all rows given at once. */
  | { readonly name: string; readonly kind: 'bag'; readonly classes: readonly ModelClass[] };

/** Thresholds are 8-bit probabilities (0 to 255); areas µm², lengths µm. */
export interface NucleiPostprocess {
  readonly upsample: 1 | 2;
  readonly foreground: number;
  readonly marker: number;
  readonly minMarkerUm2: number;
  readonly minAreaUm2: number;
  readonly minProbability: number; // of an object: the mean over its pixels
}
export interface GlandsPostprocess {
  readonly foreground: number;
  readonly seed: number;
  readonly minSeedUm2: number;
  readonly growUm: number;
  readonly minAreaUm2: number;
}
export interface LuminaPostprocess {
  readonly foreground: number;
  readonly minAreaUm2: number;
}

export interface ModelTasks {
  readonly nuclei: { readonly classes: readonly ModelClass[]; readonly postprocess: NucleiPostprocess } | undefined;
  readonly glands: { readonly classes: readonly ModelClass[]; readonly postprocess: GlandsPostprocess } | undefined;
  readonly lumina: { readonly classes: readonly ModelClass[]; readonly postprocess: LuminaPostprocess } | undefined;
}

interface Described {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly licence: string;
  readonly licenceNote: string;
  readonly data: readonly string[];
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number;
    readonly ci: readonly [number, number] | undefined;
  }[];
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly parameters: number;
  readonly gflopPerMegapixel: number;
}

/** A network that reads patches of a slide. */
export interface PatchManifest extends Described {
  readonly task: 'segmentation' | 'encoder';
  readonly input: ImageInput;
  readonly outputs: readonly PatchOutput[];
  readonly tasks: ModelTasks;
  readonly golden: { readonly image: string; readonly outputs: string; readonly tolerance: number };
}

/** A small network that reads an encoder's features. */
export interface RowsManifest extends Described {
  readonly task: 'attention' | 'head';
  readonly input: RowsInput;
  readonly outputs: readonly RowsOutput[];
  /** `features`: float32 [rows × channels], little-endian. */
  readonly golden: { readonly features: string; readonly outputs: string; readonly tolerance: number };
}

export type ModelManifest = PatchManifest | RowsManifest;

export const readsPatches = (manifest: ModelManifest): manifest is PatchManifest => manifest.input.layout === 'NCHW';

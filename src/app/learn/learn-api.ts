// What the workbench does with labels, heads, encoders and bags: types only. What is shown is in the learn store; all that is
// done goes through LearnSession. Rows are those of the shown set (store: encoder, part), unless a set is named.
import type { Waits } from '#channel/waits.ts';
import type { Point } from '#units/rect.ts';
import type { Eosin } from '../console.d.ts';
import type { AugmentationName, LearnPart } from '../stores/learn-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';

/** The part "Encoders, attention and small heads" of the console that learns. */
export type LearnConsole = Pick<
  Eosin,
  'label' | 'trainHead' | 'predict' | 'rankEncoders' | 'cka' | 'trainAttention' | 'neighbours'
>;

/** What colours the slide: arrays are lent, and new ones after every change. */
export interface HeadMap {
  readonly head: string;
  readonly boxes: Float32Array; //         [n × 4] level-0 px
  readonly classIndex: Uint8Array; //      [n]
  readonly probability: Float32Array; //   [n] of that class
  readonly colors: readonly string[]; //   by class
}

/** Principal components of the shown set. */
export interface Picture {
  readonly points: Float32Array; //        [rows × 2]
  readonly share: readonly [number, number]; // of the variance
}

export interface BagAsked {
  readonly label: string | undefined;
  readonly group: string | undefined;
}

/**
 * Loaded when the Learn workspace is first opened, or its console first used. Everything that takes its time tells
 * `working`, can be cancelled, and leaves a failure in `problem` where a button started it; nothing of it is lost then.
 */
export interface LearnSession {
  readonly console: LearnConsole;
  choose(what: { part?: LearnPart; encoder?: string; block?: string | undefined }): void;
  /** The chosen encoder over the region's tissue (or the nuclei found in it); what is there already is not embedded again. */
  embed(region: RegionChoice): Promise<void>;
  /** Folders named after classes: their pictures become a set of their own, labelled. */
  embedClassFolders(files: readonly File[]): Promise<void>;
  cancel(): void;

  addClass(name: string): void;
  renameClass(index: number, name: string): void;
  removeClass(index: number): void;
  setCurrent(index: number | undefined): void;
  /** Undefined takes the label away. */
  label(rows: readonly number[], classIndex: number | undefined): void;
  rowAt(at: Point): number | undefined;
  /** Patches whose centre lies inside; a ring of x, y pairs, level-0 px. */
  rowsWithin(ring: Float64Array): number[];
  undo(): void;
  redo(): void;
  importLabels(geojson: Blob, waits: Waits): Promise<{ imported: number; refused: number }>;
  exportLabels(): Blob; //                 GeoJSON, one square a patch, QuPath's classification

  addHead(kind: { hidden: number }): Promise<void>;
  removeHead(id: string): void;
  show(id: string | undefined): void;
  map(): HeadMap | undefined;
  setAugmentation(name: AugmentationName): Promise<void>; // trains anew, and measures the gain
  exportHead(id: string): Promise<Blob>; // a zip: ONNX, manifest, golden files
  importHead(files: readonly File[]): Promise<void>;

  /** Embeds the shown set's patches by each, then probes every block of them where labels allow, and ranks them by the proxy. */
  compare(encoders: readonly string[]): Promise<void>;
  cka(estimate: 'plain' | 'debiased' | 'minibatch'): Promise<void>;
  ckaCSV(): Blob;
  similarTo(row: number | undefined): Promise<void>;
  picture(): Picture | undefined;
  makePicture(): Promise<void>;
  brush(rows: readonly number[]): void;

  /** The open slide's patches become a bag, or what was embedded of it before. */
  addBag(asked: BagAsked): void;
  addBagOfPictures(files: readonly File[], asked: BagAsked): Promise<void>;
  setBag(id: string, asked: BagAsked): void;
  removeBag(id: string): void;
  trainAttention(plan: { gated: boolean; topK: number; folds: number }): Promise<void>;
  /** The trained network as heatmap and strip on the open slide: the attention layer takes it. */
  attendOpenSlide(): Promise<void>;
  exportAttention(): Promise<Blob>;
}

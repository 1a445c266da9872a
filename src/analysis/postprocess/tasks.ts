// What post-processing is asked, in the tab's workers and inline alike.
import type { ModelClass, NucleiPostprocess } from '#inference/manifest.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { ChromaTask } from './cell-chroma.ts';
import type { CoarseMaps } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import type { CoreAt, LargeColumns, MosaicSetup } from './large.ts';
import type { TypeMap } from './nuclei-columns.ts';

/** The nuclei of one patch. The maps are taken over. */
export interface NucleiTask {
  readonly frame: PatchFrame;
  readonly owned: Rect; //                       level-0 px: nuclei with their centroid here are this patch's
  readonly packed: Int32Array<ArrayBuffer>; //   [side × side] background + 256 inner + 65536 contour
  readonly side: number;
  readonly types: TypeMap | undefined;
  readonly classes: readonly ModelClass[];
  readonly settings: NucleiPostprocess;
}

/** A patch for the mosaic of glands and lumina. The maps are taken over. */
export interface CoreTask {
  readonly frame: PatchFrame;
  readonly maps: CoarseMaps;
  readonly stride: number; // model px a pixel of the maps
}

/** Calls of the worker. A mosaic is named by a number of the caller's. */
export type PostprocessCalls = {
  nuclei: { in: NucleiTask; out: ObjectColumns };
  chroma: { in: ChromaTask; out: Uint8Array<ArrayBuffer> };
  openMosaic: { in: { mosaic: number; setup: MosaicSetup }; out: undefined };
  addCore: { in: { mosaic: number; core: CoreTask }; out: undefined };
  skipCore: { in: { mosaic: number; col: number; row: number }; out: undefined };
  wantedCores: { in: { mosaic: number; region: Rect }; out: readonly CoreAt[] };
  collect: { in: { mosaic: number; final: boolean }; out: LargeColumns };
  closeMosaic: { in: { mosaic: number }; out: undefined };
};

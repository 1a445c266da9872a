// What the painting worker offers. Rows move to it; maps are copied, for attention and the tissue map own theirs.
import type { ValueGrid } from '#objects/grid.ts';
import type { AnalysedParts, ClassMap, Part, PatchMap } from '../viewer-api.ts';
import type { FarRows } from './far.ts';
import type { Tint } from './groups.ts';
import type { NearRows } from './near.ts';
import type { PaintAsked, Painted, Scope } from './paint-asked.ts';

/** A picture of the findings; `grey` only where something is greyed. Closed by whoever gets them. */
export interface Picture extends Omit<Painted, 'isGreyed'> {
  readonly findings: ImageBitmap;
  readonly grey: ImageBitmap | undefined;
  readonly right: Pick<Picture, 'findings' | 'grey'> | undefined; // of a divider, as large; then the others are left of it
}

/** A grid's patches by number: they were sent before. */
export interface GridSent extends Omit<ValueGrid, 'patches'> {
  readonly numbers: Uint32Array<ArrayBuffer>;
}

/** Patches of a grid, so many at a time that the page can go on meanwhile. Their values move. */
export interface PatchesSent {
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly heads: Float64Array<ArrayBuffer>; //  as FlatMap's
  readonly values: Float32Array<ArrayBuffer>; // patch by patch, [channels × rows × columns]
  readonly channels: number;
}

export type PaintCalls = {
  near: { in: { part: Part; rows: NearRows | undefined }; out: undefined };
  far: { in: { part: Part; rows: FarRows | undefined }; out: undefined };
  tint: { in: { part: Part; scope: Scope; tint: Tint | undefined }; out: undefined };
  marks: { in: { part: Part; scope: Scope; marks: Uint8Array<ArrayBuffer> | undefined }; out: undefined };
  patches: { in: PatchesSent; out: undefined };
  grids: { in: { grid: GridSent | undefined; swipeGrid: GridSent | undefined }; out: undefined }; // other patches go
  maps: {
    in: {
      patchMap: PatchMap | undefined;
      swipeMap: PatchMap | undefined;
      classMap: ClassMap | undefined;
    };
    out: undefined;
  };
  analysed: { in: AnalysedParts | undefined; out: undefined };
  forget: { in: undefined; out: undefined };
  paint: { in: PaintAsked; out: Picture };
};

// What the painting worker offers. Rows move to it; maps are copied, for attention and the tissue map own theirs.
import type { ObjectKind } from '#objects/columns.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { AnalysedParts, ClassMap, PatchMap } from '../viewer-api.ts';
import type { FarRows } from './far.ts';
import type { Tint } from './groups.ts';
import type { NearRows } from './near.ts';
import type { PaintAsked, Painted, Scope } from './paint-asked.ts';

/** A picture of the findings; `grey` only where something is greyed. Closed by whoever gets them. */
export interface Picture extends Painted {
  readonly findings: ImageBitmap;
  readonly grey: ImageBitmap | undefined;
}

/** A grid's patches by number, so that only new ones cross. */
export interface GridSent extends Omit<ValueGrid, 'patches'> {
  readonly numbers: Uint32Array<ArrayBuffer>; //            of all its patches
  readonly added: readonly (readonly [number: number, patch: GridPatch])[];
}

export type PaintCalls = {
  near: { in: { kind: ObjectKind; rows: NearRows | undefined }; out: undefined };
  far: { in: { kind: ObjectKind; rows: FarRows | undefined }; out: undefined };
  tint: { in: { kind: ObjectKind; scope: Scope; tint: Tint | undefined }; out: undefined };
  marks: { in: { kind: ObjectKind; scope: Scope; marks: Uint8Array<ArrayBuffer> | undefined }; out: undefined };
  grid: { in: GridSent | undefined; out: undefined };
  maps: {
    in: {
      patchMap: PatchMap | undefined;
      swipeMap: PatchMap | undefined;
      swipeGrid: ValueGrid | undefined;
      classMap: ClassMap | undefined;
    };
    out: undefined;
  };
  analysed: { in: AnalysedParts | undefined; out: undefined };
  forget: { in: undefined; out: undefined };
  paint: { in: PaintAsked; out: Picture };
};

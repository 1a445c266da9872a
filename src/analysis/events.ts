import type { Failure } from '#errors/failure.ts';
import type { ObjectClass, ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';

/** What a run tells as it goes on. Rectangles are level-0 px. Batches are owned by whoever consumes the event. */
export type RunEvent =
  /**
   * Before the first patch: how many there may be, and their cores in the order of computing (none of a live run, which
   * has no such order). Area only of what is analysed.
   */
  | {
      readonly kind: 'planned';
      readonly patches: number;
      readonly cores: readonly Rect[];
      readonly areaPx: number;
    }
  /** Of a run that began while its model still loaded: it is there, and what was kept is told. The rest is computed now. */
  | { readonly kind: 'loaded' }
  /** One patch is committed: its nuclei (centroid in the core and in the region), its tissue cells. */
  | {
      readonly kind: 'patch';
      readonly index: number;
      readonly core: Rect;
      readonly nuclei: ObjectColumns | undefined;
      readonly tissue: GridPatch | undefined;
      readonly kept: boolean; // out of the journal: computed before
    }
  /**
   * Where a patch is slow: the nuclei about where the user looks, from a small window. To be shown until the patches over
   * it are finished; neither in the journal nor counted.
   */
  | { readonly kind: 'preview'; readonly core: Rect; readonly nuclei: ObjectColumns }
  /**
   * All glands and lumina of this run so far; replaces the ones told before. Told at most twice a second, more
   * rarely where that takes long, and at the end.
   */
  | {
      readonly kind: 'large';
      readonly glands: ObjectColumns;
      readonly lumina: ObjectColumns;
      readonly tooLarge: number; // glands that no one outlines: see MOST_PX of the mosaic
    }
  /**
   * Glands reach over the cores of a rectangle: these around it are looked at too, for the glands alone, once the planned
   * ones are over. They count nowhere else.
   */
  | { readonly kind: 'around'; readonly cores: readonly Rect[] }
  /** This patch could not be computed, however often it was tried; the run goes on. */
  | {
      readonly kind: 'failed';
      readonly index: number;
      readonly core: Rect;
      readonly failure: Failure;
      readonly attempts: number;
    }
  /** What happened comes right by itself, as a rule: the patch is tried again after so many seconds. */
  | { readonly kind: 'waiting'; readonly failure: Failure; readonly seconds: number };

/** How a run ended. What was told before stands, whatever the end. */
export interface RunEnd {
  readonly patches: number; //               committed, those out of the journal included
  readonly failedPatches: number; //         not committed: a run over the same journal takes them up again
  readonly areaPx: number; //                of what was to be analysed, level-0 px²
  /** Share of each tissue class of the area computed. */
  readonly tissue: { readonly classes: readonly ObjectClass[]; readonly share: Float32Array<ArrayBuffer> } | undefined;
  readonly failure: Failure | undefined; //  why it stopped before its end
}

/** What a run that is left early is ended with; nobody reads it. */
export const LEFT_EARLY: RunEnd = { patches: 0, failedPatches: 0, areaPx: 0, tissue: undefined, failure: undefined };

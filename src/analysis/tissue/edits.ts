// What the user may change about the tissue that was found. Plain values: they are kept, compared and undone as such.

/** Painted by the brush. */
export interface TissueStroke {
  readonly does: 'add' | 'subtract';
  readonly path: Float64Array; //     x, y pairs, level-0 px
  readonly radiusPx: number; //       level-0 px
}

/** Undefined: as found automatically. */
export interface TissueEdits {
  readonly threshold: number | undefined; // chroma, 0 to 255: above it a cell is tissue
  readonly leastPx: number | undefined; //   level-0 px²: smaller pieces are left out
  readonly gapPx: number | undefined; //     level-0 px²: smaller gaps are filled
  readonly pen: 'leave out' | 'keep';
  readonly folds: 'leave out' | 'keep';
  readonly strokes: readonly TissueStroke[]; // in the order painted
}

/** Ink hides tissue, a fold only darkens it: models read through many. */
export const automaticTissue: TissueEdits = {
  threshold: undefined,
  leastPx: undefined,
  gapPx: undefined,
  pen: 'leave out',
  folds: 'keep',
  strokes: [],
};

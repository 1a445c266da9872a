// The patches of a run by their number: those that were listed, or all of a grid, each made when it is asked for.
import { intersects, type Rect } from '#units/rect.ts';
import type { PlannedPatch } from './plan.ts';
import type { CoreAt, CoreSpan } from './postprocess/core-at.ts';

export interface Patches {
  readonly length: number;
  at(index: number): PlannedPatch | undefined;
  indexOf(at: CoreAt): number | undefined;
  /** Those whose cores meet a rectangle (level-0 px). */
  meeting(rect: Rect): Iterable<number>;
}

export function listed(patches: readonly PlannedPatch[]): Patches {
  const indices = new Map(patches.map(({ frame }, index) => [keyOf(frame), index]));
  return {
    length: patches.length,
    at: (index) => patches[index],
    indexOf: (at) => indices.get(keyOf(at)),
    *meeting(rect) {
      for (const [index, { frame }] of patches.entries()) if (intersects(rect, frame.core)) yield index;
    },
  };
}

/** Every core of a span, row by row. @param spanOf those that meet a rectangle, level-0 px */
export function gridOf(
  { from, to }: CoreSpan,
  patchAt: (at: CoreAt) => PlannedPatch,
  spanOf: (rect: Rect) => CoreSpan,
): Patches {
  const cols = to.col - from.col;
  const indexOf = ({ col, row }: CoreAt): number | undefined =>
    col < from.col || row < from.row || col >= to.col || row >= to.row
      ? undefined
      : (row - from.row) * cols + col - from.col;
  return {
    length: cols * (to.row - from.row),
    at: (index) => patchAt({ col: from.col + (index % cols), row: from.row + Math.floor(index / cols) }),
    indexOf,
    *meeting(rect) {
      const near = spanOf(rect);
      for (let row = near.from.row; row < near.to.row; row++) {
        for (let col = near.from.col; col < near.to.col; col++) {
          const index = indexOf({ col, row });
          if (index !== undefined) yield index;
        }
      }
    },
  };
}

const keyOf = ({ col, row }: CoreAt): string => `${col},${row}`;

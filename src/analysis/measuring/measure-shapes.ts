// Shapes of many objects, some at a time: nothing is copied whole, and a cancel waits for one part only.
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { emptyShapes, type Outlines, SHAPE_NAMES, type Shapes } from '#objects/measures/shape.ts';
import type { Scale } from './measure-calls.ts';
import type { MeasureWork } from './measure-work.ts';

const ROWS_AT_ONCE = 32_768; // 4 MB of outlines with 32 corners
const PARTS_AT_ONCE = 2; //    one is measured while the next is copied

/** Of all rows, in their order. Columns are borrowed. @throws the signal's reason; WorkerDied */
export async function measureShapes(
  columns: ObjectColumns,
  scale: Scale,
  work: Pick<MeasureWork, 'shapes'>,
  waits: Waits,
): Promise<Shapes> {
  const all = emptyShapes(columns.count);
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < columns.count) {
      const from = next;
      next = Math.min(columns.count, from + ROWS_AT_ONCE);
      const part = await work.shapes({ outlines: outlinesOf(columns, from, next), scale }, waits);
      for (const name of SHAPE_NAMES) all[name].set(part[name], from);
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, run));
  return all;
}

/** Copies of the outer rings of some rows. */
export function outlinesOf(columns: ObjectColumns, from: number, to: number): Outlines {
  const first = columns.ringStart[from] ?? 0;
  const last = columns.ringStart[to] ?? first;
  return {
    count: to - from,
    ring: columns.ring.slice(2 * first, 2 * last),
    ringStart: columns.ringStart.slice(from, to + 1).map((at) => at - first),
    ringUnit: columns.ringUnit,
  };
}

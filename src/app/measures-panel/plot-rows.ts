// Which objects a plot is of, in the order of its measure, and what its axis spans.
import { useDeferredValue, useMemo } from 'react';
import { histogramOf, niceSteps, quantileOf, summaryOf } from '#objects/measures/distribution.ts';
import { useRegion } from '../inspector/use-counts.ts';
import { rowsWithin } from '../measures/scope.ts';
import { useDesk } from '../workbench.ts';
import type { Range } from './histogram.tsx';
import type { OrderedColumn } from './measures-context.tsx';

const BINS = 31;
const TAIL = 0.002; // of the values on either side may lie beyond the axis

/** Rows of one class (all where undefined) in what is counted, by ascending value. */
export function usePlotRows(
  column: OrderedColumn | undefined,
  classIndex: number | undefined,
): Uint32Array | undefined {
  const { found } = useDesk();
  const region = useDeferredValue(useRegion());
  return useMemo(() => {
    if (!column) return undefined;
    const { ascending, kind } = column;
    if (!region && classIndex === undefined) return ascending;
    const { live } = found.store(kind);
    const of = live.columns.classIndex;
    const isIn = region && new Uint8Array(of.length);
    if (isIn && region) for (const row of rowsWithin(live, region)) isIn[row] = 1;
    return ascending.filter(
      (row) => (classIndex === undefined || of[row] === classIndex) && (!isIn || isIn[row] === 1),
    );
  }, [column, region, classIndex, found]);
}

/** From nice step to nice step around all but the outermost values. */
export function axisOf(values: Float32Array, ascending: ArrayLike<number>): Range {
  const { known } = summaryOf(values, ascending);
  if (known === 0) return { low: 0, high: 1 };
  const [low, high] = [TAIL, 1 - TAIL].map((share) => quantileOf(values, ascending, known, share));
  const [from, to] = [low ?? 0, high ?? 1];
  if (from === to) return { low: from - 0.5, high: to + 0.5 };
  const start = from > 0 && from < 0.4 * to ? 0 : from;
  const { first, step } = niceSteps(start, to, 6);
  return { low: first, high: Math.max(first + step, Math.ceil(to / step - 1e-9) * step) };
}

export const binsOf = (values: Float32Array, rows: ArrayLike<number>, axis: Range) =>
  histogramOf(values, { ...axis, bins: BINS }, rows);

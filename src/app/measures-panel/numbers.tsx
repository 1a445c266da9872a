// The table behind a histogram: what it is made of, in numbers.
import { useMemo } from 'react';
import { type Histogram, summaryOf } from '#objects/measures/distribution.ts';
import type { MeasureName } from '#objects/measures/names.ts';
import { useCounts, useRegion } from '../inspector/use-counts.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import { count, measure, percent } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { type Fact, FactRows } from './fact-rows.tsx';
import { useKind } from './use-kind.ts';

const QUANTILES = {
  min: 'Least',
  p5: '5 %',
  p25: '25 %',
  median: 'Median',
  p75: '75 %',
  p95: '95 %',
  max: 'Most',
} as const;

export function Numbers(props: {
  readonly bins: Histogram;
  readonly rows: ArrayLike<number>;
  readonly values: Float32Array;
  readonly name: MeasureName;
  readonly unit: string;
}) {
  const { bins, rows, values, name, unit } = props;
  const { stores, found } = useDesk();
  const kind = useKind();
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const { areaPx } = useCounts(useRegion());
  const summary = useMemo(() => summaryOf(values, rows), [values, rows]);
  const covered = useMemo(() => {
    const px = found.store(kind).live.columns.areaPx;
    let sum = 0;
    for (let k = 0; k < rows.length; k++) sum += px[rows[k] ?? 0] ?? 0;
    return sum;
  }, [found, kind, rows]);
  const mm2 = mpp ? areaPx * mpp.x * mpp.y * 1e-6 : 0;
  const step = (bins.high - bins.low) / bins.counts.length;
  const facts: readonly Fact[] = [
    ['Objects', count(rows.length)],
    ...(summary.unknown > 0 ? [['Not known of', count(summary.unknown)] as const] : []),
    ...(mm2 > 0 && kind !== 'annotations' ? [['Per mm²', measure(rows.length / mm2)] as const] : []),
    ...(areaPx > 0 && kind !== 'annotations' ? [['Share of the area', percentOf(covered / areaPx)] as const] : []),
    ['Mean', measure(summary.mean)],
    ['Standard deviation', measure(summary.sd)],
    ...Object.entries(QUANTILES).map(([key, label]) => [label, measure(Reflect.get(summary.quantiles, key))] as const),
  ];
  return (
    <details className={own.numbers}>
      <summary>Show numbers</summary>
      <table className={css.table}>
        <thead>
          <tr>
            <th>{name.label}</th>
            <th className={css.n}>{unit}</th>
          </tr>
        </thead>
        <FactRows facts={facts} />
      </table>
      <table className={`${css.table} ${css.gap}`}>
        <thead>
          <tr>
            <th>From</th>
            <th className={css.n}>To</th>
            <th className={css.n}>Count</th>
          </tr>
        </thead>
        <tbody>
          {bins.below > 0 && (
            <tr>
              <td>below</td>
              <td className={css.n}>{measure(bins.low)}</td>
              <td className={css.n}>{count(bins.below)}</td>
            </tr>
          )}
          {Array.from(bins.counts, (n, bin) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its number
            <tr key={bin}>
              <td>{measure(bins.low + bin * step)}</td>
              <td className={css.n}>{measure(bins.low + (bin + 1) * step)}</td>
              <td className={css.n}>{count(n)}</td>
            </tr>
          ))}
          {bins.above > 0 && (
            <tr>
              <td>above</td>
              <td className={css.n}>{measure(bins.high)}</td>
              <td className={css.n}>{count(bins.above)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </details>
  );
}

const percentOf = (share: number): string => (share < 0.1 ? `${measure(100 * share)} %` : percent(share));

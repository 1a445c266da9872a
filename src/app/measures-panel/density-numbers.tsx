// The table behind a density map.
import { useMemo } from 'react';
import { stepOf } from '#viewer/overlay/colormaps.ts';
import type { DensityGrid } from '../measures/density-grid.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import { count, measure } from '../words.ts';
import { type Fact, FactRows } from './fact-rows.tsx';

const STEPS = 10;

export function DensityNumbers(props: {
  readonly grid: DensityGrid;
  readonly unit: string; //   'per mm²'
  readonly unitPx: number; // level-0 px² that densities are per
  readonly of: string; //     'glands'
  readonly mpp: { readonly x: number; readonly y: number } | undefined;
}) {
  const { grid, unit, unitPx, of, mpp } = props;
  const { perArea, counts, areaPx, top, left, sidePx } = grid;
  const { squares, facts } = useMemo(() => {
    const inStep = new Uint32Array(STEPS);
    let [objects, area, shown, most] = [0, 0, 0, 0];
    for (const [k, value] of perArea.entries()) {
      if (Number.isNaN(value)) continue;
      const step = stepOf(value, [0, top]);
      inStep[step] = (inStep[step] ?? 0) + 1;
      objects += counts[k] ?? 0;
      area += areaPx[k] ?? 0;
      shown++;
      most = Math.max(most, value);
    }
    return { squares: inStep, facts: { objects, mean: (objects * unitPx) / area, shown, most } };
  }, [perArea, counts, areaPx, top, unitPx]);
  const side = mpp ? `${measure(sidePx * mpp.x)} × ${measure(sidePx * mpp.y)} µm` : `${count(sidePx)} px`;
  const rows: readonly Fact[] = [
    ['Squares of', side],
    ['Squares shown', count(facts.shown)],
    [`In them, ${of}`, count(facts.objects)],
    [`Mean ${unit}`, facts.shown > 0 ? measure(facts.mean) : 'none'],
    [`Most ${unit}`, measure(facts.most)],
    ['Under a tenth analysed', count(left.squares)],
    [`Left out with them, ${of}`, count(left.objects)],
  ];
  return (
    <details className={own.numbers}>
      <summary>Show numbers</summary>
      <table className={css.table}>
        <FactRows facts={rows} />
      </table>
      <table className={`${css.table} ${css.gap}`}>
        <thead>
          <tr>
            <th>From, {unit}</th>
            <th className={css.n}>To</th>
            <th className={css.n}>Squares</th>
          </tr>
        </thead>
        <tbody>
          {Array.from(squares, (n, step) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its number
            <tr key={step}>
              <td>{measure((step * top) / STEPS)}</td>
              <td className={css.n}>{step === STEPS - 1 ? 'and more' : measure(((step + 1) * top) / STEPS)}</td>
              <td className={css.n}>{count(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

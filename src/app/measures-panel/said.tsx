// What a plot says, in a sentence.
import { LAYER_NAMES } from '../inspector/layers-section.tsx';
import { kindsWords } from '../kinds-words.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import { count, measure, percent } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useMeasured } from './measures-context.tsx';
import { useKind } from './use-kind.ts';

/** The number behind the plot, in a sentence. */
export function Said(props: {
  readonly rows: ArrayLike<number>;
  readonly column: Float32Array;
  readonly unit: string;
  readonly mine: { readonly words: string } | undefined;
  readonly onClear: () => void;
}) {
  const { rows, column, unit, mine, onClear } = props;
  const { stores } = useDesk();
  const kind = useKind();
  const brushed = usePicked(stores.selection, (state) => state.brushed);
  const n = LAYER_NAMES[kind].toLowerCase();
  if (mine && brushed?.kind === kind) {
    return (
      <p className={own.said} aria-live="polite">
        <b>{kindsWords({ [kind]: brushed.rows.length }) || `0 ${n}`}</b> {mine.words}{' '}
        {brushed.rows.length === 1 ? 'is' : 'are'} marked white on the slide,{' '}
        {percent(brushed.rows.length / Math.max(1, rows.length))} of these.{' '}
        <button type="button" onClick={onClear}>
          Clear
        </button>
      </p>
    );
  }
  let known = rows.length; // those whose value is not known stand last
  while (known > 0 && Number.isNaN(column[rows[known - 1] ?? 0])) known--;
  const middle = column[rows[Math.floor(known / 2)] ?? 0] ?? Number.NaN;
  return (
    <p className={own.said}>
      <b>{count(rows.length)}</b> {n}
      {Number.isNaN(middle) ? '' : `, half of them above ${measure(middle)}${unit ? ` ${unit}` : ''}`}. Drag across the
      plot to mark some on the slide.
    </p>
  );
}

export function Working() {
  const working = useMeasured((state) => state.working);
  const words = working
    ? `${working.what}${working.share === undefined ? '' : `, ${percent(working.share)}`}`
    : 'Measuring';
  return <p className={`t3 ${css.p} ${css.gap}`}>{words}.</p>;
}

// What the whole bag says, how concentrated attention is, and what if some tissue were not there.
import { IconArrowBackUp, IconLassoPolygon } from '@tabler/icons-react';
import type { AttentionFindings } from '../stores/attention-store.ts';
import { usePicked } from '../stores.ts';
import att from '../styles/attention.module.css';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Section } from './section.tsx';

export function PredictionSection() {
  const { stores } = useDesk();
  const findings = usePicked(stores.attention, (state) => state.findings);
  if (!findings) return null;
  return (
    <Section id="prediction" title="Prediction">
      <Classes findings={findings} />
      <Histogram findings={findings} />
      <WhatIf findings={findings} />
    </Section>
  );
}

function Classes({ findings }: { findings: AttentionFindings }) {
  const { classes, prediction, whole, patches, counted } = findings;
  const partly = counted < patches;
  const rows = classes
    .map(({ name }, index) => ({ name, now: prediction?.[index], before: whole?.[index] }))
    .sort((a, b) => (b.now ?? 0) - (a.now ?? 0));
  return (
    <table className={css.table} data-testid="prediction">
      <thead>
        <tr>
          <th>
            {partly
              ? `Without ${plural(patches - counted, 'patch', 'patches')}`
              : `For ${plural(patches, 'patch', 'patches')} embedded`}
          </th>
          {partly && <th className={css.n}>With all</th>}
          <th className={css.n}>Probability</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, now, before }, index) => (
          <tr key={name} className={index === 0 && now !== undefined ? 'b' : undefined}>
            <td>{name}</td>
            {partly && <td className={`${css.n} t3`}>{probability(before)}</td>}
            <td className={css.n}>{probability(now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Never 0.00 or 1.00 for what is neither. */
const probability = (value: number | undefined): string =>
  value === undefined ? '–' : value > 0.995 ? '> 0.99' : value < 0.005 ? '< 0.01' : value.toFixed(2);

function Histogram({ findings: { histogram, half, counted } }: { findings: AttentionFindings }) {
  const highest = Math.max(1, ...histogram);
  return (
    <>
      <div className={att.plot} role="img" aria-label={`Patches by attention: ${histogram.map(count).join(', ')}`}>
        {histogram.map((patches, bin) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
          <i key={bin} style={{ height: `${(100 * patches) / highest}%` }} />
        ))}
      </div>
      <div className={att.axis} aria-hidden>
        <span>0</span>
        <span>Attention, min–max</span>
        <span>1</span>
      </div>
      <p className={`t2 ${css.p}`} style={{ marginTop: 4 }}>
        Half of the attention lies on {count(half)} of {plural(counted, 'patch', 'patches')}.
      </p>
    </>
  );
}

function WhatIf({ findings }: { findings: AttentionFindings }) {
  const { stores, invoke, attention } = useDesk();
  const pieces = usePicked(stores.attention, (state) => state.pieces);
  const drawing = usePicked(stores.view, ({ tool }) => tool === 'lasso');
  return (
    <>
      <div className={`${css.p} ${css.gap}`}>
        <button
          type="button"
          className={`${parts.button} ${parts.small}`}
          aria-pressed={drawing}
          onClick={() => invoke('attention.lasso')}
        >
          <IconLassoPolygon size={14} stroke={1.6} />
          {pieces.length === 0 ? 'What if this were not here?' : 'And this?'}
        </button>
      </div>
      {drawing && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          Draw around tissue to leave it out. Esc puts the lasso away.
        </p>
      )}
      {pieces.length > 0 && (
        <ul className={att.pieces} aria-label="Left out">
          {pieces.map(({ id, patches }, index) => (
            <li key={id}>
              <span className="grow">
                Piece {index + 1}: {plural(patches, 'patch', 'patches')} left out
              </span>
              <button
                type="button"
                className={`${parts.button} ${parts.small}`}
                aria-label={`Put back piece ${index + 1}`}
                onClick={() => attention.loaded()?.putBack(id)}
              >
                <IconArrowBackUp size={14} stroke={1.6} />
                Put back
              </button>
            </li>
          ))}
        </ul>
      )}
      {findings.counted === 0 && (
        <p className={`warn ${css.p}`} style={{ marginTop: 4 }}>
          All patches are left out: there is nothing to predict from.
        </p>
      )}
    </>
  );
}

// Do the encoders see the same? A matrix of CKA that is read by pointing, or by arrow keys.
import { IconDownload } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { stepOf, stepsOf } from '#viewer/overlay/colormaps.ts';
import { Section } from '../inspector/section.tsx';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { CkaFindings } from '../stores/learn-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { useDesk } from '../workbench.ts';
import { blockName } from './embed-section.tsx';
import { saveCka } from './save.ts';
import { useLearn, useLearnt } from './use-learn.ts';
import { figure } from './whiskers.tsx';
import { ckaWords, ESTIMATES, estimateWords } from './words.ts';

const VIRIDIS = stepsOf('viridis');
const LIGHT_FROM = 5; // of ten steps: ink on them is dark

export function CkaSection() {
  const desk = useDesk();
  const session = useLearn();
  const cka = useLearnt((state) => state.cka);
  const sets = useLearnt((state) => state.sets);
  const busy = useLearnt(({ working }) => working !== undefined);
  const off = busy || sets.length === 0;
  const buttons = cka && (
    <SmallButton kind="quiet" icon={IconDownload} onClick={() => saveCka(desk, session)}>
      CSV
    </SmallButton>
  );
  return (
    <Section id="cka" title="Do the encoders see the same?" buttons={buttons}>
      <div className={learn.augmentation}>
        <span className="t2">Linear CKA</span>
        <Segments
          label="Estimate of CKA"
          options={ESTIMATES}
          value={cka?.estimate ?? 'debiased'}
          onChange={(value) => void session.encoders.cka(value)}
        />
        <span className="grow t2">{cka && `${cka.rows} patches`}</span>
        <SmallButton off={off} onClick={() => void session.encoders.cka(cka?.estimate ?? 'debiased')}>
          {cka ? 'Anew' : 'Compute'}
        </SmallButton>
      </div>
      {cka?.isAbout && (
        <p className={`t3 ${css.p}`}>
          These encoders read windows of different sizes: each read its own about the same centres.
        </p>
      )}
      {cka ? (
        <Matrix cka={cka} />
      ) : (
        <p className={`t2 ${css.p}`}>
          Every block of the encoders that have seen this slide against every other: 1 is the same but for rotation and
          scale.
        </p>
      )}
    </Section>
  );
}

function Matrix({ cka }: { cka: CkaFindings }) {
  const { entries, matrix } = cka;
  const n = entries.length;
  const [at, setAt] = useState<readonly [number, number]>([Math.max(0, n - 1), 0]);
  const [row, col] = [Math.min(at[0], n - 1), Math.min(at[1], n - 1)];
  const value = (i: number, j: number): number => matrix[i * n + j] ?? Number.NaN;
  const nameOf = (i: number): string => {
    const entry = entries[i];
    return entry ? `${entry.name} ${blockName(entry.block).toLowerCase()}` : '';
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [down, right] =
      { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (down === undefined || right === undefined) return;
    event.preventDefault();
    setAt([Math.min(n - 1, Math.max(0, row + down)), Math.min(n - 1, Math.max(0, col + right))]);
  };
  const short = (i: number): string => entries[i]?.block.replace(/^block/, '') ?? '';
  const startsEncoder = (i: number): boolean => i > 0 && entries[i]?.set !== entries[i - 1]?.set;
  return (
    <div className={learn.cka}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk its cells, and the sentence beside it tells each */}
      <table className={learn.matrix} tabIndex={0} aria-describedby="cka-said" onKeyDown={onKeyDown}>
        <caption className="unseen">CKA of every pair of blocks; arrow keys move</caption>
        <tbody>
          {entries.map((entry, i) => (
            <tr key={`${entry.set} ${entry.block}`} data-apart={startsEncoder(i)}>
              <th scope="row" title={nameOf(i)}>
                <span className="unseen">{entry.name}, block </span>
                {short(i)}
              </th>
              {entries.map((other, j) => {
                const step = stepOf(value(i, j), [0, 1]);
                return (
                  <td
                    key={`${other.set} ${other.block}`}
                    data-apart={startsEncoder(j)}
                    data-chosen={i === row && j === col}
                    style={{ background: VIRIDIS[step], color: step >= LIGHT_FROM ? '#111111' : '#ffffff' }}
                    onPointerEnter={() => setAt([i, j])}
                  >
                    {i === j ? '1' : figure(value(i, j)).replace(/^(-?)0/, '$1')}
                  </td>
                );
              })}
            </tr>
          ))}
          <tr>
            <td className={learn.corner} />
            {entries.map((entry, j) => (
              <th key={`${entry.set} ${entry.block}`} scope="col" data-apart={startsEncoder(j)} title={nameOf(j)}>
                {short(j)}
              </th>
            ))}
          </tr>
        </tbody>
      </table>
      <div id="cka-said" className={learn.said} aria-live="polite">
        <p className="b">{figure(value(row, col))}</p>
        <p className="t2">{ckaWords(value(row, col), nameOf(row), nameOf(col))}</p>
        <div className={learn.ramp} aria-hidden>
          {VIRIDIS.map((color) => (
            <i key={color} style={{ background: color }} />
          ))}
        </div>
        <div className={learn.ticks} aria-hidden>
          <span>0</span>
          <span>1 = the same</span>
        </div>
        <p className="t2">{estimateWords(cka)}</p>
        <ul className={learn.who}>
          {entries
            .filter((entry, i) => i === 0 || entries[i - 1]?.set !== entry.set)
            .map((entry) => (
              <li key={entry.set} className="t3">
                {entry.name}: {entries.filter(({ set }) => set === entry.set).length} blocks
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}

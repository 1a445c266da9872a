// Encoders side by side on this slide: is a smaller, truncated network enough?
import { IconPlus, IconScale } from '@tabler/icons-react';
import { useState } from 'react';
import { Section } from '../inspector/section.tsx';
import { COPIES } from '../learn/altered-copies.ts';
import { SmallButton } from '../small-button.tsx';
import type { SetSummary } from '../stores/learn-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { duration, measure } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useEncoders } from './use-encoders.ts';
import { useLearn, useLearnt } from './use-learn.ts';
import { figure, Whiskers } from './whiskers.tsx';

export function EncodersSection() {
  const desk = useDesk();
  const session = useLearn();
  const shelf = useEncoders();
  const rows = useLearnt((state) => state.compare);
  const agreement = useLearnt((state) => state.agreement);
  const ready = useLearnt(({ sets, working }) => sets.length > 0 && working === undefined);
  const [chosen, setChosen] = useState<readonly string[]>(() => shelf.slice(0, 2).map(({ id }) => id));
  const toggle = (id: string): void =>
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  const off = !ready || chosen.length === 0;
  const [withCopies, setWithCopies] = useState(false);
  const cost = useLearnt(({ sets }) => costOfCopies(sets, chosen));
  const hasAgain = rows.some(({ again }) => again !== undefined);
  const canAdd = desk.commands.some(({ id }) => id === 'models.add');
  const buttons = canAdd && (
    <SmallButton kind="quiet" icon={IconPlus} onClick={() => desk.invoke('models.add')}>
      Add ONNX
    </SmallButton>
  );
  return (
    <Section id="encoders" title="Encoders" buttons={buttons}>
      <div className={learn.picks}>
        {shelf.map(({ id, name }) => (
          <label key={id}>
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
            {name}
          </label>
        ))}
      </div>
      <div className={learn.embed}>
        <label className={learn.check}>
          <input type="checkbox" checked={withCopies} onChange={() => setWithCopies(!withCopies)} />
          With altered copies{cost !== undefined && cost > 0 && `, about ${duration(cost)} more`}
        </label>
        <span className="grow" />
        <SmallButton icon={IconScale} off={off} onClick={() => void session.encoders.compare(chosen, withCopies)}>
          Compare
        </SmallButton>
      </div>
      {rows.length === 0 ? (
        <p className={`t2 ${css.p}`}>
          Each sees the same patches. Compared are a linear probe and nearest neighbours on your labels, and a task that
          needs none: whether a patch is more like the one beside it than like one far away. With altered copies also
          whether a patch that was stained otherwise and turned is found again.
        </p>
      ) : (
        <table className={`${css.table} ${learn.table}`}>
          <thead>
            <tr>
              <th>Encoder</th>
              <th>Block</th>
              <th className={css.n}>Features</th>
              <th>Linear probe F1</th>
              <th className={css.n}>
                <span className="unseen">Value</span>
              </th>
              <th className={css.n}>Nearest</th>
              <th className={css.n}>Next door</th>
              {hasAgain && <th className={css.n}>Again</th>}
              <th className={css.n}>patches/s</th>
              <th className={css.n}>MB</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ set, name, block, dims, probe, nearest, proxy, again, patchesPerSecond, bytes }, i) => (
              <tr key={`${set} ${block}`}>
                <td className={learn.ell} title={name}>
                  {rows[i - 1]?.set === set ? <span className="unseen">{name}</span> : name}
                </td>
                <td>{block.replace(/^block/, '')}</td>
                <td className={css.n}>{dims}</td>
                <td>{probe && <Whiskers value={probe.macroF1} interval={probe.interval} />}</td>
                <td className={`${css.n} b`}>{probe ? figure(probe.macroF1) : '–'}</td>
                <td className={css.n}>{nearest ? figure(nearest.macroF1) : '–'}</td>
                <td className={css.n}>{proxy ? figure(proxy.score) : '–'}</td>
                {hasAgain && <td className={css.n}>{again ? figure(again.score) : '–'}</td>}
                <td className={css.n}>{patchesPerSecond === undefined ? '–' : measure(patchesPerSecond)}</td>
                <td className={css.n}>{measure(bytes / 1e6)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {agreement !== undefined && (
        <p className={`t2 ${css.p} ${css.gap}`}>
          The order without labels agrees with the linear probe by {figure(agreement).replace('-', '−')} (rank
          correlation; 1 is the same order).
        </p>
      )}
    </Section>
  );
}

/** Seconds that altered copies take which are not there yet; undefined where an encoder's speed is not known. */
function costOfCopies(sets: readonly SetSummary[], encoders: readonly string[]): number | undefined {
  let sum = 0;
  for (const id of encoders) {
    const set = sets.find(({ encoder }) => encoder === id);
    if (set && set.copies > 0) continue;
    if (!set?.secondsPerPatch) return undefined;
    sum += set.secondsPerPatch * Math.min(COPIES, set.rows);
  }
  return sum;
}

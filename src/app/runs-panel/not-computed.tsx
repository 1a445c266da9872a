// Patches that were not computed: why, where, and the way to try only those again.

import { IconRefresh } from '@tabler/icons-react';
import { unhurried } from '#channel/waits.ts';
import { centreOf, grow } from '#units/rect.ts';
import type { RunSummary } from '../runs/runs-api.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';
import { byReason, gapSentence } from './run-words.ts';

const MOST_PLACES = 12; // of a reason: further ones are hatched on the slide all the same

export default function NotComputed({ run, retry }: { run: RunSummary; retry: boolean }) {
  const desk = useDesk();
  const { runs } = desk;
  const mpp = usePicked(desk.stores.slide, ({ open }) => open?.info.mpp);
  const { failed, onOpenSlide, state } = run;
  if (failed.length === 0) return null;
  return (
    <div className={css.gaps}>
      <ToneIcon tone="warn" />
      <div className="grow">
        <p>{gapSentence(failed, onOpenSlide && mpp ? mpp.x * mpp.y : undefined)}</p>
        {byReason(failed).map(({ why, isOneOfMany, patches }) => (
          <details key={why} className={css.reason}>
            <summary>
              {plural(patches.length, 'patch', 'patches')}
              {isOneOfMany ? ', such as this' : ''}: {why}
            </summary>
            <ul>
              {patches.slice(0, MOST_PLACES).map(({ core }) => (
                <li key={`${core.x} ${core.y}`}>
                  <Place
                    at={centreOf(core)}
                    onClick={onOpenSlide ? () => desk.viewer.fit(grow(core, core.width / 2)) : undefined}
                  />
                </li>
              ))}
            </ul>
            {patches.length > MOST_PLACES && <p className="t3">and {count(patches.length - MOST_PLACES)} more</p>}
          </details>
        ))}
        {retry && state === 'done' && (
          <button
            type="button"
            className={`${parts.button} ${parts.small}`}
            style={{ marginTop: 6 }}
            onClick={() => asked(desk, runs.resume(run.id, unhurried()))}
          >
            <IconRefresh size={14} stroke={1.6} aria-hidden />
            Retry {failed.length === 1 ? 'it' : `only these ${plural(failed.length, 'patch', 'patches')}`}
          </button>
        )}
      </div>
    </div>
  );
}

/** Where a patch lies, in the units of the status bar; a way there where its slide is on screen. */
function Place({ at, onClick }: { at: { x: number; y: number }; onClick: (() => void) | undefined }) {
  const { stores } = useDesk();
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const text =
    mpp && onClick ? `x ${count(at.x * mpp.x)} y ${count(at.y * mpp.y)} µm` : `x ${count(at.x)} y ${count(at.y)} px`;
  if (!onClick) return <span>{text}</span>;
  return (
    <button type="button" className="link" onClick={onClick}>
      {text}
    </button>
  );
}

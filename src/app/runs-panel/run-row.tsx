// One run: what it is, how far it came, what can be done with it.

import {
  type Icon,
  IconEye,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { useState } from 'react';
import { unhurried } from '#channel/waits.ts';
import { sinceWords } from '../inspector/trust-words.ts';
import type { RunSession, RunSummary } from '../runs/runs-api.ts';
import { notify } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { bytes } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';
import NotComputed from './not-computed.tsx';
import {
  actionsOf,
  problemWords,
  progressWords,
  REGION_WORDS,
  type RunAction,
  slideTitle,
  stateWords,
  viewsWords,
} from './run-words.ts';
import { Sure } from './sure.tsx';

const ICONS: Record<RunAction, Icon> = {
  pause: IconPlayerPause,
  cancel: IconX,
  resume: IconPlayerPlay,
  retry: IconRefresh,
  show: IconEye,
  remove: IconTrash,
};

const DO: Record<RunAction, (runs: RunSession, id: string) => Promise<unknown>> = {
  pause: (runs, id) => runs.pause(id),
  cancel: (runs, id) => runs.cancel(id),
  resume: (runs, id) => runs.resume(id, unhurried()),
  retry: (runs, id) => runs.resume(id, unhurried()),
  show: (runs, id) => runs.show(id, unhurried()),
  remove: (runs, id) => runs.remove(id),
};

/** @param slide whether its name is said: not where all runs are of the same */
export function RunRow({ run, slide }: { run: RunSummary; slide: boolean }) {
  const { stores } = useDesk();
  const model = usePicked(stores.models, ({ manifests }) => manifests.find(({ id }) => id === run.model.id)?.name);
  const { tone, text } = stateWords(run);
  const problem = problemWords(run);
  const region = REGION_WORDS[run.region];
  const facts = [
    ...(slide ? [region] : []),
    run.model.id && `${model ?? run.model.id}${viewsWords(run.views)}`, // none before the run has begun
    sinceWords(new Date(run.created), new Date()),
    run.kept === 'in memory' ? 'in memory, gone with the tab' : run.bytes > 0 ? bytes(run.bytes) : undefined,
    run.shown ? 'on the slide now' : undefined,
  ].filter((fact) => fact !== undefined && fact !== '');
  return (
    <li className={css.run} data-run={run.id} data-state={run.state}>
      <div className="row">
        <span className="b grow ell">{slide ? slideTitle(run.slide) : region}</span>
        <span className={`row ${css.state}`} data-tone={tone}>
          {tone !== 'plain' && <ToneIcon tone={tone} />}
          {text}
        </span>
      </div>
      <Bar run={run} />
      <div className={css.line}>
        <p className="t2">
          {progressWords(run)}
          <span className="t3">, {facts.join(', ')}</span>
        </p>
        <Actions run={run} />
      </div>
      {problem !== undefined && <p className={run.problem ? 'bad' : 't2'}>{problem}</p>}
      {(slide || !run.shown) && <NotComputed run={run} retry={false} />}
    </li>
  );
}

/** How far it came; nothing where that says nothing. */
function Bar({ run: { state, done, total, slide } }: { run: RunSummary }) {
  if (total === 0 || state === 'done') return null;
  const share = done / total;
  return (
    <div
      className={css.bar}
      role="progressbar"
      aria-label={`Progress of the run on ${slideTitle(slide)}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      data-on={state === 'running'}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  );
}

function Actions({ run }: { run: RunSummary }) {
  const desk = useDesk();
  const { runs } = desk;
  const [removing, setRemoving] = useState(false);
  const act = (action: RunAction, whyNot: string | undefined): void => {
    if (whyNot !== undefined) notify(desk.stores.window, { text: `${whyNot}.`, tone: 'warn', seconds: 4 });
    else if (action === 'remove' && !removing && run.done > 0) setRemoving(true);
    else asked(desk, DO[action](runs, run.id));
  };
  if (removing) {
    return (
      <Sure
        label={`Remove the run on ${slideTitle(run.slide)}`}
        question="Remove it for good?"
        onYes={() => act('remove', undefined)}
        onNo={() => setRemoving(false)}
      />
    );
  }
  return (
    <div className={css.actions}>
      {actionsOf(run).map(({ action, label, whyNot }) => {
        const Glyph = ICONS[action];
        return (
          <button
            key={action}
            type="button"
            className={`${parts.button} ${parts.small} ${action === 'remove' ? parts.quiet : ''}`}
            aria-disabled={whyNot !== undefined || undefined}
            aria-label={`${label}: ${slideTitle(run.slide)}, ${REGION_WORDS[run.region]}`}
            onClick={() => act(action, whyNot)}
          >
            <Glyph size={14} stroke={1.6} aria-hidden />
            {label}
          </button>
        );
      })}
    </div>
  );
}

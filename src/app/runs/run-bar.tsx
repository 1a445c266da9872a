// What goes on: how far it is, how fast, how long still, on what; and the ways to stop it.
import { IconPlayerPause, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { NextBeat } from '../beat.ts';
import { Hint } from '../hint.tsx';
import { providerOf } from '../inspector/provider.ts';
import { alsoChosen, chosenManifest } from '../stores/models-store.ts';
import type { Progress } from '../stores/run-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/bars.module.css';
import parts from '../styles/parts.module.css';
import { areaMm2, bytes, count, duration, measure, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { modelsWords, waitingWords } from './run-bar-words.ts';

const TICK_MS = 900; //        the beat after it, so that a tick comes once a second
const FIRST_TICK_MS = 2300; // after what is told: patches are, every two seconds
const REGION = { view: 'This view', rectangle: 'Drawn', tissue: 'All tissue' } as const;

export default function RunBar({ progress }: { progress: Progress }) {
  const { stores, invoke } = useDesk();
  const queued = usePicked(stores.run, (state) => state.queued);
  const alone = usePicked(stores.models, (state) =>
    alsoChosen(state).length > 0 ? chosenManifest(state)?.name : undefined,
  );
  const toDo = progress.total + progress.toEmbed;
  const all = progress.models.length > 1 ? ' all' : '';
  const share = toDo > 0 ? (progress.done + progress.embedded) / toDo : shareLoaded(progress);
  return (
    <section className={css.run} aria-label="Run" data-region="run-bar">
      <div
        className={css.line}
        role="progressbar"
        aria-label="Progress of the run"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <div className={css.stat}>
        <span className="b">{progress.isLive ? 'Live' : REGION[progress.region]}</span>
        <small className="ell">
          {queued > 0 ? `${count(queued)} more ${queued === 1 ? 'waits' : 'wait'}` : whereOf(progress, alone)}
        </small>
      </div>
      {progress.phase === 'loading' || progress.phase === 'planning' ? (
        <Starting progress={progress} />
      ) : (
        <Running progress={progress} />
      )}
      <span className="grow" />
      {!progress.isLive && (
        <button type="button" className={parts.button} onClick={() => invoke('run.pause')}>
          <IconPlayerPause size={14} stroke={1.6} aria-hidden />
          Pause{all}
        </button>
      )}
      <button type="button" className={parts.button} onClick={() => invoke('run.cancel')}>
        <IconX size={14} stroke={1.6} aria-hidden />
        {progress.isLive ? 'End' : `Cancel${all}`}
      </button>
    </section>
  );
}

/** @param alone the model, where others are chosen beside it that Live does not take */
const whereOf = ({ isLive, slideBehind }: Progress, alone: string | undefined): string =>
  isLive
    ? alone === undefined
      ? 'what is in view, as it moves'
      : `with ${alone} alone`
    : (slideBehind ?? 'from your view outward');

/** Of the model's bytes; none once they are there, for the run itself has not begun. */
const shareLoaded = ({ loadedBytes, totalBytes }: Progress): number =>
  totalBytes && loadedBytes < totalBytes ? loadedBytes / totalBytes : 0;

function Starting({ progress: { loadedBytes, totalBytes } }: { progress: Progress }) {
  const loading = totalBytes !== undefined && loadedBytes < totalBytes;
  return (
    <div className={css.stat}>
      <span className="b">{loading ? 'Loading the model' : 'Starting the model'}</span>
      <small>
        {totalBytes === undefined
          ? 'runtime and model'
          : loading
            ? `${bytes(loadedBytes)} of ${bytes(totalBytes)}`
            : 'a test patch runs first'}
      </small>
    </div>
  );
}

function Running({ progress }: { progress: Progress }) {
  const { stores } = useDesk();
  const device = usePicked(stores.run, (state) => state.device);
  const { done, total, failed, isLive, patchesPerSecond, areaMm2: area, since } = progress;
  const seconds = useElapsed(since, progress);
  return (
    <>
      <div className={css.stat}>
        <span>
          <span className="b">{count(done)}</span> {isLive ? 'patches' : `of ${count(total)} patches`}
        </span>
        <small data-tone={failed > 0 ? 'warn' : undefined}>{count(failed)} failed</small>
      </div>
      {progress.models.length > 1 && <Models models={progress.models} />}
      <div className={`${css.stat} ${css.optional}`}>
        <span className="b">{patchesPerSecond > 0 ? `${measure(patchesPerSecond)} patches/s` : 'First patch'}</span>
        <small>{area ? `${measure(area / Math.max(1, seconds))} mm²/s` : 'in work'}</small>
      </div>
      <div className={css.stat}>
        <span className="b">{progress.waiting ? waitingWords(progress.waiting.failure) : leftOf(progress)}</span>
        <small>
          {duration(seconds)} so far{area ? `, ${areaMm2(area)}` : ''}
        </small>
      </div>
      {device && (
        <div className={`${css.stat} ${css.wide}`}>
          <span>{device.name}</span>
          <small>{device.device === 'webgpu' ? `${providerOf(device)}, checked` : 'checked by a test patch'}</small>
        </div>
      )}
    </>
  );
}

/** Each by itself: in the hint, and in the list of runs, to which it leads. */
function Models({ models }: Pick<Progress, 'models'>) {
  const { stores, invoke } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const { behind, detail } = modelsWords(models, (id) => manifests.find((one) => one.id === id)?.name ?? id);
  return (
    <div className={css.stat}>
      <Hint label={detail}>
        <button type="button" className="link" aria-description={detail} onClick={() => invoke('runs.panel')}>
          {count(models.length)} models
        </button>
      </Hint>
      <small className="ell">{behind}</small>
    </div>
  );
}

function leftOf({ isLive, around, secondsLeft, done, total, embedded, toEmbed }: Progress): string {
  if (isLive) return 'Ends when it is switched off';
  if (done === total && embedded < toEmbed) {
    return `${plural(toEmbed - embedded, 'patch', 'patches')} more, for attention`;
  }
  if (around > 0) return `${plural(around, 'patch', 'patches')} more, to complete glands`;
  return secondsLeft === undefined ? 'Time left not known yet' : `${duration(secondsLeft)} left`;
}

/**
 * Whole seconds since a moment, ticking where nothing else is told: each patch brings the clock along, and a tick between two
 * would cost a frame.
 * @param told changes with what is told
 */
function useElapsed(since: number, told: unknown): number {
  const [, setNow] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is told anew puts the tick off
  useEffect(() => {
    const next = new NextBeat(() => {
      setNow(performance.now());
      next.ask(TICK_MS);
    });
    next.ask(FIRST_TICK_MS);
    return () => next.leave();
  }, [told]);
  return Math.max(0, Math.round((performance.now() - since) / 1000));
}

// The run under the slide: it stays when the inspector is hidden.
import { IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { providerOf } from './inspector/trust-section.tsx';
import type { Progress } from './stores/run-store.ts';
import { usePicked } from './stores.ts';
import css from './styles/bars.module.css';
import parts from './styles/parts.module.css';
import { areaMm2, bytes, count, duration, measure, plural } from './words.ts';
import { useDesk } from './workbench.ts';

const REGION = { view: 'This view', rectangle: 'Rectangle', tissue: 'All tissue' } as const;

export function RunBar() {
  const { stores, invoke } = useDesk();
  const progress = usePicked(stores.run, (state) => state.progress);
  const queued = usePicked(stores.run, (state) => state.queued);
  if (!progress) return null;
  const toDo = progress.total + progress.toEmbed;
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
        <span className="b">{REGION[progress.region]}</span>
        <small>
          {queued > 0 ? `${count(queued)} more ${queued === 1 ? 'waits' : 'wait'}` : 'from your view outward'}
        </small>
      </div>
      {progress.phase === 'running' ? <Running progress={progress} /> : <Starting progress={progress} />}
      <span className="grow" />
      <button type="button" className={parts.button} onClick={() => invoke('run.cancel')}>
        <IconX size={14} stroke={1.6} />
        Cancel
      </button>
    </section>
  );
}

const shareLoaded = ({ loadedBytes, totalBytes }: Progress): number => (totalBytes ? loadedBytes / totalBytes : 0);

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
  const { done, total, failed, patchesPerSecond, areaMm2: area, since } = progress;
  const seconds = useElapsed(since);
  return (
    <>
      <div className={css.stat}>
        <span>
          <span className="b">{count(done)}</span> of {count(total)} patches
        </span>
        <small data-tone={failed > 0 ? 'warn' : undefined}>{count(failed)} failed</small>
      </div>
      <div className={`${css.stat} ${css.optional}`}>
        <span className="b">{patchesPerSecond > 0 ? `${measure(patchesPerSecond)} patches/s` : 'First patch'}</span>
        <small>{area ? `${measure(area / Math.max(1, seconds))} mm²/s` : 'in work'}</small>
      </div>
      <div className={css.stat}>
        <span className="b">{leftOf(progress)}</span>
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

function leftOf({ around, secondsLeft, done, total, embedded, toEmbed }: Progress): string {
  if (done === total && embedded < toEmbed) {
    return `${plural(toEmbed - embedded, 'patch', 'patches')} more, for attention`;
  }
  if (around > 0) return `${plural(around, 'patch', 'patches')} more, to complete glands`;
  return secondsLeft === undefined ? 'Time left not known yet' : `${duration(secondsLeft)} left`;
}

/** Whole seconds since a moment, ticking. */
function useElapsed(since: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.round((now - since) / 1000));
}

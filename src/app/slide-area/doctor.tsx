// A slide that would not open: check after check up to the first that fails, then what to do, with what does it.
import { IconCopy, IconFolderOpen, IconRefresh, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { describe, type Failure, isAbort } from '#errors/failure.ts';
import type { CheckId, Diagnosis } from '#slide/diagnose.ts';
import { diagnosed } from '../diagnosing.ts';
import { IconButton } from '../icon-button.tsx';
import { titleOfSlide } from '../stores/slide-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';
import { DoctorChecks } from './doctor-checks.tsx';
import { DownloadWhole } from './download-whole.tsx';
import { HostAdvice } from './host-advice.tsx';

export default function Doctor() {
  const { stores, invoke } = useDesk();
  const problem = usePicked(stores.slide, (state) => state.problem);
  const stays = usePicked(stores.slide, ({ open }) => open && titleOfSlide(open));
  const diagnosis = useDiagnosis(problem?.address, problem?.failure);
  if (!problem) return null;
  const { name, address, failure } = problem;
  const failed = diagnosis?.checks.find(({ outcome }) => outcome === 'failed');
  const need = failed?.need;
  const close = (): void => stores.slide.setState({ problem: undefined });
  const copy = (): void =>
    void navigator.clipboard
      .writeText(reportOf(address ?? name, failure, diagnosis))
      .then(() => stores.window.setState({ announcement: 'The report was copied.' }));
  return (
    <div className={css.centre}>
      <div className={css.card} role="alert">
        <div className={css.head}>
          <h1 className="grow">This slide could not be read</h1>
          <IconButton small label="Close" icon={IconX} onClick={close} />
        </div>
        <p className="t2" style={{ overflowWrap: 'anywhere' }}>
          {address ?? name}
        </p>
        {address === undefined ? (
          <>
            <h2>What was seen</h2>
            <p>{describe(failure)}</p>
          </>
        ) : (
          <DoctorChecks failure={failure} diagnosis={diagnosis} />
        )}
        {failed?.todo && !failed.seen.includes(failed.todo) && <p className={css.todo}>{failed.todo}</p>}
        {diagnosis?.ok && (
          <p className={css.todo}>Everything is as it should be now: what failed has passed. Try again.</p>
        )}
        {address !== undefined && mayBeHad(failed?.id) && (
          <>
            <h2>If you have the file</h2>
            <p className="t2">
              Download it and drop it here. It opens from your disk, at any size, and is not uploaded.
            </p>
          </>
        )}
        {need && <HostAdvice key={need} need={need} />}
        {stays && (
          <p className="t3" style={{ marginTop: 12 }}>
            {stays} stays open, with everything found so far.
          </p>
        )}
        <div className={css.end}>
          {address !== undefined && (
            <button type="button" className={`${parts.button} ${parts.main}`} onClick={() => invoke('slide.again')}>
              <IconRefresh size={14} stroke={1.6} />
              Try again
            </button>
          )}
          {address !== undefined && (need === 'range' || need === 'encoding') && (
            <DownloadWhole address={address} bytes={need === 'range' ? diagnosis?.bytes : undefined} />
          )}
          <button type="button" className={parts.button} onClick={() => invoke('slide.open')}>
            <IconFolderOpen size={14} stroke={1.6} />
            Open another
          </button>
          <span className="grow" />
          <button type="button" className={`${parts.button} ${parts.quiet}`} onClick={copy}>
            <IconCopy size={14} stroke={1.6} />
            Copy as report
          </button>
        </div>
      </div>
    </div>
  );
}

const mayBeHad = (failed: CheckId | undefined): boolean => failed !== undefined && failed !== 'content';

/** Asked anew for every failure, and given up with the card. */
function useDiagnosis(address: string | undefined, failure: Failure | undefined): Diagnosis | undefined {
  const desk = useDesk();
  const [found, setFound] = useState<{ readonly of: Failure; readonly diagnosis: Diagnosis }>();
  useEffect(() => {
    if (address === undefined || !failure) return;
    const asking = new AbortController();
    diagnosed(desk, address, asking).then(
      (diagnosis) => setFound({ of: failure, diagnosis }),
      (thrown: unknown) => {
        if (!isAbort(thrown)) console.warn(thrown);
      },
    );
    return () => asking.abort(new DOMException('The card was closed.', 'AbortError'));
  }, [desk, address, failure]);
  return found && found.of === failure ? found.diagnosis : undefined;
}

function reportOf(of: string, failure: Failure, diagnosis: Diagnosis | undefined): string {
  const marks = { ok: '[ok]', failed: '[failed]', unknown: '[not known]' } as const;
  return [
    `Eosin at ${window.location.origin} could not read ${of}`,
    describe(failure),
    ...(diagnosis?.checks.map(({ step, outcome, seen }) => `${marks[outcome]} ${step}: ${seen}`) ?? []),
    JSON.stringify(failure),
    navigator.userAgent,
  ].join('\n');
}

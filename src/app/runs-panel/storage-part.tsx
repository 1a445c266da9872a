// What the runs take on this disk, what is free, and the way to make room.
import { useState } from 'react';
import { FactRow } from '../inspector/fact-row.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { bytes, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';
import { Sure } from './sure.tsx';

export function StoragePart() {
  const { stores } = useDesk();
  const storage = usePicked(stores.run, (state) => state.storage);
  if (!storage) return <p className="t2">Not looked at yet: the first run does.</p>;
  if (storage.whyMemory !== undefined) {
    return (
      <p className="row" style={{ alignItems: 'flex-start' }}>
        <ToneIcon tone="warn" />
        <span>{storage.whyMemory} Runs stay in memory and end with this tab. Save what you want to keep.</span>
      </p>
    );
  }
  return (
    <div className={css.storage}>
      <dl>
        <FactRow name="Used by Eosin" value={bytes(storage.usedBytes)} />
        <FactRow
          name="Free"
          value={storage.freeBytes === undefined ? 'the browser does not say' : `about ${bytes(storage.freeBytes)}`}
        />
        <FactRow
          name="Kept"
          value={storage.persisted ? 'until you remove it' : 'until the disk is full: this browser may then clear it'}
        />
      </dl>
      <Unreadable {...storage.unreadable} />
      <RemoveFinished />
    </div>
  );
}

/** Runs that take room and are in no list. */
function Unreadable({ count, bytes: taken }: { count: number; bytes: number }) {
  const { runs } = useDesk();
  if (count === 0) return null;
  const them = count === 1 ? 'it' : 'them';
  return (
    <>
      <p className="row" style={{ alignItems: 'flex-start' }}>
        <ToneIcon tone="warn" />
        <span>
          {plural(count, 'run')} cannot be read ({bytes(taken)}): damaged, or written by another version of Eosin.
          Remove {them} to make room.
        </span>
      </p>
      <Removal
        label="Remove what cannot be read"
        question={`Remove ${plural(count, 'run')} that cannot be read for good?`}
        remove={() => runs.removeUnreadable()}
      />
    </>
  );
}

function RemoveFinished() {
  const { runs, stores } = useDesk();
  const finished = usePicked(stores.run, ({ list }) => list.filter(({ state }) => state === 'done').length);
  if (finished === 0) return null;
  return (
    <Removal
      label="Remove all finished"
      question={`Remove ${plural(finished, 'finished run')} for good?`}
      remove={() => runs.removeFinished()}
    />
  );
}

/** A button that asks once more. */
function Removal(props: { label: string; question: string; remove: () => Promise<void> }) {
  const { label, question, remove } = props;
  const desk = useDesk();
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <div className={css.actions}>
        <button type="button" className={`${parts.button} ${parts.small}`} onClick={() => setSure(true)}>
          {label}
        </button>
      </div>
    );
  }
  const yes = (): void => {
    setSure(false);
    asked(desk, remove());
  };
  return <Sure label={label} question={question} onYes={yes} onNo={() => setSure(false)} />;
}

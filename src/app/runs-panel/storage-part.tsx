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
    <>
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
      <RemoveFinished />
    </>
  );
}

function RemoveFinished() {
  const desk = useDesk();
  const { runs } = desk;
  const finished = usePicked(desk.stores.run, ({ list }) => list.filter(({ state }) => state === 'done').length);
  const [sure, setSure] = useState(false);
  if (finished === 0) return null;
  if (!sure) {
    return (
      <div className={css.actions}>
        <button type="button" className={`${parts.button} ${parts.small}`} onClick={() => setSure(true)}>
          Remove all finished
        </button>
      </div>
    );
  }
  const remove = (): void => {
    setSure(false);
    asked(desk, runs.removeFinished());
  };
  return (
    <Sure
      label="Remove all finished runs"
      question={`Remove ${plural(finished, 'finished run')} for good?`}
      onYes={remove}
      onNo={() => setSure(false)}
    />
  );
}

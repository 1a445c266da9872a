// All runs: what computes and waits, what came before, what is kept on this disk.
import { useEffect } from 'react';
import type { RunSummary } from '../runs/runs-api.ts';
import { SheetFrame } from '../sheets/sheet.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/runs.module.css';
import { useDesk } from '../workbench.ts';
import { AddSlides } from './add-slides.tsx';
import { LeftWaiting } from './left-waiting.tsx';
import { RunRow } from './run-row.tsx';
import { StoragePart } from './storage-part.tsx';

const isAhead = ({ state }: RunSummary): boolean => state === 'running' || state === 'queued';

/** The one that computes first, then the queue as it will come: the list has the latest first. */
const inTurn = (list: readonly RunSummary[]): RunSummary[] => {
  const ahead = list.filter(isAhead).reverse();
  return [...ahead.filter(({ state }) => state === 'running'), ...ahead.filter(({ state }) => state === 'queued')];
};

export default function RunsSheet() {
  const { stores, runs } = useDesk();
  const list = usePicked(stores.run, (state) => state.list);
  useEffect(() => void runs.lookedUp(), [runs]); // with no slide on screen, nothing else has looked
  const ahead = inTurn(list);
  const earlier = list.filter((run) => !isAhead(run));
  return (
    <SheetFrame title="Runs">
      <AddSlides />
      <h2>Queue</h2>
      <LeftWaiting />
      {ahead.length === 0 ? (
        <p className="t2">Nothing runs. Analyse the slide on screen, or add slides here.</p>
      ) : (
        <Rows runs={ahead} />
      )}
      <h2>Earlier</h2>
      {earlier.length === 0 ? (
        <p className="t2">No run yet. Each one is listed here with what it found, also after this page was closed.</p>
      ) : (
        <Rows runs={earlier} />
      )}
      <h2>Storage</h2>
      <StoragePart />
    </SheetFrame>
  );
}

function Rows({ runs }: { runs: readonly RunSummary[] }) {
  return (
    <ul className={css.runs}>
      {runs.map((run) => (
        <RunRow key={run.id} run={run} slide />
      ))}
    </ul>
  );
}

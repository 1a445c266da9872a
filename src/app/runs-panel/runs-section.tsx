// The runs of the slide on screen, the latest first, and the way to all of them.
import { IconListDetails } from '@tabler/icons-react';
import { useMemo } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import list from '../styles/runs.module.css';
import { useCommand } from '../use-command.ts';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { RunRow } from './run-row.tsx';

const MOST = 3; // further ones are in the sheet

export default function RunsSection() {
  const { stores, invoke } = useDesk();
  const [panelKey] = useCommand('runs.panel').keys;
  const all = usePicked(stores.run, (state) => state.list);
  const own = useMemo(() => all.filter(({ onOpenSlide }) => onOpenSlide), [all]);
  const keeps = own.some(({ state, kept }) => state === 'running' && kept === 'on disk');
  const others = all.length - Math.min(own.length, MOST);
  return (
    <Section
      id="runs"
      title="Runs"
      buttons={
        <IconButton
          small
          label="All runs and storage"
          keys={panelKey}
          icon={IconListDetails}
          onClick={() => invoke('runs.panel')}
        />
      }
    >
      <div className={css.p}>
        {own.length > 0 && (
          <ul className={list.runs} data-first="plain">
            {own.slice(0, MOST).map((run) => (
              <RunRow key={run.id} run={run} slide={false} />
            ))}
          </ul>
        )}
        {keeps && (
          <p className="t2">
            Every finished patch is kept on this disk. Close the tab or the laptop: the run goes on where it stopped.
          </p>
        )}
        {others > 0 && (
          <p className="t2">
            <button type="button" className="link" onClick={() => invoke('runs.panel')}>
              {count(others)} more
            </button>{' '}
            {own.length > MOST ? 'here and on other slides' : 'on other slides'}
          </p>
        )}
      </div>
    </Section>
  );
}

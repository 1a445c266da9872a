// Slides of the queue that a page left: one button for all of them.
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { leftWaiting, slidesLeft } from '../runs/run-list.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';

export function LeftWaiting() {
  const desk = useDesk();
  const left = usePicked(desk.stores.run, ({ list }) => slidesLeft(list));
  if (left === 0) return null;
  return (
    <div className={css.actions}>
      <span className="grow t2">{leftWaiting(left)}</span>
      <button
        type="button"
        className={`${parts.button} ${parts.small}`}
        onClick={() => asked(desk, desk.runs.resumeQueue())}
      >
        <IconPlayerTrackNext size={14} stroke={1.6} aria-hidden />
        Resume all
      </button>
    </div>
  );
}

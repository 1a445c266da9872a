// Live: what is in view is analysed as the view moves, like a microscope that labels what it shows.
import { IconLivePhoto } from '@tabler/icons-react';
import { Hint } from '../hint.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import { useCommand } from '../use-command.ts';
import { useDesk } from '../workbench.ts';

export function LiveSwitch() {
  const { stores, invoke } = useDesk();
  const on = usePicked(stores.run, ({ live }) => live);
  usePicked(stores.slide, ({ open }) => open?.info.mpp);
  usePicked(stores.models, ({ chosen }) => chosen);
  const { keys, whyNot } = useCommand('run.live');
  const missing = whyNot();
  const does = on
    ? 'Live is on: what is in view is analysed as you move'
    : 'Live: one model analyses what is in view as you move. What has left it is dropped';
  return (
    <Hint label={missing ? `Live: ${missing.toLowerCase()}` : does} keys={keys[0]}>
      <button
        type="button"
        className={`${parts.button} ${parts.live}`}
        aria-pressed={on}
        aria-disabled={missing !== undefined || undefined}
        onClick={() => invoke('run.live')}
      >
        <IconLivePhoto size={14} stroke={1.6} aria-hidden />
        Live
      </button>
    </Hint>
  );
}

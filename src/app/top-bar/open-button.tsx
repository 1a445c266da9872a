import { IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/top-bar.module.css';
import { useCommand } from '../use-command.ts';
import { useDesk } from '../workbench.ts';

export function OpenButton({ onClick }: { onClick: () => void }) {
  const [key] = useCommand('slide.open').keys;
  return <IconButton className={css.plus} label="Open a slide" keys={key} icon={IconPlus} onClick={onClick} />;
}

const OpenPopover = lazy(() => import('./open-popover.tsx'));

/** The plus beside the slide's tab. What it opens is loaded when it is first wanted. */
export function OpenSlide() {
  const { stores } = useDesk();
  const wanted = usePicked(stores.window, ({ popover }) => popover === 'open');
  const [used, setUsed] = useState(false);
  useEffect(() => {
    if (wanted) setUsed(true);
  }, [wanted]);
  const button = <OpenButton onClick={() => stores.window.setState({ popover: 'open' })} />;
  if (!used) return button;
  return (
    <Late fallback={button}>
      <OpenPopover />
    </Late>
  );
}

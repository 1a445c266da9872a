import { IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { titleOfSlide } from '../stores/slide-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/top-bar.module.css';
import { useDesk } from '../workbench.ts';

export function SlideTab() {
  const { stores, invoke } = useDesk();
  const name = usePicked(stores.slide, ({ open }) => open && titleOfSlide(open));
  const opening = usePicked(stores.slide, (state) => state.opening);
  const shown = opening ?? name;
  if (shown === undefined) return null;
  return (
    <div className={css.tab}>
      <span className={opening ? 'ell t3' : 'ell'} title={shown}>
        {opening ? `Opening ${opening}` : shown}
      </span>
      {!opening && <IconButton small label="Close slide" icon={IconX} onClick={() => invoke('slide.close')} />}
    </div>
  );
}

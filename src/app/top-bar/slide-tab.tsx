import { IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { titleOfSlide } from '../stores/slide-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/top-bar.module.css';
import { useDesk } from '../workbench.ts';

const SlideTabs = lazy(() => import('./slide-tabs.tsx'));

/** One slide has one tab; the strip of several comes with the second. */
export function OpenSlides() {
  const { stores } = useDesk();
  const several = usePicked(stores.slide, ({ tabs, open }) => tabs.length > 1 || (tabs.length > 0 && !open));
  if (!several) return <SlideTab />;
  return (
    <Late fallback={<SlideTab />}>
      <SlideTabs />
    </Late>
  );
}

function SlideTab() {
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

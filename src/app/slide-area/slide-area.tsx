// The slide with what lies over it. The viewer's own elements were made before React and are only put into place.
import { useCallback } from 'react';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { OpenSheet } from '../sheets/open-sheet.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';
import { Legend } from './legend.tsx';
import { Navigator } from './navigator.tsx';
import { NoticeBox } from './notice.tsx';
import { ScaleBar } from './scale-bar.tsx';
import { ZoomSteps } from './zoom-steps.tsx';

const Empty = lazy(() => import('./empty.tsx'));
const ObjectPopover = lazy(() => import('./object-popover.tsx'));
const Doctor = lazy(() => import('./doctor.tsx')); // all load when first needed
const DisplayCard = lazy(() => import('./display-card.tsx'));
const PlaceCard = lazy(() => import('./place-card.tsx'));
const GapsCard = lazy(() => import('./gaps-card.tsx'));
const BesidePane = lazy(() => import('../beside/beside-pane.tsx'));
const Calibration = lazy(() => import('./calibration.tsx'));

function Cards() {
  const { stores } = useDesk();
  const problem = usePicked(stores.slide, (state) => state.problem !== undefined);
  const isEmpty = usePicked(stores.slide, (state) => !state.open && !state.opening && !state.problem);
  const selected = usePicked(stores.selection, (state) => state.selected !== undefined);
  const popover = usePicked(stores.window, (state) => state.popover);
  return (
    <Late>
      {popover === 'gaps' && <GapsCard />}
      {popover === 'display' && <DisplayCard />}
      {popover === 'place' && <PlaceCard />}
      {selected && <ObjectPopover />}
      {popover === 'calibration' && <Calibration />}
      {problem && <Doctor />}
      {isEmpty && <Empty />}
    </Late>
  );
}

export function SlideArea() {
  const { stage, stores } = useDesk();
  const beside = usePicked(stores.panes, (state) => state.beside);
  const place = useCallback((host: HTMLDivElement | null) => host?.append(stage.element), [stage]);
  return (
    <section className={css.area} aria-label="Slide area" data-region="slide" data-beside={beside || undefined}>
      <div className={css.stage} ref={place} />
      <Legend />
      {beside && (
        <Late>
          <BesidePane />
        </Late>
      )}
      <Navigator />
      <ScaleBar />
      <ZoomSteps />
      <OpenSheet />
      <Cards />
      <NoticeBox />
    </section>
  );
}

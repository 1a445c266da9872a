// The slide with what lies over it. The viewer's own elements were made before React and are only put into place.
import { useCallback } from 'react';
import { OpenSheet } from '../sheets/open-sheet.tsx';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';
import { Calibration } from './calibration.tsx';
import { Doctor } from './doctor.tsx';
import { Empty } from './empty.tsx';
import { Legend } from './legend.tsx';
import { Navigator } from './navigator.tsx';
import { NoticeBox } from './notice.tsx';
import { ObjectPopover } from './object-popover.tsx';
import { ScaleBar } from './scale-bar.tsx';
import { ZoomSteps } from './zoom-steps.tsx';

export function SlideArea() {
  const { stage } = useDesk();
  const place = useCallback((host: HTMLDivElement | null) => host?.append(stage.element), [stage]);
  return (
    <section className={css.area} aria-label="Slide area" data-region="slide">
      <div className={css.stage} ref={place} />
      <Legend />
      <Navigator />
      <ScaleBar />
      <ZoomSteps />
      <ObjectPopover />
      <Empty />
      <Calibration />
      <OpenSheet />
      <Doctor />
      <NoticeBox />
    </section>
  );
}

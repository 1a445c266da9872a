// The right half of the slide area while two panes stand side by side.
import { IconX } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Legend } from '../slide-area/legend.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/beside.module.css';
import area from '../styles/slide-area.module.css';
import { DeskProvider, useDesk } from '../workbench.ts';
import { SecondPane } from './second-pane.ts';

export default function BesidePane() {
  const desk = useDesk();
  const { stores, invoke } = desk;
  const host = useRef<HTMLDivElement>(null);
  const [pane, setPane] = useState<SecondPane>();
  const inHand = usePicked(stores.panes, (state) => state.inHand);
  useEffect(() => {
    if (!host.current) return;
    const opened = new SecondPane(desk, host.current);
    setPane(opened);
    return () => opened[Symbol.dispose]();
  }, [desk]);
  /** The legend reads this pane's view and layers. */
  const own = useMemo(
    () =>
      pane && {
        ...desk,
        viewer: pane.viewer,
        stores: { ...desk.stores, view: pane.view, layers: desk.stores.besideLayers },
      },
    [desk, pane],
  );
  return (
    <>
      <div className={css.pane}>
        <div className={`${area.stage} ${css.stage}`} ref={host} />
        {own && (
          <DeskProvider value={own}>
            <Legend />
          </DeskProvider>
        )}
      </div>
      <span className={css.inHand} data-side={inHand} aria-hidden />
      <div className={`${area.hud} ${css.close}`}>
        <IconButton small label="Close side by side" keys="Escape" icon={IconX} onClick={() => invoke('view.beside')} />
      </div>
    </>
  );
}

import { useCallback } from 'react';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';

export function Navigator() {
  const { stage, stores } = useDesk();
  const place = useCallback((host: HTMLDivElement | null) => host?.append(stage.navigator), [stage]);
  const showsAll = usePicked(stores.view, (state) => state.showsAll);
  const open = usePicked(stores.slide, (state) => state.open !== undefined);
  return <div className={`${css.hud} ${css.navigator}`} data-hidden={showsAll || !open} ref={place} />;
}

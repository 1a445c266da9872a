import {
  IconHandStop,
  IconPlayerPlayFilled,
  IconPolygon,
  IconRulerMeasure,
  IconSearch,
  IconSquare,
  IconSquareDashed,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Hint } from '../hint.tsx';
import { CommandButton } from '../icon-button.tsx';
import { KeyCap } from '../key-cap.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import type { Workspace } from '../stores/settings-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/top-bar.module.css';
import { useCommand } from '../use-command.ts';
import { commandOf, useDesk } from '../workbench.ts';
import { LiveSwitch } from './live-switch.tsx';
import { Mark } from './mark.tsx';
import { MenuButton } from './menu-button.tsx';
import { OpenSlide } from './open-button.tsx';
import { OpenSlides } from './slide-tab.tsx';

export function TopBar() {
  const { invoke } = useDesk();
  const [findKey] = useCommand('window.palette').keys;
  return (
    <header className={css.bar} data-region="top-bar">
      <h1 className={css.mark}>
        <Mark />
      </h1>
      <OpenSlides />
      <OpenSlide />
      <Tools />
      <span className="grow" />
      <Workspaces />
      <span className={css.sep} />
      <div className={css.right}>
        <button
          type="button"
          className={css.find}
          onClick={() => invoke('window.palette')}
          aria-label={`Find a command ${findKey ?? ''}`.trim()}
        >
          <IconSearch size={14} stroke={1.6} />
          <span className={css.findLabel}>Find a command</span> {findKey && <KeyCap keys={findKey} />}
        </button>
        <LiveSwitch />
        <AnalyseButton />
      </div>
    </header>
  );
}

const TOOLS = [
  ['move', IconHandStop],
  ['rectangle', IconSquare],
  ['polygon', IconPolygon],
  ['line', IconRulerMeasure],
  ['selectBox', IconSquareDashed],
] as const;

function Tools() {
  const { stores } = useDesk();
  const tool = usePicked(stores.view, (state) => state.tool);
  usePicked(stores.slide, ({ open }) => open?.id); // tools need a slide
  return (
    <div className={css.tools} role="toolbar" aria-label="Tools">
      {TOOLS.map(([id, icon]) => (
        <CommandButton key={id} id={`tool.${id}`} icon={icon} on={tool === id} className={css.tool} />
      ))}
    </div>
  );
}

function Workspaces() {
  const { stores, invoke } = useDesk();
  const now = usePicked(stores.settings, ({ workspace }) => workspace);
  const to = (id: Workspace, name: string) => (
    <button type="button" aria-current={now === id ? 'page' : undefined} onClick={() => invoke(`workspace.${id}`)}>
      {name}
    </button>
  );
  return (
    <nav className={css.works} aria-label="Workspaces">
      {to('analyse', 'Analyse')}
      {to('learn', 'Learn')}
    </nav>
  );
}

const AnalyseMenu = lazy(() => import('./analyse-menu.tsx'));

function AnalyseButton() {
  const [menu, setMenu] = useState(false); // once opened it stays, closed or open
  const desk = useDesk();
  const { stores, invoke } = desk;
  usePicked(stores.slide, ({ open }) => open?.info.mpp);
  usePicked(stores.models, ({ chosen }) => chosen);
  usePicked(stores.regions, ({ drawn }) => drawn);
  const whyNot = commandOf(desk, 'analyse.chosen').whyNot();
  return (
    <div className={css.split}>
      <Hint label={whyNot ?? commandOf(desk, `analyse.${stores.settings.getState().region}`).label()}>
        <button
          type="button"
          className={`${parts.button} ${parts.main}`}
          aria-disabled={whyNot !== undefined || undefined}
          onClick={() => invoke('analyse.chosen')}
        >
          <IconPlayerPlayFilled size={14} />
          Analyse
        </button>
      </Hint>
      {menu ? (
        <Late fallback={<MenuButton />}>
          <AnalyseMenu />
        </Late>
      ) : (
        <MenuButton onClick={() => setMenu(true)} />
      )}
    </div>
  );
}

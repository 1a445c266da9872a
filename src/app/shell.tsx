import { useMediaQuery } from '@mantine/hooks';
import type { CSSProperties } from 'react';
import { HintLayer } from './hint-layer.tsx';
import { Inspector } from './inspector/inspector.tsx';
import { Late } from './late.tsx';
import { lazy } from './lazy.ts';
import { LazyPalette } from './lazy-palette.tsx';
import { RunBar } from './run-bar.tsx';
import { DropZone } from './slide-area/drop-zone.tsx';
import { SlideArea } from './slide-area/slide-area.tsx';
import { StatusBar } from './status-bar.tsx';
import { usePicked } from './stores.ts';
import css from './styles/shell.module.css';
import { TopBar } from './top-bar/top-bar.tsx';
import { useDesk } from './workbench.ts';

const WIDE = 320; //   px, the inspector from 1500 px of window on
const NARROW = 280;
const LEARN_WIDE = 664; // the same in Learn
const LEARN_NARROW = 528;

export function Shell() {
  const { stores } = useDesk();
  const wide = useMediaQuery('(min-width: 1501px)', true, { getInitialValueInEffect: false });
  const learning = usePicked(stores.settings, ({ workspace }) => workspace === 'learn');
  const chosen = usePicked(stores.settings, ({ inspectorWidth, learnWidth }) =>
    learning ? learnWidth : inspectorWidth,
  );
  const panels = usePicked(stores.window, (state) => state.panels);
  const [large, small] = learning ? [LEARN_WIDE, LEARN_NARROW] : [WIDE, NARROW];
  const width = chosen ?? (wide ? large : small);
  const columns: CSSProperties & Record<`--${string}`, string> = { '--inspector': `${width}px` };
  return (
    <div className={css.shell} data-panels={panels ? 'on' : 'off'} style={columns}>
      <div className={css.top}>
        <TopBar />
      </div>
      <main className={css.main}>
        <SlideArea />
        <RunBar />
        <LazyStrip />
        <LazyTable />
      </main>
      {panels && (
        <div className={css.inspector}>
          <Inspector width={width} />
        </div>
      )}
      <div className={css.status}>
        <StatusBar />
      </div>
      <HintLayer />
      <LazyPalette />
      <DropZone />
      <LiveRegion />
    </div>
  );
}

const AttentionStrip = lazy(() => import('./attention-strip.tsx'));

/** Under the slide while attention is selected and found. */
function LazyStrip() {
  const { stores } = useDesk();
  const selected = usePicked(stores.layersInHand, (state) => state.selected === 'attention');
  const wanted = usePicked(stores.attention, ({ strip, findings }) => strip && findings !== undefined);
  if (!selected || !wanted) return null;
  return (
    <Late>
      <AttentionStrip />
    </Late>
  );
}

const ObjectTable = lazy(() => import('./measures-panel/object-table.tsx'));

function LazyTable() {
  const { stores } = useDesk();
  const wanted = usePicked(stores.window, ({ table }) => table);
  const open = usePicked(stores.slide, (state) => state.open !== undefined);
  if (!wanted || !open) return null;
  return (
    <Late>
      <ObjectTable />
    </Late>
  );
}

/** What a screen reader is told: progress every 10 %, the current object, what was found. */
function LiveRegion() {
  const { stores } = useDesk();
  const text = usePicked(stores.window, ({ announcement }) => announcement);
  return (
    <div className="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}

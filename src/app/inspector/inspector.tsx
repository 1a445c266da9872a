// Layers first, then the workspace's sections: one scroll, one hand.
import { useMemo } from 'react';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { DeskProvider, useDesk } from '../workbench.ts';
import { AnalyseSection } from './analyse-section.tsx';
import { CountsSection } from './counts-section.tsx';
import { GoodToKnow } from './good-to-know.tsx';
import { Grip } from './grip.tsx';
import { LayersSection } from './layers-section.tsx';
import { SlideSection } from './slide-section.tsx';
import { TrustSection } from './trust-section.tsx';

const AttentionSections = lazy(() => import('./attention-sections.tsx')); // when first selected
const LearnPanel = lazy(() => import('../learn-panel/learn-panel.tsx'));
const DistributionSection = lazy(() => import('../measures-panel/distribution-section.tsx'));
const RunsSection = lazy(() => import('../runs-panel/runs-section.tsx'));

/** Once there is a run to speak of. */
function LazyRuns() {
  const { stores } = useDesk();
  const any = usePicked(stores.run, ({ list }) => list.length > 0);
  if (!any) return null;
  return (
    <Late>
      <RunsSection />
    </Late>
  );
}

/** Once there is something to measure. */
function LazyDistribution() {
  const { stores } = useDesk();
  const any = usePicked(stores.objects, (state) => OBJECT_LAYERS.some((kind) => (state[kind]?.count ?? 0) > 0));
  if (!any) return null;
  return (
    <Late>
      <DistributionSection />
    </Late>
  );
}

/** Its layers are those of the pane in hand. */
export function Inspector({ width }: { width: number }) {
  const desk = useDesk();
  const inHand = useMemo(() => ({ ...desk, stores: { ...desk.stores, layers: desk.stores.layersInHand } }), [desk]);
  return (
    <DeskProvider value={inHand}>
      <Sections width={width} />
    </DeskProvider>
  );
}

function Sections({ width }: { width: number }) {
  const { stores } = useDesk();
  const shown = usePicked(stores.window, ({ panels }) => panels);
  const learning = usePicked(stores.settings, ({ workspace }) => workspace === 'learn');
  const attention = usePicked(stores.layers, ({ selected }) => selected === 'attention');
  if (!shown) return null;
  return (
    <aside className={css.inspector} aria-label="Inspector" data-region="inspector">
      <Grip width={width} />
      <div className={css.scroll}>
        {learning ? (
          <Late fallback={<p className={`t3 ${css.p} ${css.gap}`}>Loading.</p>} broken={null}>
            <LearnPanel />
          </Late>
        ) : (
          <LayersSection />
        )}
        {learning ? null : attention ? (
          <Late>
            <AttentionSections />
          </Late>
        ) : (
          <>
            <AnalyseSection />
            <CountsSection />
            <LazyDistribution />
            <TrustSection />
            <LazyRuns />
            <GoodToKnow />
            <SlideSection />
          </>
        )}
      </div>
    </aside>
  );
}

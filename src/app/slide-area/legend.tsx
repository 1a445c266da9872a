// Only while a map shows, or objects are in other classes than the run's, or nuclei have become density, or seams are drawn.
import { lazy, Suspense } from 'react';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const LegendContent = lazy(() => import('./legend-content.tsx'));

export function Legend() {
  const { stores } = useDesk();
  const legend = usePicked(stores.view, (state) => state.legend);
  const objects = usePicked(stores.view, ({ objectClasses }) => objectClasses !== undefined);
  const seams = usePicked(stores.seams, ({ shown }) => shown);
  const dense = legend?.layers.some(({ form }) => form === 'density');
  if (!seams && !objects && !dense && !legend?.grid && !legend?.patchMap && !legend?.classMap) return null;
  return (
    <Suspense fallback={null}>
      <LegendContent />
    </Suspense>
  );
}

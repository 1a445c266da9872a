// Only while a map shows, or nuclei have become density, or seams are drawn.
import { lazy, Suspense } from 'react';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const LegendContent = lazy(() => import('./legend-content.tsx'));

export function Legend() {
  const { stores } = useDesk();
  const legend = usePicked(stores.view, (state) => state.legend);
  const seams = usePicked(stores.seams, ({ shown }) => shown);
  const dense = legend?.layers.some(({ form }) => form === 'density');
  if (!seams && !dense && !legend?.grid && !legend?.patchMap && !legend?.classMap) return null;
  return (
    <Suspense fallback={null}>
      <LegendContent />
    </Suspense>
  );
}

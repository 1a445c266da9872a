// Only while a map shows, or objects are drawn otherwise than as outlines in the run's classes, or seams are drawn.

import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const LegendContent = lazy(() => import('./legend-content.tsx'));

export function Legend() {
  const { stores } = useDesk();
  const legend = usePicked(stores.view, (state) => state.legend);
  const objects = usePicked(stores.view, ({ objectClasses }) => objectClasses !== undefined);
  const seams = usePicked(stores.seams, ({ shown }) => shown);
  const told = legend?.layers.some(
    ({ form, measure, threshold }) => form === 'density' || form === 'discs' || measure || threshold,
  );
  if (!seams && !objects && !told && !legend?.grid && !legend?.patchMap && !legend?.classMap) return null;
  return (
    <Late>
      <LegendContent />
    </Late>
  );
}

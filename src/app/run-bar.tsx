// The place of the run under the slide: it stays when the inspector is hidden. What stands there is loaded with the first run.

import { Late } from './late.tsx';
import { lazy } from './lazy.ts';
import { usePicked } from './stores.ts';
import { useDesk } from './workbench.ts';

const Bar = lazy(() => import('./runs/run-bar.tsx'));

export function RunBar() {
  const { stores } = useDesk();
  const progress = usePicked(stores.run, (state) => state.progress);
  if (!progress) return null;
  return (
    <Late>
      <Bar progress={progress} />
    </Late>
  );
}

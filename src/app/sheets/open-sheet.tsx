// The sheet that is open; its code is loaded when it is first asked for.

import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const SHEETS = {
  keys: lazy(() => import('./keys-sheet.tsx')),
  model: lazy(() => import('./model-sheet.tsx')),
  models: lazy(() => import('./models-sheet.tsx')),
  refused: lazy(() => import('./refused-sheet.tsx')),
  runs: lazy(() => import('../runs-panel/runs-sheet.tsx')),
  slide: lazy(() => import('./slide-sheet.tsx')),
  wizard: lazy(() => import('../wizard/wizard-sheet.tsx')),
} as const;

export function OpenSheet() {
  const { stores } = useDesk();
  const sheet = usePicked(stores.window, (state) => state.sheet);
  if (!sheet) return null;
  const Content = SHEETS[sheet];
  return (
    <Late>
      <Content />
    </Late>
  );
}

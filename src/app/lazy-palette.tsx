// The palette's code is loaded when it is first asked for.

import { Late } from './late.tsx';
import { lazy } from './lazy.ts';
import { usePicked } from './stores.ts';
import { useDesk } from './workbench.ts';

const Palette = lazy(() => import('./palette.tsx'));

export function LazyPalette() {
  const { stores } = useDesk();
  const wanted = usePicked(stores.window, ({ palette }) => palette);
  if (!wanted) return null;
  return (
    <Late>
      <Palette />
    </Late>
  );
}

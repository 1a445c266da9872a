import { useMemo } from 'react';
import { countsOf } from '../found-objects.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import type { KindCounts } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

export interface Counts {
  readonly areaPx: number; // level-0 px² that were analysed, of the scope
  readonly byKind: Readonly<Record<ObjectLayer, KindCounts | undefined>>;
}

/** Of all that was analysed, or of the objects whose centroid lies in the view's bounding box. */
export function useCounts(scope: 'all' | 'view'): Counts {
  const { stores, found } = useDesk();
  const objects = usePicked(stores.objects, (state) => state);
  const visible = usePicked(stores.view, (state) => (scope === 'view' ? state.visible : undefined));
  return useMemo(() => {
    if (!visible) {
      return {
        areaPx: objects.areaPx,
        byKind: objects,
      };
    }
    const inView = (kind: ObjectLayer): KindCounts | undefined => {
      const { live } = found.store(kind);
      return objects[kind] && countsOf(live.columns, live.query(visible), visible);
    };
    return {
      areaPx: found.area.areaIn(visible),
      byKind: {
        nuclei: inView('nuclei'),
        glands: inView('glands'),
        lumina: inView('lumina'),
        annotations: inView('annotations'),
      },
    };
  }, [objects, visible, found]);
}

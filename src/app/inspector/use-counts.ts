import { useMemo } from 'react';
import type { Region } from '#analysis/region.ts';
import { countsOf } from '../found-objects.ts';
import { analysedIn, encloses, regionOf, rowsWithin } from '../measures/scope.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import type { KindCounts } from '../stores/objects-store.ts';
import type { Scope } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

export interface Counts {
  readonly areaPx: number; // level-0 px² that were analysed, of the scope
  readonly byKind: Readonly<Record<ObjectLayer, KindCounts | undefined>>;
}

/** Where to count; undefined: in all that was analysed. The view counts by its bounding box. */
export function useRegion(): Region | undefined {
  const { stores, found } = useDesk();
  const scope = usePicked(stores.window, ({ countedIn }) => countedIn);
  const visible = usePicked(stores.view, (state) => (scope === 'view' ? state.visible : undefined));
  const drawn = usePicked(stores.regions, (state) => state.drawn);
  const selected = usePicked(stores.selection, (state) => state.selected);
  return useMemo(() => regionOf(scope, { visible, drawn, selected }, found), [scope, visible, drawn, selected, found]);
}

/** Scopes that have something to look at. */
export function useScopes(): readonly Scope[] {
  const { stores } = useDesk();
  const isDrawn = usePicked(stores.regions, ({ drawn }) => drawn !== undefined);
  const isObject = usePicked(stores.selection, ({ selected }) => encloses(selected));
  const scopes: Scope[] = ['all', 'view'];
  if (isDrawn) scopes.push('drawn');
  if (isObject) scopes.push('object');
  return scopes;
}

/** Of all that was analysed, or of the objects whose centroid lies in the region. */
export function useCounts(region: Region | undefined): Counts {
  const { stores, found } = useDesk();
  const objects = usePicked(stores.objects, (state) => state);
  return useMemo(() => {
    if (!region) return { areaPx: objects.areaPx, byKind: objects };
    const within = (kind: ObjectLayer): KindCounts | undefined => {
      const { live } = found.store(kind);
      return objects[kind] && countsOf(live.columns, rowsWithin(live, region));
    };
    return {
      areaPx: analysedIn(found, region),
      byKind: {
        nuclei: within('nuclei'),
        glands: within('glands'),
        lumina: within('lumina'),
        annotations: within('annotations'),
      },
    };
  }, [objects, region, found]);
}

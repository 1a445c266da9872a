import { useMemo } from 'react';
import { areaPx, type Region } from '#analysis/region.ts';
import { countsOf } from '../found-objects.ts';
import { analysedIn, encloses, regionOf, rowsWithin } from '../measures/scope.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import type { KindCounts } from '../stores/objects-store.ts';
import type { Scope } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

export interface Counts {
  readonly areaPx: number; //     level-0 px² of the scope that were analysed; all of a region where nothing was
  readonly isAnalysed: boolean; // false: nothing was, and the area is the region's own, or 0
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
  const slide = usePicked(stores.slide, ({ open }) => open?.info);
  return useMemo(() => {
    const isAnalysed = objects.areaPx > 0;
    if (!region) return { areaPx: objects.areaPx, isAnalysed, byKind: objects };
    const within = (kind: ObjectLayer): KindCounts | undefined => {
      const { live } = found.store(kind);
      return objects[kind] && countsOf(live.columns, rowsWithin(live, region));
    };
    return {
      areaPx: isAnalysed
        ? analysedIn(found, region)
        : areaPx(region, { x: 0, y: 0, width: slide?.widthPx ?? 0, height: slide?.heightPx ?? 0 }),
      isAnalysed,
      byKind: {
        nuclei: within('nuclei'),
        glands: within('glands'),
        lumina: within('lumina'),
        annotations: within('annotations'),
      },
    };
  }, [objects, region, found, slide]);
}

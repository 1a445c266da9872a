// The door to comparisons: their code is loaded when two maps are first compared.
import { failureOf } from '#errors/failure.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Subtracting } from '#objects/open-subtract.ts';
import type { GridStyle, Swipe, Viewer } from '#viewer/viewer-api.ts';
import type { AttentionSession } from './attention/attention-session.ts';
import type { Comparison } from './compare/comparison.ts';
import type { FoundObjects } from './found-objects.ts';
import { once } from './once.ts';
import type { RunSession } from './runs/runs-api.ts';
import type { SlideSession } from './slide-session.ts';
import { endCompare } from './stores/compare-store.ts';
import type { Side } from './stores/panes-store.ts';
import type { Stores } from './stores.ts';

/** A pane's tissue map, and what shows right of a divider. */
export interface TissueDrawn {
  readonly grid: ValueGrid;
  readonly style: GridStyle;
  readonly swipe?: Swipe | undefined;
}

export interface CompareNeeds {
  readonly slides: Pick<SlideSession, 'onChange'>;
  readonly stores: Pick<
    Stores,
    'compare' | 'layers' | 'besideLayers' | 'panes' | 'attention' | 'objects' | 'run' | 'models'
  >;
  readonly viewer: Pick<Viewer, 'on'>;
  readonly found: Pick<FoundObjects, 'tissueGrid'>;
  readonly runs: Pick<RunSession, 'tissueOf'>;
  readonly subtract?: () => Subtracting; // a worker; a test brings its own
  readonly attention: { loaded(): Pick<AttentionSession, 'attendedBag'> | undefined };
}

export interface LazyCompare {
  /** What is there already; undefined before the first comparison. */
  loaded(): Comparison | undefined;
  /** With its code. */
  session(): Promise<Comparison>;
  /** Calls when panes are to be drawn anew; the result ends it. */
  subscribe(listener: () => void): () => void;
  /** What a pane draws instead of its own map; undefined where that stays. */
  drawn(side: Side, own: { readonly grid: ValueGrid; readonly style: GridStyle }): TissueDrawn | undefined;
}

export function lazyCompare(needs: CompareNeeds): LazyCompare {
  const { slides, stores } = needs;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  let loaded: Comparison | undefined;
  const load = once(async () => {
    const { Comparison } = await import('./compare/comparison.ts');
    loaded = new Comparison(needs, changed);
    changed();
    return loaded;
  });
  slides.onChange(() => {
    loaded?.forget();
    endCompare(stores.compare);
    stores.compare.setState({ brought: undefined });
  });
  // One comparison at a time: the divider is one.
  stores.attention.subscribe(({ compare }, before) => {
    if (compare !== before.compare && compare !== undefined) endCompare(stores.compare);
  });
  stores.compare.subscribe(({ other }, before) => {
    if (other === before.other || !other) return;
    stores.attention.setState({ compare: undefined });
    if (!loaded) load().catch((thrown: unknown) => stores.compare.setState({ problem: failureOf(thrown) }));
  });
  return {
    loaded: () => loaded,
    session: load,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    drawn: (side, own) => loaded?.drawn(side, own),
  };
}

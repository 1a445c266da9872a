// The door to measures: its code is loaded once there are objects to measure.

import type { Viewer } from '#viewer/viewer-api.ts';
import type { FoundObjects } from './found-objects.ts';
import type { MeasureSession } from './measures/measure-session.ts';
import { once } from './once.ts';
import type { RegionsAsked } from './regions-asked.ts';
import type { SlideSession } from './slide-session.ts';
import { OBJECT_LAYERS } from './stores/objects-store.ts';
import { onNewMpp } from './stores/slide-store.ts';
import type { Stores } from './stores.ts';

export interface LazyMeasures {
  /** What is there already; undefined before the first need. */
  loaded(): MeasureSession | undefined;
  /** Resolves once the stain vectors that were kept of the open slide are set. */
  session(): Promise<MeasureSession>;
}

export interface MeasureNeeds {
  readonly slides: SlideSession;
  readonly stores: Stores;
  readonly found: FoundObjects;
  readonly regions: Pick<RegionsAsked, 'tissue'>;
  readonly viewer: Viewer;
}

export function lazyMeasures(needs: MeasureNeeds): LazyMeasures {
  const { slides, stores, found } = needs;
  let loaded: MeasureSession | undefined;
  const load = once(async () => {
    const [{ MeasureSession }, { openMeasuring }, { openStainLog }] = await Promise.all([
      import('./measures/measure-session.ts'),
      import('#analysis/measuring/open-measuring.ts'),
      import('./measures/open-stain-log.ts'),
    ]);
    loaded = new MeasureSession(needs, openMeasuring(), openStainLog(stores));
    return loaded;
  });
  const session = async (): Promise<MeasureSession> => {
    const of = await load();
    await of.ready();
    return of;
  };
  slides.onChange(() => loaded?.forget());
  onNewMpp(stores.slide, () => loaded?.changed());
  let brushedAt: number | undefined; // the version of the objects whose rows are brushed
  stores.selection.subscribe(({ brushed }, before) => {
    if (brushed !== before.brushed) brushedAt = brushed && found.store(brushed.kind).version;
  });
  found.subscribe(() => {
    if (OBJECT_LAYERS.some((kind) => found.store(kind).counts.count > 0)) void session().catch(() => undefined);
    loaded?.changed();
    const { brushed } = stores.selection.getState();
    if (!brushed || found.store(brushed.kind).version === brushedAt) return;
    if (loaded) void loaded.brushAgain(brushed.kind);
    else stores.selection.setState({ brushed: undefined });
  });
  return { loaded: () => loaded, session };
}

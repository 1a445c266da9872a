// A window with a slide, for tests of what goes out to files and comes in from them.
import type { ValueGrid } from '#objects/grid.ts';
import { differenceOf } from '#objects/grid-difference.ts';
import { filesHere } from '#objects/testing/files-here.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import type { SlideInfo } from '../../console.d.ts';
import { FoundObjects } from '../../found-objects.ts';
import type { LazyAttention } from '../../lazy-attention.ts';
import { lazyCompare } from '../../lazy-compare.ts';
import type { LearningDoor } from '../../lazy-learn.ts';
import type { LazyMeasures } from '../../lazy-measures.ts';
import type { SlideSession } from '../../slide-session.ts';
import { createStores } from '../../stores.ts';
import { stubSlide } from '../../testing/stub-slide.ts';
import { stubViewer } from '../../testing/stub-viewer.ts';
import { FileDesk } from '../file-desk.ts';

const SIZE = { x: mpp(0.25), y: mpp(0.25) };

/** What files go out of and into, without a screen or a disk. */
export function fileWindow(
  fingerprint = 'a1b2',
  storage = memoryStorage(),
  measures: LazyMeasures = { loaded: () => undefined, session: () => Promise.reject(new Error('not here')) },
  learning: LearningDoor = { of: async () => undefined, takeIn: async () => [] },
  page = new EventTarget(),
  runMaps: (id: string) => Promise<ValueGrid> = () => Promise.reject(new Error('not here')),
) {
  const slide = stubSlide(fingerprint);
  const [{ widthPx, heightPx } = { widthPx: 0, heightPx: 0 }] = slide.levels;
  const info: SlideInfo = {
    ...{ name: slide.name, format: 'Test', vendor: undefined, widthPx, heightPx, mpp: { x: 0.25, y: 0.25 } },
    ...{ objective: undefined, levels: [], associated: [], properties: {} },
  };
  const stores = createStores(undefined);
  stores.slide.setState({ open: { id: 1, info, origin: 'disk', address: undefined, mppSetByUser: false } });
  const slides: SlideSession = {
    ...{ opened: () => ({ slide, truth: undefined }), mpp: () => SIZE, open: async () => info },
    ...{ close: () => undefined, setMpp: () => undefined, onChange: () => () => undefined },
  };
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const viewer = stubViewer();
  const attention: LazyAttention = {
    loaded: () => undefined,
    session: () => Promise.reject(new Error('not here')),
  };
  const compared = lazyCompare({
    ...{ slides, stores, viewer, found, attention },
    runs: { tissueOf: runMaps },
    subtract: () => ({
      difference: async ({ here, there, by }) => differenceOf(here, there, by),
      rest: () => undefined,
    }),
  });
  const desk = new FileDesk(
    {
      slides,
      stores,
      found,
      measures,
      attention,
      compared,
      viewer,
      learning,
    },
    filesHere(),
    async () => storage,
    page,
  );
  return { desk, found, stores, slides, storage, viewer, page, compared };
}

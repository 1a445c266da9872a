import { expect, test } from 'vitest';
import type { SlideInfo } from './console.d.ts';
import { lazyAttention } from './lazy-attention.ts';
import { createStores } from './stores.ts';
import { stubViewer } from './testing/stub-viewer.ts';

const info = (mpp: SlideInfo['mpp']): SlideInfo => ({
  name: 'slide',
  format: 'Test',
  vendor: undefined,
  widthPx: 100,
  heightPx: 100,
  mpp,
  objective: undefined,
  levels: [],
  associated: [],
  properties: {},
});

function opened() {
  const stores = createStores(undefined);
  const changes: (() => void)[] = [];
  const unasked = (): never => {
    throw new Error('not asked for here');
  };
  lazyAttention({
    stores,
    viewer: stubViewer(),
    slides: {
      opened: () => undefined,
      mpp: () => undefined,
      open: unasked,
      close: unasked,
      setMpp: unasked,
      onChange: (listener) => {
        changes.push(listener);
        return () => undefined;
      },
    },
    regions: { resolve: unasked, tissue: unasked, foundTissue: unasked, work: unasked },
    parts: unasked,
    read: unasked,
    shelf: Promise.resolve(),
  });
  return { stores, changes };
}

test('a new pixel size, and another slide, drop what attention found; another name does not', () => {
  const { stores, changes } = opened();
  const open = {
    id: 1,
    info: info({ x: 0.5, y: 0.5 }),
    origin: 'disk',
    address: undefined,
    mppSetByUser: false,
  } as const;
  const find = (): void => stores.attention.setState({ current: 3 });
  stores.slide.setState({ open });
  find();
  stores.slide.setState({ open: { ...open, info: { ...open.info, name: 'renamed' } } });
  expect(stores.attention.getState().current).toBe(3);
  stores.slide.setState({ open: { ...open, info: info({ x: 0.25, y: 0.25 }) } });
  expect(stores.attention.getState().current).toBeUndefined();
  find();
  for (const tell of changes) tell();
  expect(stores.attention.getState().current).toBeUndefined();
});

test('attention is not selected on another slide, where there is none', () => {
  const { stores, changes } = opened();
  stores.layers.setState({ selected: 'attention' });
  stores.besideLayers.setState({ selected: 'tissue' });
  for (const tell of changes) tell();
  expect(stores.layers.getState().selected).toBeUndefined();
  expect(stores.besideLayers.getState().selected).toBe('tissue');
});

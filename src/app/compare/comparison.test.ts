import { expect, test } from 'vitest';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { differenceOf } from '#objects/grid-difference.ts';
import type { GridStyle } from '#viewer/viewer-api.ts';
import { lazyCompare } from '../lazy-compare.ts';
import type { RunSummary } from '../runs/runs-api.ts';
import { type ComparedHow, type ComparedMap, endCompare } from '../stores/compare-store.ts';
import { setAttentionLayer, setTissueLayer } from '../stores/layers-store.ts';
import { createStores } from '../stores.ts';
import { stubViewer } from '../testing/stub-viewer.ts';

const nan = Number.NaN;
const CLASSES = ['Tumour', 'Stroma'].map((name) => ({ name, color: '#111111' }));
const cells = { x: 100.5, y: 50.25, cellWidth: 64.5, cellHeight: 64.5, cols: 2, rows: 2 };
const map = (...values: number[]): ValueGrid => {
  const patch: GridPatch = { ...cells, values: Float32Array.from(values) };
  return { name: 'Tissue classes', channels: CLASSES, patches: [patch] };
};
const now = map(0.75, 0.5, nan, 0.25, 0.25, 0.5, nan, 0.75);
const earlier = map(0.5, nan, 1, 0.5, 0.5, nan, 0, 0.5);
const at = (col: number, row: number) => ({ x: 100.5 + 64.5 * (col + 0.5), y: 50.25 + 64.5 * (row + 0.5) });
const run: RunSummary = {
  ...{ id: 'run-1', slide: 's', onOpenSlide: true, canOpen: true, state: 'done', region: 'view' },
  ...{
    model: { id: 'm', sha256: '' },
    asked: undefined,
    views: 1,
    created: Date.parse('2020-01-02T14:02:00'),
    done: 1,
    total: 1,
    failed: [],
  },
  ...{ problem: undefined, kept: 'on disk', bytes: 1, shown: false, isLeft: false, together: undefined },
};

const style: GridStyle = { shown: true, opacity: 0.6, threshold: 0, channel: 0, colormap: 'viridis' };
const own = { grid: now, style };

/** Two patches of attention side by side over all cells, or none. */
async function opened(attention: readonly number[] = [], leftOut?: Uint8Array) {
  const stores = createStores(undefined);
  const changes: (() => void)[] = [];
  const boxes = Float32Array.of(100.5, 50.25, 64.5, 129, 165, 50.25, 64.5, 129);
  const attended = { attention: Float32Array.from(attention), patch: new Float32Array(0), classes: 1 };
  const bag = attention.length > 0 ? { attended, boxes, classes: [], leftOut } : undefined;
  const compared = lazyCompare({
    stores,
    viewer: stubViewer(),
    slides: {
      onChange: (listener) => {
        changes.push(listener);
        return () => undefined;
      },
    },
    found: { tissueGrid: () => now },
    runs: { tissueOf: (id) => Promise.resolve(id === run.id ? earlier : now) },
    attention: { loaded: () => ({ attendedBag: () => bag }) },
    subtract: () => ({
      difference: async ({ here, there, by }) => differenceOf(here, there, by),
      rest: () => undefined,
    }),
  });
  stores.run.setState({ list: [run] });
  stores.objects.setState({ tissueClasses: CLASSES, version: 1 });
  setTissueLayer(stores.layers, { shown: true, channel: 0, colourMap: 'viridis' });
  const compare = async (other: ComparedMap, how: ComparedHow): Promise<void> => {
    stores.compare.setState({ other, how });
    await expect.poll(() => compared.loaded()).toBeDefined();
    if (other.is === 'tissue' && other.run) await expect.poll(() => stores.compare.getState().classes).toBeDefined();
    compared.drawn('left', own);
    await compared.loaded()?.lastDifference();
  };
  const values = () => [...(compared.drawn('left', own)?.grid.patches[0]?.values ?? [])];
  const says = (col: number, row: number) => {
    const mine = now.patches[0]?.values[row * 2 + col] ?? Number.NaN;
    return compared.loaded()?.says(at(col, row), mine);
  };
  return { stores, compared, compare, values, says, change: () => changes.map((tell) => tell()) };
}

test('two classes of one map: a difference with its name, NaN where there is no tissue, both values under the pointer', async () => {
  const { stores, compared, compare, values, says } = await opened();
  await compare({ is: 'tissue', run: undefined, channel: 1 }, 'difference');
  expect(values()).toEqual([0.5, 0, nan, -0.5]);
  expect(compared.drawn('left', own)?.style).toMatchObject({ colormap: 'difference', range: [-1, 1], channel: 0 });
  expect(stores.compare.getState().difference).toEqual({ name: 'Tumour less Stroma', most: 1, of: 'values' });
  expect(says(0, 0)).toEqual(['Stroma 0.25', 'difference +0.50']);
  expect(says(1, 1)).toEqual(['Stroma 0.75', 'difference −0.50']);
  expect(says(0, 1)).toEqual([]); // the status bar says that there is no tissue
  expect(compared.drawn('right', own)).toBeUndefined();
});

test('an earlier run: subtracted, swiped with its name, or in the right pane; nothing where it has no tissue', async () => {
  const { compared, compare, values, says } = await opened();
  await compare({ is: 'tissue', run: run.id, channel: 0 }, 'difference');
  expect(values()).toEqual([0.25, nan, nan, -0.25]);
  expect(says(0, 0)?.at(-1)).toBe('difference +0.25');
  expect(says(1, 0)).toEqual(['no value here of Tumour, run of 2 Jan 2020, 14:02']);

  await compare({ is: 'tissue', run: run.id, channel: 1 }, 'swipe');
  expect(compared.drawn('left', own)).toMatchObject({
    grid: now,
    swipe: { of: 'grid', at: 0.5, style: { channel: 1 }, grid: { patches: earlier.patches } },
  });
  expect(says(0, 0)).toEqual(['Stroma, run of 2 Jan 2020, 14:02 0.50']);

  await compare({ is: 'tissue', run: run.id, channel: 1 }, 'beside');
  expect(compared.drawn('left', own)).toBeUndefined();
  expect(compared.drawn('right', own)?.grid).toMatchObject({ patches: earlier.patches });
});

test('attention has no scale in common with a probability: ranks are subtracted, patches left out are not compared', async () => {
  const { stores, compare, compared, values } = await opened([-3, 40]);
  await compare({ is: 'attention' }, 'difference');
  // ranks of .75, .5, .25: 1, .5, 0; of the patches: 0 left, 1 right
  expect(values()).toEqual([1, -0.5, nan, -1]);
  expect(stores.compare.getState().difference?.of).toBe('ranks');
  stores.compare.setState({ how: 'swipe' });
  expect(compared.drawn('left', own)?.swipe?.of).toBe('layers');
  setAttentionLayer(stores.layers, { shown: false });
  expect(compared.drawn('left', own)).toBeUndefined();

  const without = await opened([-3, 40], Uint8Array.of(1, 0));
  await without.compare({ is: 'attention' }, 'difference');
  expect(without.values()).toEqual([nan, expect.any(Number), nan, expect.any(Number)]);
});

test('steps that follow the values of one run are not those of another', async () => {
  const { stores, compared, compare } = await opened();
  setTissueLayer(stores.layers, { scale: 'percentiles' });
  const range = async (id: string) => {
    await compare({ is: 'tissue', run: id, channel: 0 }, 'swipe');
    const swipe = compared.drawn('left', own)?.swipe;
    return swipe?.of === 'grid' ? [swipe.style.edges?.[0], swipe.style.edges?.[10]] : undefined;
  };
  expect(await range(run.id)).toEqual([0.5, 1]);
  expect(await range('run-2')).toEqual([0.25, 0.75]);
});

test('attention shows while it is swiped, covers no other comparison, and is as it was afterwards', async () => {
  for (const was of [true, false]) {
    const { stores, compare } = await opened([-3, 40]);
    const isShown = (): boolean => stores.layers.getState().attention.shown;
    setAttentionLayer(stores.layers, { shown: was });
    await compare({ is: 'attention' }, 'beside');
    expect(isShown()).toBe(false);
    stores.compare.setState({ how: 'swipe' }); // one pane again
    expect(isShown()).toBe(true);
    stores.compare.setState({ how: 'difference' });
    expect(isShown()).toBe(false);
    setTissueLayer(stores.layers, { channel: 'argmax' }); // which is swiped
    expect(isShown()).toBe(true);
    await compare({ is: 'tissue', run: undefined, channel: 1 }, 'swipe');
    expect(isShown()).toBe(false);
    endCompare(stores.compare); // as another slide does
    expect(isShown()).toBe(was);
  }
});

test('who shows or hides attention while maps are compared, by its eye or by computing it, finds it so afterwards', async () => {
  for (const wished of [true, false]) {
    const { stores, compare } = await opened([-3, 40]);
    const isShown = (): boolean => stores.layers.getState().attention.shown;
    setAttentionLayer(stores.layers, { shown: !wished });
    await compare({ is: 'tissue', run: undefined, channel: 1 }, 'difference');
    expect(isShown()).toBe(false);
    setAttentionLayer(stores.layers, { shown: true }); // over the two, as it was asked for
    if (!wished) setAttentionLayer(stores.layers, { shown: false });
    await compare({ is: 'tissue', run: undefined, channel: 1 }, 'swipe');
    expect(isShown()).toBe(false); // compared anew, and nothing covers it
    endCompare(stores.compare);
    expect(isShown()).toBe(wished);
  }
});

test('most probable classes are swiped, not subtracted; a hidden map, another slide and another comparison end it', async () => {
  const { stores, compared, compare, change } = await opened();
  await compare({ is: 'tissue', run: run.id, channel: 'argmax' }, 'difference');
  expect(compared.drawn('left', own)?.swipe).toMatchObject({ of: 'grid', style: { colormap: 'classes' } });
  expect(compared.drawn('left', { ...own, style: { ...style, shown: false } })).toBeUndefined();
  change();
  expect(stores.compare.getState().other).toBeUndefined();
  expect(compared.drawn('left', own)).toBeUndefined();

  await compare({ is: 'tissue', run: undefined, channel: 1 }, 'difference');
  compared.drawn('left', own);
  stores.attention.setState({ compare: 'another model' }); // the divider is one
  expect(stores.compare.getState()).toMatchObject({ other: undefined, difference: undefined });
  await compare({ is: 'tissue', run: undefined, channel: 1 }, 'difference');
  expect(stores.attention.getState().compare).toBeUndefined();
});

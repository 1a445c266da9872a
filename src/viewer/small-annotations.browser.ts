// Annotations by the thousand that are as small as cells, as a file of another program's detections brings them.
import { expect, test } from 'vitest';
import { ObjectStore } from '#objects/store.ts';
import { mpp as mppOf } from '#units/units.ts';
import { rgbOf } from './overlay/colormaps.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { ringsOnGrid } from './testing/made-objects.ts';
import { stage } from './testing/stage.ts';
import type { ObjectSource } from './viewer-api.ts';

const on = stage();

const GRID = { x: 10_000, y: 7000, step: 100, cols: 100, rows: 60, radius: 20, classes: 2 } as const; // 6,000
const STYLE = { shown: true, opacity: 1, fill: false, stroke: true, classShown: [] };
const CENTRE = { x: 15_000, y: 10_000 };
const ORANGE = rgbOf('#ff7a1a');
const BLUE = rgbOf('#1fa2ff');

const open = () =>
  on.viewer.open(checkerboard({ widthPx: 30_000, heightPx: 20_000, downsamples: [1, 8, 64] }), { signal: on.signal });

/** The small ones, and twelve that are 200 µm wide, whose rims touch no other. */
function small(alone = false): ObjectStore {
  const store = new ObjectStore('annotations');
  store.append(ringsOnGrid('annotations', GRID).columns);
  if (!alone)
    store.append(ringsOnGrid('annotations', { x: 13_050, y: 8050, step: 1300, cols: 4, rows: 3, radius: 400 }).columns);
  return store;
}

const forms = () => on.viewer.legend().layers.map(({ kind, form }) => [kind, form]);

test('density, discs and fills of them are those of nuclei in the same places, turned and flipped too', async () => {
  await open();
  const nuclei = ringsOnGrid('nuclei', GRID);
  const annotations = small(true).live;
  for (const [magnification, form, turned] of [
    [1.25, 'density', { rotation: 0, flipped: false }],
    [1, 'density', { rotation: 30, flipped: true }],
    [3, 'discs', { rotation: 37, flipped: true }],
    [5, 'fills', { rotation: 0, flipped: false }],
    [7, 'fills', { rotation: 200, flipped: true }],
  ] as const) {
    await on.viewer.setView({ centre: CENTRE, magnification, ...turned }, { signal: on.signal });
    const shown = async (kind: 'nuclei' | 'annotations', source: ObjectSource): Promise<Uint8ClampedArray> => {
      on.viewer.setObjects(kind, source);
      await on.viewer.settled({ signal: on.signal });
      const of = await on.findings();
      expect(forms()).toEqual([[kind === 'nuclei' ? 'nuclei' : 'cells', form]]);
      on.viewer.setObjects(kind, undefined);
      return of;
    };
    const [own, wanted] = [await shown('annotations', annotations), await shown('nuclei', nuclei)];
    expect(wanted.filter((value, i) => i % 4 === 3 && value > 0).length).toBeGreaterThan(2000);
    const apart = wanted.filter((value, i) => Math.abs(value - (own[i] ?? 0)) > 48).length; // outlines of nuclei are in eighths of a px
    expect(apart / wanted.length, `${magnification}×`).toBeLessThan(0.002);
  }
});

/** The smallest difference in colour between the 5 × 5 px around a place of the slide and a colour. */
function nearest(x: number, y: number, colour: readonly number[]): number {
  const at = on.viewer.toScreen(x, y);
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 25; k++) {
    const seen = on.overlayAt(at.x + (k % 5) - 2, at.y + Math.floor(k / 5) - 2);
    if ((seen[3] ?? 0) > 200) best = Math.min(best, Math.max(...colour.map((of, i) => Math.abs(of - (seen[i] ?? 0)))));
  }
  return best;
}

test('those larger than a cell are outlined at every zoom, and the legend says what is density', async () => {
  await open();
  on.viewer.setObjects('annotations', small().live);
  on.viewer.setLayerStyle('annotations', STYLE);
  for (const [magnification, said] of [
    [1.25, ['annotations outlines', 'cells density']],
    [3, ['cells discs']],
    [5, ['cells fills']],
    [20, ['cells outlines']],
  ] as const) {
    await on.viewer.setView({ centre: { x: 14_350, y: 9350 }, magnification }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    expect(forms().map((of) => of.join(' '))).toEqual(said);
    const zoom = on.viewer.view().zoom;
    if (320 / zoom > 400) expect(nearest(14_350 + 400, 9350, ORANGE), `${magnification}×`).toBeLessThan(60);
  }
  // on a line of their own at 20×: a row of orange, a row of blue
  await on.viewer.setView({ centre: { x: 15_000, y: 10_000 }, magnification: 20 }, { signal: on.signal });
  await on.viewer.settled({ signal: on.signal });
  expect(nearest(15_020, 10_000, ORANGE)).toBeLessThan(60);
  expect(nearest(15_020, 10_100, BLUE)).toBeLessThan(60);
  expect(on.overlayAt(on.viewer.toScreen(15_000, 10_000).x, on.viewer.toScreen(15_000, 10_000).y)[3]).toBe(0);
});

test('how small is told in µm, in px while uncalibrated, and that is what is drawn', async () => {
  await open();
  const store = small(true);
  for (const [k, radius] of [99, 101].entries()) // the one is 198 px wide, the other 202
    store.append(
      ringsOnGrid('annotations', { x: 13_050 + 1300 * k, y: 8050, step: 1, cols: 1, rows: 1, radius }).columns,
    );
  on.viewer.setObjects('annotations', store.live);
  on.viewer.setLayerStyle('annotations', STYLE);
  for (const [mpp, said, isAlone] of [
    [{ x: 0.25, y: 0.25 }, '50 µm', true],
    [undefined, '200 px', true],
    [{ x: 0.2, y: 0.24 }, '50 µm', false],
  ] as const) {
    on.viewer.setMpp(mpp && { x: mppOf(mpp.x), y: mppOf(mpp.y) });
    await on.viewer.setView({ centre: { x: 14_000, y: 8500 }, zoom: 1.25 / 40 }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    const { layers } = on.viewer.legend();
    expect(layers.map(({ kind, upTo }) => [kind, upTo])).toEqual([
      ...(isAlone ? [['annotations', undefined]] : []),
      ['cells', said],
    ]);
  }
});

test('classes are hidden and coloured, opacity counts, and what is chosen is white, of small and large alike', async () => {
  await open();
  const store = small();
  on.viewer.setObjects('annotations', store.live);
  const alphaAt = async (x: number, y: number): Promise<number> => {
    await on.viewer.settled({ signal: on.signal });
    const at = on.viewer.toScreen(x, y);
    return on.overlayAt(at.x, at.y)[3] ?? 0;
  };
  const [orange, blue] = [
    { x: 15_000, y: 10_000 },
    { x: 15_000, y: 10_100 },
  ];
  for (const magnification of [3, 7]) {
    await on.viewer.setView({ centre: CENTRE, magnification }, { signal: on.signal });
    on.viewer.setLayerStyle('annotations', { ...STYLE, classShown: [false, true] });
    expect(await alphaAt(orange.x, orange.y)).toBe(0);
    expect(await alphaAt(blue.x, blue.y)).toBe(255);
    on.viewer.setLayerStyle('annotations', { ...STYLE, opacity: 0.5, colours: ['#00ff00', '#ff00ff'] });
    expect(await alphaAt(orange.x, orange.y)).toBeCloseTo(128, -1);
    on.viewer.setLayerStyle('annotations', { ...STYLE, colours: ['#00ff00', '#ff00ff'] });
    await on.viewer.settled({ signal: on.signal });
    expect(nearest(orange.x, orange.y, [0, 255, 0])).toBeLessThan(20);
    expect(nearest(blue.x, blue.y, [255, 0, 255])).toBeLessThan(20);
  }
  const row = 30 * 100 + 50; // at 15,000, 10,000
  const large = 6000 + 5; //    at 14,350, 9,350
  on.viewer.setLayerStyle('annotations', STYLE);
  on.viewer.setBrushed({ kind: 'annotations', rows: Uint32Array.of(row, large) });
  for (const magnification of [1.25, 3, 5]) {
    await on.viewer.setView({ centre: { x: 14_700, y: 9700 }, magnification }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    const at = { x: orange.x + (magnification === 5 ? 20 : 0), y: orange.y };
    expect(nearest(at.x, at.y, [255, 255, 255]), `${magnification}×`).toBeLessThan(60);
    expect(nearest(14_350 + 400, 9350, [255, 255, 255])).toBeLessThan(60);
  }
});

test('a few thousand keep their outlines at every zoom', async () => {
  await open();
  on.viewer.setObjects('annotations', ringsOnGrid('annotations', { ...GRID, rows: 49, radius: 40, classes: 1 }));
  await on.viewer.setView({ centre: { x: 15_000, y: 9450 }, magnification: 2.4 }, { signal: on.signal });
  await on.viewer.settled({ signal: on.signal });
  expect(forms()).toEqual([['annotations', 'outlines']]);
  expect(nearest(15_000, 9400, ORANGE)).toBeLessThan(150); // half of 2 px, with a casing; of a density they are far off
});

import { expect, test } from 'vitest';
import type { ObjectClass } from '#objects/columns.ts';
import { mpp } from '#units/units.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { ringsOnGrid } from './testing/made-objects.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import type { ObjectSource } from './viewer-api.ts';

// The picture that is saved: its scale bar is as long as it says, its legend has the colours that are on the slide.

const on = stage();
const SIZE = { widthPx: 8000, heightPx: 6000, downsamples: [1, 4, 16] };
const PLATE = [0x1e, 0x1e, 0x1e];
const LIGHT = [0xed, 0xed, 0xed];

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...b.map((value, c) => Math.abs(value - (a[c] ?? 0))));

/** µm; the label in words. */
function lengthOf(label: string): number {
  const [, value, unit] = /^([\d.]+) (µm|mm)$/.exec(label) ?? [];
  if (value === undefined) throw new Error(`no length: ${label}`);
  return Number(value) * (unit === 'mm' ? 1000 : 1);
}

test.each([
  [0.25, 1, 0],
  [0.25, 0.11, 37],
  [0.5, 0.37, 90],
  [0.1213, 2.3, 0],
])('the scale bar is as long as it says, %f µm a pixel at zoom %f, turned by %f°', async (um, zoom, rotation) => {
  await on.viewer.open(checkerboard(SIZE), { signal: on.signal });
  on.viewer.setMpp({ x: mpp(um), y: mpp(um) });
  await on.viewer.setView({ centre: { x: 4000, y: 3000 }, zoom, rotation }, { signal: on.signal });
  const expected = (lengthOf(on.viewer.scaleBar().label) / um) * zoom; // CSS px
  expect(expected).toBeGreaterThan(50);
  expect(expected).toBeLessThanOrEqual(150);
  const at = await on.shot();
  const y = HEIGHT - 40 + 18; // the bar's line
  const light = Array.from({ length: 280 }, (_, k) => 14 + k).filter((x) => apart(at(x + 0.5, y), LIGHT) < 60);
  const [first = 0] = light;
  const last = light.findLast((x, k) => x === first + k) ?? 0; // the label stands apart
  expect(first).toBeGreaterThanOrEqual(20);
  expect(Math.abs(last + 1 - first - expected)).toBeLessThan(2.6); // a line of 1.5 px has its middle on the ends
  for (const end of [first, last]) expect(apart(at(end + 0.5, y - 5), LIGHT)).toBeLessThan(60); // its ends stand up
  expect(apart(at((first + last) / 2, y - 5), PLATE)).toBeLessThan(10);
});

test('without a pixel size the bar counts pixels', async () => {
  await on.viewer.open(checkerboard(SIZE), { signal: on.signal });
  on.viewer.setMpp(undefined);
  await on.viewer.setView({ centre: { x: 4000, y: 3000 }, zoom: 0.4 }, { signal: on.signal });
  expect(on.viewer.scaleBar()).toEqual({ label: '200 px', lengthPx: 80 });
});

/** In the swatch of a row of the legend. */
function swatch(at: (x: number, y: number) => number[], row: number): number[][] {
  const [left, top] = [22, 22 + 20 * row];
  return Array.from({ length: 15 * 18 }, (_, k) => at(left + (k % 15), top + Math.floor(k / 15)));
}

const withClasses = (source: ObjectSource, classes: readonly ObjectClass[]): ObjectSource => ({
  ...source,
  columns: { ...source.columns, classes },
});

test('the legend has the colour of each class that is shown, in the layers order, as lines or as patches', async () => {
  await on.viewer.open(checkerboard(SIZE), { signal: on.signal });
  on.viewer.setMpp({ x: mpp(0.25), y: mpp(0.25) });
  const grid = { x: 3900, y: 2900, step: 60, cols: 4, rows: 4, radius: 20, classes: 2 } as const;
  on.viewer.setObjects('nuclei', ringsOnGrid('nuclei', grid));
  on.viewer.setObjects('lumina', withClasses(ringsOnGrid('lumina', grid), [{ name: 'Lumen', color: '#1a2bff' }]));
  const orange = [0xff, 0x7a, 0x1a];
  const blue = [0x1f, 0xa2, 0xff];
  const lumen = [0x1a, 0x2b, 0xff];
  for (const zoom of [1, 0.2]) {
    await on.viewer.setView({ centre: { x: 4000, y: 3000 }, zoom, rotation: 0 }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    const at = await on.shot();
    for (const [row, colour] of [lumen, orange, blue].entries()) {
      const seen = swatch(at, row);
      for (const other of [orange, blue, lumen]) {
        const n = seen.filter((rgb) => apart(rgb, other) < 12).length;
        if (other === colour) expect(n, `row ${row} at zoom ${zoom}`).toBeGreaterThan(10);
        else expect(n).toBe(0);
      }
    }
    expect(apart(at(15, 15), PLATE)).toBeLessThan(10);
    expect(apart(at(30, 12 + 3 * 20 + 16 + 3), PLATE)).toBeGreaterThan(10); // the plate ends with the last row
  }
  on.viewer.setLayerStyle('nuclei', {
    shown: true,
    opacity: 1,
    fill: false,
    stroke: true,
    classShown: [false, true],
    threshold: 0,
  });
  await on.viewer.settled({ signal: on.signal });
  const at = await on.shot();
  expect(swatch(at, 1).filter((rgb) => apart(rgb, blue) < 12).length).toBeGreaterThan(10);
  expect(swatch(at, 1).filter((rgb) => apart(rgb, orange) < 12)).toHaveLength(0);
});

test('more classes than there is room for end with how many are left, above the scale bar and within the picture', async () => {
  await on.viewer.open(checkerboard(SIZE), { signal: on.signal });
  on.viewer.setMpp({ x: mpp(0.25), y: mpp(0.25) });
  const long = 'A class with a name that no picture is wide enough for. '.repeat(4);
  const many = Array.from({ length: 12 }, (_, k) => ({ name: `${long}${k}`, color: '#ff00ff' }));
  const grid = { x: 3900, y: 2900, step: 60, cols: 2, rows: 2, radius: 20 } as const;
  for (const kind of ['nuclei', 'annotations'] as const)
    on.viewer.setObjects(kind, withClasses(ringsOnGrid(kind, grid), many));
  await on.viewer.setView({ centre: { x: 4000, y: 3000 }, zoom: 1, rotation: 0 }, { signal: on.signal });
  await on.viewer.settled({ signal: on.signal });
  const at = await on.shot();
  const colours = Array.from({ length: 20 }, (_, row) => swatch(at, row).some((rgb) => apart(rgb, [255, 0, 255]) < 12));
  const shown = colours.indexOf(false);
  expect(shown).toBe(17); // of 24
  const last = 22 + 20 * shown;
  const words = Array.from({ length: 60 * 14 }, (_, k) => at(22 + (k % 60), last + Math.floor(k / 60)));
  expect(words.filter((rgb) => apart(rgb, LIGHT) < 40).length).toBeGreaterThan(30); // 'and 7 more'
  expect(apart(at(30, HEIGHT - 46), PLATE)).toBeGreaterThan(10); // a strip of slide above the scale bar
  const right = Array.from({ length: 340 }, (_, k) => at(WIDTH - 8, 12 + k));
  expect(right.every((rgb) => apart(rgb, PLATE) > 10)).toBe(true);
  const beyond = Array.from({ length: 340 }, (_, k) => at(WIDTH - 18, 18 + k));
  expect(beyond.every((rgb) => apart(rgb, PLATE) < 10)).toBe(true); // the plate reaches there, no letter does
});

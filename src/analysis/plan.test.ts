import { describe, expect, test } from 'vitest';
import type { ImageInput } from '#inference/manifest.ts';
import { levelOf } from '#slide/slide.ts';
import { intersect, isEmpty, type Rect } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import { planGrid, planPatches } from './plan.ts';
import { sceneManifest, sceneSlide } from './testing/stand-in.ts';

const input: ImageInput = { ...sceneManifest.input, window: 1024, margin: 64, multiple: 64 };
const empty = { nuclei: [], glands: [], lumina: [] };
const slide = sceneSlide({ width: 20_000, height: 12_000, ...empty }, { downsamples: [1, 4, 16] });
const quarter = { x: mpp(0.25), y: mpp(0.25) };
const plan = (region: Rect, more: Partial<Parameters<typeof planPatches>[0]> = {}) =>
  planPatches({ slide, mpp: quarter, region, input, viewCentre: { x: 0, y: 0 }, ...more });
const CORE = 2 * (1024 - 128); // level-0 px at 0.25 µm

describe('cores', () => {
  test('lie on a grid from the origin, whatever the region', () => {
    for (const region of [
      { x: 0, y: 0, width: 20_000, height: 12_000 },
      { x: 5000, y: 4001, width: 3000, height: 2500 },
    ]) {
      for (const { frame } of plan(region).patches) {
        expect([frame.core.x, frame.core.y]).toEqual([frame.col * CORE, frame.row * CORE]);
        expect(isEmpty(intersect(frame.core, region))).toBe(false);
      }
    }
  });

  test('tile the whole slide once, cut at its edge', () => {
    const { patches, areaPx } = plan({ x: -50, y: -50, width: 1e6, height: 1e6 });
    expect(patches.length).toBe(Math.ceil(20_000 / CORE) * Math.ceil(12_000 / CORE));
    const covered = patches.reduce((sum, { frame: { core } }) => sum + core.width * core.height, 0);
    expect(covered).toBeCloseTo(20_000 * 12_000, 3);
    expect(areaPx).toBe(20_000 * 12_000);
  });

  test('neighbours share their edge exactly, also at an odd pixel size', () => {
    const { patches } = plan(
      { x: 0, y: 0, width: 20_000, height: 12_000 },
      { mpp: { x: mpp(0.2273), y: mpp(0.2311) } },
    );
    const starts = new Map(patches.map(({ frame }) => [`${frame.col},${frame.row}`, frame.core]));
    for (const { frame } of patches) {
      const next = starts.get(`${frame.col + 1},${frame.row}`);
      if (next) expect(Math.abs(frame.core.x + frame.core.width - next.x)).toBeLessThan(1e-9);
    }
  });

  test('come nearest to the view first', () => {
    const viewCentre = { x: 15_000, y: 9000 };
    const { patches } = plan({ x: 0, y: 0, width: 20_000, height: 12_000 }, { viewCentre });
    const distances = patches.map(({ frame: { core } }) =>
      Math.hypot(core.x + core.width / 2 - viewCentre.x, core.y + core.height / 2 - viewCentre.y),
    );
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
  });
});

describe('windows', () => {
  test('hold the core and a margin, in pixels of the level that is fine enough', () => {
    const { patches, level } = plan({ x: 5000, y: 5000, width: 10, height: 10 });
    expect(level).toBe(0); // level 1 is 1 µm a pixel
    const [patch] = patches;
    expect([patch?.scaleX, patch?.x, patch?.y]).toEqual([2, 2 * CORE - 128, 2 * CORE - 128]);
    expect(patch?.frame.size).toBe(1024);
  });

  test('a coarse model reads a coarse level', () => {
    const coarse = plan({ x: 0, y: 0, width: 10, height: 10 }, { input: { ...input, mpp: 1 } });
    expect([coarse.level, coarse.patches[0]?.scaleX]).toEqual([1, 1]);
  });

  test('every tile under the window, and no other', () => {
    const { patches, level } = plan({ x: 9000, y: 6000, width: 10, height: 10 });
    const { tileWidth, tileHeight } = levelOf(slide, level);
    const [patch] = patches;
    const window = { x: patch?.x ?? 0, y: patch?.y ?? 0, width: 2048, height: 2048 };
    const tiles = patch?.tiles() ?? [];
    for (const { x, y } of tiles) {
      const grown = { x: x - 1, y: y - 1, width: tileWidth + 2, height: tileHeight + 2 };
      expect(isEmpty(intersect(grown, window))).toBe(false);
    }
    const covered = tiles.reduce((sum, { x, y }) => {
      const part = intersect({ x, y, width: tileWidth, height: tileHeight }, window);
      return sum + part.width * part.height;
    }, 0);
    expect(covered).toBe(2048 * 2048);
  });

  test('on a small picture they are as small as its size allows, the same for every region', () => {
    const small = sceneSlide({ width: 1000, height: 1000, ...empty });
    const whole = plan({ x: 0, y: 0, width: 1000, height: 1000 }, { slide: small });
    expect(whole.patches.map(({ frame }) => frame.size)).toEqual([640]);
    const part = plan({ x: 900, y: 900, width: 50, height: 50 }, { slide: small });
    expect(part.patches.map(({ frame }) => frame)).toEqual(whole.patches.map(({ frame }) => frame));
  });
});

describe('around a rectangle', () => {
  const at = ({ frame: { col, row } }: { frame: { col: number; row: number } }): string => `${col},${row}`;
  test('is the ring of cores on the slide, none of them planned', () => {
    const inside = plan({ x: 2 * CORE + 5, y: 3 * CORE + 5, width: CORE, height: 10 });
    expect(inside.patches.map(at).sort()).toEqual(['2,3', '3,3']);
    expect(inside.around.map(at)).toEqual(['1,2', '2,2', '3,2', '4,2', '1,3', '4,3', '1,4', '2,4', '3,4', '4,4']);
    expect(plan({ x: 0, y: 0, width: 5, height: 5 }).around.map(at)).toEqual(['1,0', '0,1', '1,1']);
    expect(plan({ x: 0, y: 0, width: 20_000, height: 12_000 }).around).toEqual([]);
    expect(plan({ x: 50_000, y: 0, width: 10, height: 10 }).around).toEqual([]);
  });
});

test('around a polygon is the ring of cores next to those that meet it, not all that its box holds', () => {
  const at = ({ frame: { col, row } }: { frame: { col: number; row: number } }): string => `${col},${row}`;
  const thin = {
    pieces: [
      {
        does: 'add' as const,
        ring: Float64Array.of(10, 10, CORE - 10, 10, CORE - 10, 5 * CORE, CORE - 20, 5 * CORE, CORE - 20, 20, 10, 20),
      },
    ],
  };
  const { patches, around, areaPx } = planPatches({
    slide,
    mpp: quarter,
    region: thin,
    input,
    viewCentre: { x: 0, y: 0 },
  });
  expect(patches.map(at).sort()).toEqual(['0,0', '0,1', '0,2', '0,3', '0,4']);
  expect(around.map(at).sort()).toEqual(['0,5', '1,0', '1,1', '1,2', '1,3', '1,4', '1,5']);
  expect(areaPx).toBeCloseTo((CORE - 20) * 10 + 10 * (5 * CORE - 20), 6);
  const far = [6 * CORE, 10, 6 * CORE + 50, 10, 6 * CORE + 50, 60, 6 * CORE, 60];
  const two = { pieces: [...thin.pieces, { does: 'add' as const, ring: Float64Array.from(far) }] };
  const both = planPatches({ slide, mpp: quarter, region: two, input, viewCentre: { x: 0, y: 0 } });
  expect(both.patches.map(at)).toContain('6,0');
  expect(both.around.map(at)).not.toContain('3,0');
});

test.each([
  { x: 0, y: 0, width: 20_000, height: 12_000 },
  { x: 5000, y: 4001, width: 3000, height: 2500 },
  { x: -500, y: 11_000, width: 1e6, height: 1e6 },
  { x: 50_000, y: 0, width: 10, height: 10 },
])('a grid has the very patches of a plan, made when they are asked for: %o', (region) => {
  const { patches, areaPx } = plan(region);
  const grid = planGrid({ slide, mpp: quarter, region, input });
  const frames = Array.from({ length: grid.patches.length }, (_, index) => grid.patches.at(index)?.frame);
  const byRows = patches.map(({ frame }) => frame).sort((a, b) => a.row - b.row || a.col - b.col);
  expect([frames, grid.areaPx]).toEqual([byRows, areaPx]);
  for (const [index, { col, row }] of byRows.entries()) expect(grid.patches.indexOf({ col, row })).toBe(index);
  expect(grid.patches.indexOf({ col: -1, row: 0 })).toBeUndefined();
  const rect = { x: 6000, y: 2000, width: 5000, height: 4100 };
  const there = byRows.flatMap(({ core }, index) => (isEmpty(intersect(core, rect)) ? [] : [index]));
  expect([...grid.patches.meeting(rect)]).toEqual(there);
});

describe('a pixel size that cannot be right', () => {
  const whole = { x: 0, y: 0, width: 20_000, height: 12_000 };
  test.each([25, 100])('%i µm a pixel: a sentence, not millions of patches', (wrong) => {
    const planned = () => plan(whole, { mpp: { x: mpp(wrong), y: mpp(wrong) } });
    expect(planned).toThrow(`at ${wrong} µm a pixel`);
    expect(planned).toThrow('Check the pixel size');
  });
});

test('with a mask only patches that meet tissue, and the area of the tissue', () => {
  const mask = new Uint8Array(200 * 120);
  mask[60 * 200 + 100] = 1;
  const region = { x0: 0, y0: 0, cellPx: 100, cols: 200, rows: 120, mask };
  const { patches, around, areaPx } = planPatches({ slide, mpp: quarter, region, input, viewCentre: { x: 0, y: 0 } });
  expect(patches.map(({ frame: { col, row } }) => [col, row])).toEqual([
    [Math.floor(10_000 / CORE), Math.floor(6000 / CORE)],
  ]);
  expect(around).toEqual([]);
  expect(areaPx).toBe(10_000);
});

test('the largest slides: thousands of patches, and no tile is looked at before it is read', () => {
  let looks = 0;
  const large = sceneSlide({ width: 100_000, height: 80_000, ...empty }, { downsamples: [1, 4, 16] });
  const levels = large.levels.map((level) => ({
    ...level,
    get tileWidth() {
      looks++;
      return level.tileWidth;
    },
  }));
  const { patches } = plan(
    { x: 0, y: 0, width: 100_000, height: 80_000 },
    { slide: { ...large, levels }, viewCentre: { x: 30_000, y: 20_000 } },
  );
  expect(patches.length).toBe(Math.ceil(100_000 / CORE) * Math.ceil(80_000 / CORE));
  expect(looks).toBe(0);
  expect(patches[0]?.tiles().length).toBeGreaterThan(100);
  expect(looks).toBeGreaterThan(0);
  const distances = patches.map(({ frame: { core } }) =>
    Math.round(Math.hypot(core.x + core.width / 2 - 30_000, core.y + core.height / 2 - 20_000)),
  );
  expect(distances).toEqual(distances.toSorted((a, b) => a - b));
});

import { describe, expect, test } from 'vitest';
import { contains } from '#units/rect.ts';
import { openMemoryJournal } from './journal.ts';
import { areaPx, isIn } from './region.ts';
import { all, asked, at, HEIGHT, scene, WIDTH } from './testing/scene-run.ts';
import { type Scene, sceneModel, sceneSlide } from './testing/stand-in.ts';
import type { TissueMask } from './tissue/mask.ts';

describe('a region', () => {
  test('a rectangle gives the objects whose centroid lies in it, and reads no more than it must', async () => {
    const region = { x: 300, y: 270, width: 180, height: 200 };
    const journal = openMemoryJournal();
    const { nuclei, glands, end } = await all(asked({ region, journal }));
    const inside = scene.nuclei.filter(({ x, y }) => contains(region, x, y));
    expect(inside.length).toBeGreaterThan(2);
    expect(at(nuclei, inside).flat().length).toBe(inside.length);
    expect(nuclei.count).toBe(inside.length);
    expect(glands.count).toBe(0);
    expect([end.patches, end.areaPx]).toEqual([1, 180 * 200]);
    expect(journal.committed).toEqual([{ col: 1, row: 1 }]);
  });

  test('a tissue mask leaves out patches and objects on glass', async () => {
    const mask = new Uint8Array(28 * 24);
    for (let row = 0; row < 10; row++) mask.fill(1, row * 28, row * 28 + 10); // 250 × 250 px
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 25, cols: 28, rows: 24, mask };
    const { nuclei, end } = await all(asked({ region }));
    const inside = scene.nuclei.filter(({ x, y }) => x < 250 && y < 250);
    expect(at(nuclei, inside).flat().length).toBe(inside.length);
    expect(nuclei.count).toBe(inside.length);
    expect([end.patches, end.areaPx]).toEqual([1, 250 * 250]);
  });

  test('with a mask a crypt stays whose wide lumen, and centroid, lie on glass', async () => {
    const mask = new Uint8Array(28 * 24).fill(1);
    for (let row = 8; row < 12; row++) mask.fill(0, row * 28 + 8, row * 28 + 12); // around (256, 256)
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 25, cols: 28, rows: 24, mask };
    const { glands, lumina } = await all(asked({ region }));
    expect(at(glands, scene.glands, 3).map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(at(lumina, scene.lumina.slice(0, 2), 3).map((rows) => rows.length)).toEqual([1, 1]);
  });

  test('nuclei in the last, cut cell of a mask are found', async () => {
    const mask = new Uint8Array(3 * 2).fill(1); // cells of 300 px reach over the slide of 700 × 600
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 300, cols: 3, rows: 2, mask };
    const { nuclei, end } = await all(asked({ region }));
    expect(nuclei.count).toBe(scene.nuclei.length);
    expect(end.areaPx).toBeCloseTo(WIDTH * HEIGHT, 6);
  });

  const cut: Scene = { ...scene, glands: [{ x: 250, y: 250, r: 90 }], lumina: [] }; // over four cores
  const lowerRight = { x: 280, y: 280, width: 180, height: 200 }; // in core (1, 1), without the centroid
  const upperLeft = { x: 50, y: 50, width: 182, height: 182 }; //    in core (0, 0), likewise
  test.each([
    ['without its centroid does not have it', lowerRight, 0],
    ['next to that one neither', upperLeft, 0],
    ['of one core with its centroid has the whole of it', { ...upperLeft, width: 204, height: 204 }, 1],
  ])('a gland cut by the planned cores is completed first: a rectangle %s', async (_, region, count) => {
    const model = sceneModel();
    const journal = openMemoryJournal();
    const { glands, nuclei, end, events } = await all(asked({ slide: sceneSlide(cut), region, model, journal }));
    expect(at(glands, cut.glands, 3).flat().length).toBe(count);
    expect(glands.count).toBe(count);
    if (count === 1) expect(Math.abs((glands.areaPx[0] ?? 0) / (Math.PI * 90 ** 2) - 1)).toBeLessThan(0.03);
    expect(events.flatMap((event) => (event.kind === 'around' ? [event.cores.length] : []))).toEqual([3]);
    expect([model.runs(), end.patches, journal.committed.length]).toEqual([4, 1, 1]);
    expect(nuclei.count).toBe(scene.nuclei.filter(({ x, y }) => contains(region, x, y)).length);
    expect(end.areaPx).toBe(region.width * region.height);
  });

  test('glands that lie in the planned cores, or outside of the region, ask for nothing around', async () => {
    const model = sceneModel();
    const { end } = await all(asked({ region: { x: 300, y: 270, width: 180, height: 200 }, model }));
    expect([end.patches, model.runs()]).toEqual([1, 1]);
  });

  test('surroundings that cannot be read leave the gland as far as it was seen', async () => {
    const slide = sceneSlide(cut, { fails: ({ col, row }) => col === 0 && row === 0 });
    const { glands, end, failures } = await all(asked({ region: lowerRight, slide }));
    expect([end.failure, end.patches, failures]).toEqual([undefined, 1, []]);
    expect(glands.count).toBe(0); // three quarters are enough to tell where it lies
  });

  test('nothing to analyse ends at once', async () => {
    const { events, end } = await all(asked({ region: { x: 5000, y: 0, width: 10, height: 10 } }));
    expect(events.map(({ kind }) => kind)).toEqual(['planned']);
    expect([end.patches, end.areaPx, end.failure]).toEqual([0, 0, undefined]);
  });
});

test('a polygon has its nuclei, and the whole of a gland that reaches over the cores it meets', async () => {
  const cut: Scene = { ...scene, glands: [{ x: 250, y: 250, r: 90 }], lumina: [] }; // over four cores
  const ring = Float64Array.of(50, 50, 253, 60, 254, 254, 60, 240); // in core (0, 0), with the centroid
  const region = { pieces: [{ does: 'add' as const, ring }] };
  const { glands, nuclei, end, events } = await all(asked({ slide: sceneSlide(cut), region }));
  expect(glands.count).toBe(1);
  expect(Math.abs((glands.areaPx[0] ?? 0) / (Math.PI * 90 ** 2) - 1)).toBeLessThan(0.03);
  expect(events.some(({ kind }) => kind === 'around')).toBe(true);
  const inside = scene.nuclei.filter(({ x, y }) => isIn(region, x, y));
  expect(inside.length).toBeGreaterThan(0);
  expect([nuclei.count, at(nuclei, inside).flat().length]).toEqual([inside.length, inside.length]);
  expect(end.areaPx).toBeCloseTo(areaPx(region, { x: 0, y: 0, width: WIDTH, height: HEIGHT }), 9);
});

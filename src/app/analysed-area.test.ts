import { describe, expect, test } from 'vitest';
import { AnalysedArea, without } from './analysed-area.ts';

const whole = ({ width, height }: { width: number; height: number }): number => width * height;
const rect = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

describe('the analysed area', () => {
  test('a hole leaves four rectangles that cover the rest once', () => {
    const rest = without(rect(0, 0, 10, 10), rect(3, 4, 2, 3));
    expect(rest).toHaveLength(4);
    expect(rest.reduce((sum, part) => sum + whole(part), 0)).toBe(100 - 6);
  });

  test('what is analysed twice counts once', () => {
    const area = new AnalysedArea();
    area.add(rect(0, 0, 10, 10), whole);
    area.add(rect(5, 5, 10, 10), whole);
    expect(area.areaPx).toBe(175);
    area.add(rect(0, 0, 10, 10), whole);
    expect(area.areaPx).toBe(175);
  });

  test('agrees with counting pixels for many random rectangles (seed 7)', () => {
    let state = 7;
    const random = (n: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * n);
    };
    const area = new AnalysedArea();
    const pixels = new Uint8Array(64 * 64);
    for (let k = 0; k < 40; k++) {
      const part = rect(random(50), random(50), 1 + random(14), 1 + random(14));
      area.add(part, whole);
      for (let y = part.y; y < part.y + part.height; y++) pixels.fill(1, y * 64 + part.x, y * 64 + part.x + part.width);
    }
    expect(area.areaPx).toBe(pixels.reduce((a, b) => a + b, 0));
    const window = rect(10, 12, 20, 9);
    let inside = 0;
    for (let y = 12; y < 21; y++) for (let x = 10; x < 30; x++) inside += pixels[y * 64 + x] ?? 0;
    expect(area.areaIn(window)).toBe(inside);
  });

  test('a piece counts as its own run counts, and only in the part asked for', () => {
    const area = new AnalysedArea();
    area.add(rect(0, 0, 10, 10), (part) => whole(part) / 2);
    expect(area.areaPx).toBe(50);
    expect(area.areaIn(rect(0, 0, 5, 10))).toBe(25);
    area.clear();
    expect(area.areaPx).toBe(0);
  });

  test('a part once analysed whole stays whole when a tissue run comes over it, and the other way round', () => {
    const half = (part: { width: number; height: number }): number => whole(part) / 2;
    const area = new AnalysedArea();
    area.add(rect(0, 0, 10, 10), whole);
    area.add(rect(5, 0, 10, 10), half);
    expect(area.areaPx).toBe(100 + 25);
    area.add(rect(5, 0, 10, 10), half);
    expect(area.areaPx).toBe(100 + 25);
    area.add(rect(10, 0, 5, 10), whole);
    expect(area.areaPx).toBe(150);
  });
});

test('boxes are where it counts: pieces taken whole as they are, of others their parts, what came over them cut away', () => {
  const area = new AnalysedArea();
  const left = (part: { x: number; y: number; width: number; height: number }) => ({ ...part, width: part.width / 2 });
  area.add(
    rect(0, 0, 10, 10),
    (part) => whole(part) / 2,
    (part) => [left(part)],
  );
  expect([...area.boxes()]).toEqual([0, 0, 5, 10]);
  area.add(rect(0, 5, 10, 10), whole);
  expect([...area.boxes()]).toEqual([0, 0, 5, 5, 0, 5, 10, 10]);
  area.clear();
  area.addEvenly(rect(0, 0, 4, 4), 4); // where it lies is not known
  expect([...area.boxes()]).toEqual([0, 0, 4, 4]);
});

test('of a drawn region what was analysed: exact in rectangles, close in tissue', () => {
  const area = new AnalysedArea();
  area.add(rect(0, 0, 100, 100), whole);
  area.add(rect(100, 0, 100, 100), (part) => whole(part) / 2); // every other bit of it is tissue
  const bounds = rect(50, 20, 100, 40);
  const regionIn = (part: { x: number; y: number; width: number; height: number }): number => {
    const width = Math.max(0, Math.min(part.x + part.width, 150) - Math.max(part.x, 50));
    const height = Math.max(0, Math.min(part.y + part.height, 60) - Math.max(part.y, 20));
    return width * height;
  };
  expect(area.areaWithin(bounds, regionIn)).toBeCloseTo(50 * 40 + (50 * 40) / 2, 6);
  expect(area.areaWithin(rect(300, 300, 10, 10), () => 100)).toBe(0);
});

import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { ObjectStore } from '#objects/store.ts';
import type { Rect } from '#units/rect.ts';
import { type Mpp, mpp } from '#units/units.ts';
import type { ObjectSource, Part } from '../viewer-api.ts';
import { farRows, GONE } from './far.ts';
import { weightOf } from './form.ts';
import { MANY_SMALL } from './parts.ts';
import { SmallAnnotations } from './small-annotations.ts';

const quarter = { x: mpp(0.25), y: mpp(0.25) };

/** Squares of so many px a side on a diagonal, 300 px apart. */
function squares(sides: readonly number[]): ObjectStore {
  const builder = new ColumnsBuilder('annotations', [{ name: 'Mark', color: '#c80000' }]);
  for (const [k, side] of sides.entries()) {
    const [x, y, half] = [300 * k, 300 * k, side / 2];
    const ring = [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: side * side, ring });
  }
  const store = new ObjectStore('annotations');
  store.append(builder.view());
  return store;
}

const apart = (source: ObjectSource, at: { readonly x: Mpp; readonly y: Mpp } | undefined = quarter) =>
  new SmallAnnotations().apart(new Map([['annotations', source]]), at);

const everywhere: Rect = { x: -1e6, y: -1e6, width: 1e8, height: 1e8 };
const found = (sources: ReadonlyMap<Part, ObjectSource>, part: Part, rect = everywhere): number[] => [
  ...(sources.get(part)?.query(rect) ?? []),
];
const counted = (sources: ReadonlyMap<Part, ObjectSource>): number[] => {
  const cells = sources.get('cells');
  if (!cells) return [];
  return [...farRows(cells).classIndex].flatMap((of, row) => (of === GONE ? [] : [row]));
};

const many = Array.from({ length: MANY_SMALL + 100 }, (_, k) => (k % 60 === 7 ? 600 : 30));

test('each annotation is of one part, the others of none: in outlines around a view, and where all are counted', () => {
  const store = squares(many);
  store.removeWhere({ x: 290, y: 290, width: 320, height: 320 }, () => true); // rows 1 and 2
  const sources = apart(store.live);
  const large = many.flatMap((side, row) => (side === 600 ? [row] : []));
  const small = many.flatMap((side, row) => (side === 30 && row !== 1 && row !== 2 ? [row] : []));
  expect(found(sources, 'annotations')).toEqual(large);
  expect(found(sources, 'cells')).toEqual(small);
  expect(counted(sources)).toEqual(small);
  const around7 = { x: 2370, y: 2370, width: 5, height: 5 }; // a corner of it, and of no other
  expect([found(sources, 'annotations', around7), found(sources, 'cells', around7)]).toEqual([[7], []]);
  const beside = { x: 2720, y: 2420, width: 200, height: 200 };
  expect([found(sources, 'annotations', beside), found(sources, 'cells', beside)]).toEqual([[], []]);
});

test('how large a cell may be is a length on the slide', () => {
  const of60 = squares(many.map((side) => (side === 30 ? 240 : side))).live; // 60 µm at 0.25, 48 at 0.2
  expect([...apart(of60).keys()]).toEqual(['annotations']);
  expect([...apart(of60, { x: mpp(0.2), y: mpp(0.2) }).keys()]).toEqual(['annotations', 'cells']);
  expect([...apart(of60, { x: mpp(0.2), y: mpp(0.25) }).keys()]).toEqual(['annotations']);
  expect([...apart(of60, undefined).keys()]).toEqual(['annotations']);
});

test('few small ones stay with the others, and where all are small there are no others', () => {
  expect([...apart(squares(many.slice(0, MANY_SMALL)).live).keys()]).toEqual(['annotations']); // a 60th is large
  expect([...apart(squares(many.filter((side) => side === 30)).live).keys()]).toEqual(['cells']);
});

test('while nothing changed the sources are the same; a change makes others', () => {
  const store = squares(many);
  const small = new SmallAnnotations();
  const cells = () => small.apart(new Map([['annotations', store.live]]), quarter).get('cells');
  const first = cells();
  expect(cells()).toBe(first);
  store.removeWhere({ x: -10, y: -10, width: 20, height: 20 });
  expect(cells()).not.toBe(first);
});

test('annotations keep their line while they are as few as people draw; more thin as glands do', () => {
  for (const zoom of [0.03, 0.1, 0.2])
    expect([399, 400].map((count) => weightOf('annotations', count, zoom, quarter))).toEqual([
      1,
      weightOf('glands', 1, zoom, quarter),
    ]);
  expect(apart(squares(many).live).get('annotations')?.count).toBe(85); // a 60th of 5,100
});

test('a point, which has no area, is as large a disc as the mark it is drawn with', () => {
  const builder = new ColumnsBuilder('annotations', [{ name: 'Mark', color: '#c80000' }]);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((k) => [
    20 * Math.cos((k * Math.PI) / 4),
    20 * Math.sin((k * Math.PI) / 4),
  ]);
  for (let k = 0; k < MANY_SMALL; k++)
    builder.add({
      classIndex: 0,
      probability: 1,
      x: 100 * k,
      y: 0,
      areaPx: k % 2,
      ring: corners.map((of, v) => (v % 2 === 0 ? of + 100 * k : of)),
    });
  const store = new ObjectStore('annotations');
  store.append(builder.view());
  const { areaPx } = apart(store.live).get('cells')?.columns ?? {};
  expect(areaPx?.[0]).toBeCloseTo(4 * 20 * 20 * Math.sin(Math.PI / 4), 0);
  expect(areaPx?.[1]).toBe(1);
  expect(store.columns.areaPx[0]).toBe(0); // measures and files go on saying that it has none
});

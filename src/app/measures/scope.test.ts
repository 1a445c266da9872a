import { expect, test } from 'vitest';
import { FoundObjects } from '../found-objects.ts';
import { countedOn } from './scope.ts';

test('densities rest on what was analysed; of objects of a file on all of the slide', () => {
  const found = new FoundObjects(() => undefined);
  const slide = { x: 0, y: 0, width: 400, height: 300 };
  expect(countedOn(found, slide).areaIn({ x: 300, y: 0, width: 200, height: 10 })).toBe(1000);
  found.area.add({ x: 0, y: 0, width: 20, height: 10 }, ({ width, height }) => width * height);
  expect(countedOn(found, slide).areaIn(slide)).toBe(200);
});

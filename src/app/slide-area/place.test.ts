import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { placeOf } from './place.ts';

const half = { x: mpp(0.5), y: mpp(0.5) };

test.each([
  ['12345 6789', undefined, { x: 12345, y: 6789 }],
  ['100, 50', half, { x: 200, y: 100 }],
  ['100;50 px', half, { x: 100, y: 50 }],
  ['x 7,940  y 2,496 µm', half, { x: 15880, y: 4992 }],
  ['x=3.5 mm y=2 mm', half, { x: 7000, y: 4000 }],
  ['1,234.5 um 10 um', half, { x: 2469, y: 20 }],
  ['−4 8', undefined, { x: -4, y: 8 }],
] as const)('%s', (text, size, place) => expect(placeOf(text, size)).toEqual(place));

test.each([
  ['', half],
  ['12', half],
  ['here', half],
  ['1 2 3', half],
  ['5 mm 6 mm', undefined],
] as const)('%s is no place', (text, size) => expect(placeOf(text, size)).toBeUndefined());

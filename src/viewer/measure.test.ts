import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { labelOf, measured } from './measure.ts';

test('a length counts each axis by its own pixel size', () => {
  const line = measured({ x: 10, y: 20 }, { x: 40, y: 60 }, { x: mpp(1), y: mpp(0.5) });
  expect(line.lengthPx).toBe(50);
  expect(line.lengthUm).toBeCloseTo(Math.hypot(30, 20), 12);
  expect(labelOf(line)).toBe('36.1 µm');
});

test('uncalibrated lengths are pixels', () => {
  expect(labelOf(measured({ x: 0, y: 0 }, { x: 1200, y: 0 }, undefined))).toBe('1,200 px');
});

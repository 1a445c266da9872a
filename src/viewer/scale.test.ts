import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { lengthLabel, magnificationAt, nextMagnification, scaleBarAt, zoomAt } from './scale.ts';

const quarter = { x: mpp(0.25), y: mpp(0.25) };

test('magnification is 10 over the micrometres of a screen pixel', () => {
  expect(magnificationAt(1, quarter)).toBe(40); // 0.25 µm a screen px
  expect(magnificationAt(0.5, quarter)).toBe(20);
  expect(magnificationAt(1, undefined)).toBeUndefined();
});

test('zoom and magnification are inverse to each other, also where pixels are not square', () => {
  const oblong = { x: mpp(0.25), y: mpp(0.5) };
  for (const magnification of [0.3, 1.25, 20, 63]) {
    expect(magnificationAt(zoomAt(magnification, oblong), oblong)).toBeCloseTo(magnification, 12);
  }
});

test('the bar is the longest 1-2-5 length that fits', () => {
  expect(scaleBarAt(1, quarter)).toEqual({ lengthPx: 80, label: '20 µm' }); // 50 µm would take 200 px
  expect(scaleBarAt(0.03125, quarter)).toEqual({ lengthPx: 125, label: '1 mm' }); // 1.25×
  expect(scaleBarAt(2, undefined)).toEqual({ lengthPx: 100, label: '50 px' });
  for (let zoom = 0.001; zoom < 20; zoom *= 1.37) {
    const { lengthPx } = scaleBarAt(zoom, quarter);
    expect(lengthPx).toBeLessThanOrEqual(150.0001);
    expect(lengthPx).toBeGreaterThan(59.9); // 1-2-5 loses at most a factor of 2.5
  }
});

test('labels change from micrometres to millimetres at 1000', () => {
  expect(lengthLabel(500)).toBe('500 µm');
  expect(lengthLabel(2000)).toBe('2 mm');
  expect(lengthLabel(0.5)).toBe('0.5 µm');
});

test('steps go from button to button, and double beyond the last', () => {
  expect(nextMagnification(7, 1)).toBe(10);
  expect(nextMagnification(10, 1)).toBe(20);
  expect(nextMagnification(10.1, 1)).toBe(20); // 2 % of tolerance: 10.1 reads 10×
  expect(nextMagnification(40, 1)).toBe(80);
  expect(nextMagnification(5, -1)).toBe(2.5);
  expect(nextMagnification(1, -1)).toBe(0.5);
});

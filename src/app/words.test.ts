import { describe, expect, test } from 'vitest';
import {
  aligned,
  areaMm2,
  areaUm2,
  bytes,
  count,
  duration,
  magnification,
  measure,
  percent,
  plural,
  share,
} from './words.ts';

describe('numbers on screen', () => {
  test('thousands with commas, a space before units', () => {
    expect(count(214_602)).toBe('214,602');
    expect(areaMm2(38.42)).toBe('38.4 mm²');
    expect(areaUm2(47.31)).toBe('47.3 µm²');
    expect([0, 0.0004, 0.0424].map(areaMm2)).toEqual(['0 mm²', '400 µm²', '0.0424 mm²']);
    expect(percent(0.42)).toBe('42 %');
    expect([0, 0.0003, 0.0019, 0.036, 0.51, 1].map(share)).toEqual([
      '0 %',
      '<0.1 %',
      '0.2 %',
      '3.6 %',
      '51 %',
      '100 %',
    ]);
  });
  test('digits as the size deserves, with a true minus', () => {
    expect([0, 0.0424, 1.234, 36.84, 3160.4, -0.5].map(measure)).toEqual([
      '0',
      '0.042',
      '1.23',
      '36.8',
      '3,160',
      '−0.5',
    ]);
  });
  test('in columns zeros are kept', () => {
    expect([0, 0.8, 0.7904, 61, 56.04, 135.2, 3160.4, 1000, -0.5].map(aligned)).toEqual([
      '0',
      '0.800',
      '0.790',
      '61.0',
      '56.0',
      '135',
      '3,160',
      '1,000',
      '−0.500',
    ]);
  });
  test('bytes', () => {
    expect([0, 999, 1500, 9_600_000, 600_000_000, 1_250_000_000].map(bytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.5 kB',
      '9.6 MB',
      '600 MB',
      '1.3 GB',
    ]);
  });
  test('durations are as coarse as a forecast', () => {
    expect([0, 3.14, 35.2, 100, 4000].map(duration)).toEqual(['0 s', '3.1 s', '35 s', '2 min', '1 h 7 min']);
  });
  test('magnifications', () => {
    expect([0.37, 1.25, 3.62, 5, 20.01, 58.3].map(magnification)).toEqual([
      '0.37×',
      '1.25×',
      '3.6×',
      '5×',
      '20×',
      '58×',
    ]);
  });
  test('one and many', () => {
    expect([plural(1, 'patch', 'patches'), plural(0, 'gland')]).toEqual(['1 patch', '0 glands']);
  });
});

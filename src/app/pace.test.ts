import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('says nothing before two patches are over', () => {
  const pace = new Pace(0);
  expect(pace.patchesPerSecond).toBe(0);
  expect(pace.secondsLeft(10)).toBeUndefined();
  pace.patchDone(9000); // the model was loading
  expect(pace.secondsLeft(10)).toBeUndefined();
});

test('forgets the slow start', () => {
  const pace = new Pace(0);
  pace.patchDone(60_000);
  for (let k = 1; k <= 20; k++) pace.patchDone(60_000 + 500 * k);
  expect(pace.done).toBe(21);
  expect(pace.patchesPerSecond).toBeCloseTo(2);
  expect(pace.secondsLeft(41)).toBeCloseTo(10);
  expect(pace.secondsLeft(21)).toBe(0);
});

test('patches that were there before say nothing of the speed', () => {
  const pace = new Pace(0);
  for (let k = 0; k < 30; k++) pace.patchKept(5000);
  expect(pace.patchesPerSecond).toBe(0);
  expect(pace.secondsLeft(40)).toBeUndefined();
  pace.patchDone(6000);
  pace.patchDone(7000);
  expect(pace.patchesPerSecond).toBeCloseTo(1);
  expect(pace.secondsLeft(40)).toBeCloseTo(8);
});

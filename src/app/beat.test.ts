import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onBeat } from './beat.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** ms since the test began. */
const begun = () => {
  const start = performance.now();
  return () => Math.round(performance.now() - start);
};

test('whoever waits, whenever that began, is told in one go', () => {
  vi.advanceTimersByTime(250 - (performance.now() % 250)); // on a beat
  const at = begun();
  const told: [string, number][] = [];
  const tell = (name: string) => () => void told.push([name, at()]);
  onBeat(tell('first'));
  vi.advanceTimersByTime(100);
  onBeat(tell('second'));
  vi.advanceTimersByTime(129);
  onBeat(tell('third'));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(20);
  onBeat(tell('late')); // a millisecond before: a timer that comes early tells no beat twice
  vi.advanceTimersByTime(1);
  expect(told).toEqual([
    ['first', 250],
    ['second', 250],
    ['third', 250],
  ]);
  vi.advanceTimersByTime(250);
  expect(told.slice(3)).toEqual([['late', 500]]);
});

test('who needs longer waits for a later one, and who called it off is not told', () => {
  vi.advanceTimersByTime(250 - (performance.now() % 250));
  const at = begun();
  const told: number[] = [];
  onBeat(() => told.push(at()), 600);
  const off = onBeat(() => told.push(-1));
  off();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([750]);
});

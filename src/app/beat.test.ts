import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NextBeat } from './beat.ts';
import { patchesRest, restOfPatches } from './runs/patch-rest.ts';

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
  new NextBeat(tell('first')).ask();
  vi.advanceTimersByTime(100);
  new NextBeat(tell('second')).ask();
  vi.advanceTimersByTime(129);
  new NextBeat(tell('third')).ask();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(20);
  new NextBeat(tell('late')).ask(); // a millisecond before: a timer that comes early tells no beat twice
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
  new NextBeat(() => told.push(at())).ask(600);
  const left = new NextBeat(() => told.push(-1));
  left.ask();
  left.leave();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([750]);
});

test('a work that many ask for is done once, at the earliest beat of those asked for', () => {
  vi.advanceTimersByTime(250 - (performance.now() % 250));
  const at = begun();
  const told: number[] = [];
  const next = new NextBeat(() => told.push(at()));
  next.ask(1900);
  next.ask(1000);
  next.ask(1500);
  vi.advanceTimersByTime(900);
  expect(told).toEqual([]);
  next.ask();
  next.ask(100);
  vi.advanceTimersByTime(2000);
  expect(told).toEqual([1000]);
  next.ask();
  next.leave();
  next.ask(300);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([1000, 3250]);
});

test('what patches bring waits as long as it may, from whenever it is asked for, and comes at once where one is awaited', () => {
  vi.advanceTimersByTime(250 - (performance.now() % 250));
  const at = begun();
  const told: number[] = [];
  const next = new NextBeat(() => told.push(at()));
  patchesRest(1900);
  next.ask(restOfPatches());
  vi.advanceTimersByTime(700);
  next.ask(restOfPatches());
  vi.advanceTimersByTime(1400);
  expect(told).toEqual([2000]);
  patchesRest(1900);
  next.ask(restOfPatches());
  patchesRest(0);
  next.ask(restOfPatches());
  vi.advanceTimersByTime(2000);
  expect(told).toEqual([2000, 2250]);
});

test('who is called off on the beat itself is not told, and who fails costs the others nothing', () => {
  vi.advanceTimersByTime(250 - (performance.now() % 250));
  const told: string[] = [];
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const left = new NextBeat(() => told.push('left'));
  const first = new NextBeat(() => {
    left.leave();
    throw new Error('broken');
  });
  const again = new NextBeat(() => {
    told.push('again');
    if (told.length < 3) again.ask();
  });
  for (const next of [first, left, again]) next.ask();
  vi.advanceTimersByTime(2000);
  expect(told).toEqual(['again', 'again', 'again']);
  expect(reported).toHaveBeenCalledTimes(1);
  vi.unstubAllGlobals();
});

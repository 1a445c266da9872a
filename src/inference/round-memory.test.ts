import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoundMemory } from './round-memory.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is given back goes round while patches come, one before the last has ended', () => {
  const room = new RoundMemory(4, true);
  let work = room.working();
  const memory = room.take(1000);
  for (let k = 0; k < 100; k++) {
    const next = room.working();
    work[Symbol.dispose]();
    room.giveBack(memory);
    vi.advanceTimersByTime(60_000); // a slow patch
    expect(room.take(1000)).toBe(memory);
    work = next;
  }
});

test('after the last patch nothing is kept, whenever its outputs come back', () => {
  const room = new RoundMemory(4, true);
  const work = room.working();
  const [a, b, c] = [room.take(1000), room.take(1000), room.take(1000)];
  room.giveBack(a);
  work[Symbol.dispose]();
  room.giveBack(b);
  expect(room.idleBytes).toBe(2000);
  vi.advanceTimersByTime(5000);
  expect(room.idleBytes).toBe(0);
  room.giveBack(c);
  expect(room.idleBytes).toBe(0);
  using _again = room.working();
  room.giveBack(room.take(1000));
  expect(room.idleBytes).toBe(1000);
});

test('a short pause between patches costs nothing', () => {
  const room = new RoundMemory(4, true);
  const memory = room.take(1000);
  for (let k = 0; k < 10; k++) {
    const work = room.working();
    room.giveBack(memory);
    expect(room.take(1000)).toBe(memory);
    work[Symbol.dispose]();
    vi.advanceTimersByTime(1000);
  }
});

import { expect, test, vi } from 'vitest';
import { onAbort } from './on-abort.ts';

test('all who wait by a signal are told once, in the order of asking, but for those who took it back', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const tell = (): void => void told.push('twice');
  onAbort(controller.signal, () => told.push('first'));
  const back = onAbort(controller.signal, () => told.push('taken back'));
  onAbort(controller.signal, tell);
  onAbort(controller.signal, tell);
  back();
  back();
  controller.abort();
  controller.abort();
  expect(told).toEqual(['first', 'twice', 'twice']);
});

test('one that is taken back by another that is told is not told', () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort(controller.signal, () => back());
  const back = onAbort(controller.signal, () => told.push('taken back'));
  controller.abort();
  expect(told).toEqual([]);
});

test('a signal has one listener while anybody waits by it, and none afterwards', () => {
  const { signal } = new AbortController();
  const listens = vi.spyOn(signal, 'addEventListener');
  const leaves = vi.spyOn(signal, 'removeEventListener');
  const back = Array.from({ length: 3 }, () => onAbort(signal, () => undefined));
  expect([listens.mock.calls.length, leaves.mock.calls.length]).toEqual([1, 0]);
  for (const each of back) each();
  expect([listens.mock.calls.length, leaves.mock.calls.length]).toEqual([1, 1]);
  onAbort(signal, () => undefined)();
  expect([listens.mock.calls.length, leaves.mock.calls.length]).toEqual([2, 2]);
});

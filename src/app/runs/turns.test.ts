import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** A job that ends when it is told to. */
function gated(name: string, log: string[]) {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = (): Promise<void> => {
    log.push(name);
    return over;
  };
  return { name, end: () => end(), run };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('one at a time, in the order they came; one that leaves is never run', async () => {
  const log: string[] = [];
  let changes = 0;
  const turns = new Turns<ReturnType<typeof gated>>(() => changes++);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => gated(name, log));
  if (!a || !b || !c) throw new Error('three jobs are wanted');
  for (const job of [a, b, c]) turns.add(job);
  expect(log).toEqual(['a']);
  expect(turns.waiting.map(({ name }) => name)).toEqual(['b', 'c']);
  expect(turns.leave(b)).toBe(true);
  expect(turns.leave(b)).toBe(false);
  expect(turns.leave(a)).toBe(false);
  a.end();
  await settled();
  expect(log).toEqual(['a', 'c']);
  expect(turns.current).toBe(c);
  c.end();
  await settled();
  expect(turns.current).toBeUndefined();
  expect(changes).toBeGreaterThan(4);
});

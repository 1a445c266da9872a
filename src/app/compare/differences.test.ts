import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlatMap } from '#objects/flat-map.ts';
import { type Difference, differenceOf } from '#objects/grid-difference.ts';
import { type DifferenceAsked, Differences } from './differences.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const map = (value: number): FlatMap => ({
  heads: Float64Array.of(0, 0, 8, 8, 1, 1),
  values: Float32Array.of(value),
});
const asked = (value: number, version = 1, key = 'a'): DifferenceAsked => ({
  ...{ key, versions: [version], name: `less ${value}`, by: 'values', maps: () => [map(1), map(value)] },
  other: { is: 'tissue', run: undefined, channel: 1 },
});

/** A worker that answers when it is told to. */
function opened() {
  const held: { answer: () => void; fail: (why: Error) => void }[] = [];
  const [told, failed] = [vi.fn(), vi.fn()];
  const work = {
    difference: ({ here, there, by }: { here: FlatMap; there: FlatMap; by: 'values' | 'ranks' }) =>
      new Promise<Difference>((resolve, reject) =>
        held.push({ answer: () => resolve(differenceOf(here, there, by)), fail: reject }),
      ),
    rest: vi.fn(),
  };
  const differences = new Differences(work, told, failed);
  const answer = async (): Promise<void> => {
    held.shift()?.answer();
    await vi.advanceTimersByTimeAsync(0);
  };
  const value = (of: DifferenceAsked): number | undefined => differences.of(of)?.grid.patches[0]?.values[0];
  return { differences, held, told, failed, work, answer, value };
}

test('the last one stays until the next is there; what was asked for in between is never made', async () => {
  const { held, told, answer, value } = opened();
  expect(value(asked(0.25, 1, 'a'))).toBeUndefined();
  expect(told).not.toHaveBeenCalled();
  await answer();
  expect(told).toHaveBeenCalledOnce();
  expect(value(asked(0.25, 1, 'a'))).toBe(0.75);
  for (const key of ['b', 'c', 'd']) expect(value(asked(0.5, 1, key))).toBe(0.75);
  expect(held).toHaveLength(1);
  await answer();
  expect(value(asked(0.125, 1, 'd'))).toBe(0.5); // of b: d is made now
  expect(held).toHaveLength(1);
  await answer();
  expect(value(asked(0.125, 1, 'd'))).toBe(0.875);
  expect(held).toHaveLength(0);
});

test('while a map grows it is made anew every two seconds, not four times each', async () => {
  const { held, told, answer, value } = opened();
  value(asked(0.25, 1));
  await answer();
  for (let version = 2; version < 9; version++) {
    await vi.advanceTimersByTimeAsync(250);
    expect(value(asked(0.5, version))).toBe(0.75);
  }
  expect(held).toHaveLength(0);
  told.mockClear();
  await vi.advanceTimersByTimeAsync(250);
  expect(told).toHaveBeenCalledOnce(); // it is time, though nothing else has changed
  value(asked(0.5, 9));
  await answer();
  expect(value(asked(0.5, 9))).toBe(0.5);
});

test('a worker that dies is told once, and asked again for another difference only', async () => {
  const { differences, held, failed, answer, value } = opened();
  value(asked(0.25));
  held.shift()?.fail(new Error('gone'));
  await vi.advanceTimersByTimeAsync(0);
  expect(failed).toHaveBeenCalledOnce();
  expect([value(asked(0.25)), held.length]).toEqual([undefined, 0]);
  value(asked(0.5, 2));
  await answer();
  expect(await differences.last()).toMatchObject({ most: 0.5 });
});

test('maps that cannot be copied are told, and the next difference is made', async () => {
  const { differences, failed, answer, value } = opened();
  const maps = (): never => {
    throw new RangeError('Array buffer allocation failed');
  };
  value({ ...asked(0.25), maps });
  await vi.advanceTimersByTimeAsync(0);
  expect(failed).toHaveBeenCalledOnce();
  value(asked(0.5, 2));
  await answer();
  expect(await differences.last()).toMatchObject({ most: 0.5 });
});

test('nothing compared: what is made is dropped, and the worker rests', async () => {
  const { differences, told, work, answer, value } = opened();
  value(asked(0.25));
  differences.forget();
  await answer();
  expect(work.rest).toHaveBeenCalledOnce();
  expect(told).not.toHaveBeenCalled();
  expect(await differences.last()).toBeUndefined();
});

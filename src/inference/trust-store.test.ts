import { expect, test } from 'vitest';
import { memoryStore, Remembered } from './trust-store.ts';

const verdict = { maxDifference: 0.002, wrong: undefined, since: 12 };

/** As localStorage would: only what JSON knows comes back. */
function jsonStore() {
  const store = memoryStore();
  const set = (key: string, value: unknown): void => store.set(key, JSON.parse(JSON.stringify(value)));
  return { get: store.get, set };
}

test('verdicts and choices come back, through JSON too, for this model on this adapter alone', () => {
  const store = jsonStore();
  const here = new Remembered(store, 'abc', 'an adapter');
  expect([here.verdict('fp32'), here.choice()]).toEqual([undefined, undefined]);
  here.keepVerdict('fp32', verdict);
  here.keepVerdict('fp16', { maxDifference: Infinity, wrong: 'nuclei holds NaN', since: 13 });
  here.keepChoice({ precision: 'fp32', window: 1024, batch: 2 });
  const again = new Remembered(store, 'abc', 'an adapter');
  expect(again.verdict('fp32')).toEqual(verdict);
  expect(again.verdict('fp16')).toEqual({ maxDifference: Infinity, wrong: 'nuclei holds NaN', since: 13 });
  expect(again.choice()).toEqual({ precision: 'fp32', window: 1024, batch: 2 });
  for (const [sha, adapter] of [
    ['abd', 'an adapter'],
    ['abc', 'another'],
  ] as const) {
    const elsewhere = new Remembered(store, sha, adapter);
    expect([elsewhere.verdict('fp32'), elsewhere.choice()]).toEqual([undefined, undefined]);
  }
});

test.each([
  [null],
  ['trusted'],
  [{}],
  [{ maxDifference: 'small', wrong: null, since: 1 }],
  [{ maxDifference: 0, wrong: 3, since: 1 }],
  [{ maxDifference: 0, wrong: null }],
  [{ precision: 'fp8', window: 64, batch: 1 }],
  [{ precision: 'fp32', window: -64, batch: 1 }],
  [{ precision: 'fp32', window: 64, batch: 1.5 }],
])('%j is nothing that was kept', (value) => {
  const remembered = new Remembered({ get: () => value, set: () => undefined }, 'abc', 'an adapter');
  expect([remembered.verdict('fp32'), remembered.choice()]).toEqual([undefined, undefined]);
});

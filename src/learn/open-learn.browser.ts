import { describe, expect, test } from 'vitest';
import { openLearn } from './open-learn.ts';
import { learnJourney } from './testing/journey.ts';
import { clouds } from './testing/made-up.ts';

const { signal } = new AbortController();

describe('learning in the tab', () => {
  test('a worker does as the calling thread would', async () => {
    using learn = openLearn({ budgetBytes: 512e6 });
    const found = await learnJourney(learn, signal);
    expect(found.head).toEqual(found.expected);
    expect(found.right).toBeGreaterThan(0.95);
    expect(found.cka).toEqual(found.expectedCka);
    expect(found.nearest).toHaveLength(5);
  });

  test('100,000 patches: kept, asked for neighbours, dropped', async () => {
    using learn = openLearn({ budgetBytes: 512e6 });
    const { features } = clouds({ rows: 100_000, cols: 64, classes: 2, apart: 1 });
    const { heldBytes } = await learn.keep('large', features, { signal });
    expect(heldBytes).toBeLessThan(1.2 * 100_000 * 65 * 4);
    const { rows, similarity } = await learn.ask('nearest', { set: 'large', row: 99_999, k: 20 }, { signal });
    expect(rows).toHaveLength(20);
    expect([...similarity]).toEqual([...similarity].sort((a, b) => b - a));
    await learn.ask('drop', { set: 'large' }, { signal });
  });

  test('disposal ends the worker and what it does', async () => {
    const learn = openLearn({ budgetBytes: 64e6 });
    const { features } = clouds({ rows: 50, cols: 4, classes: 2, apart: 1 });
    await learn.keep('a', features, { signal });
    const asked = learn.ask('nearest', { set: 'a', row: 0, k: 3 }, { signal });
    learn[Symbol.dispose]();
    await expect(asked).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
    await expect(learn.ask('nearest', { set: 'a', row: 0, k: 3 }, { signal })).rejects.toMatchObject({
      failure: { tag: 'UseAfterDispose' },
    });
  });
});

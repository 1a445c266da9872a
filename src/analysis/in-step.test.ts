import { describe, expect, test } from 'vitest';
import { LEFT_EARLY, type RunEnd, type RunEvent } from './events.ts';
import { InStep } from './in-step.ts';

const { signal } = new AbortController();
const core = { x: 0, y: 0, width: 1, height: 1 };
const turns = async (many: number): Promise<void> => {
  for (let k = 0; k < many; k++) await Promise.resolve();
};

/** Patches that take so many turns each. */
async function* run(
  patches: number,
  slow: number,
  { kept = 0, fails, left }: { kept?: number; fails?: number; left?: () => void } = {},
): AsyncGenerator<RunEvent, RunEnd, undefined> {
  try {
    yield { kind: 'planned', patches, cores: [], areaPx: 0 };
    for (let index = 0; index < patches; index++) {
      if (index >= kept) await turns(slow);
      if (index === fails) return { ...LEFT_EARLY, failure: { tag: 'Unexpected', reason: 'it broke' } };
      yield { kind: 'patch', index, core, nuclei: undefined, tissue: undefined, kept: index < kept };
    }
    return LEFT_EARLY;
  } finally {
    left?.();
  }
}

/** Goes through all at once; after each event, which share of its patches each has told. */
async function through(plans: readonly Parameters<typeof run>[]): Promise<{ shares: number[][]; ended: number[] }> {
  const step = new InStep();
  const done = plans.map(() => 0);
  const shares: number[][] = [];
  const ended: number[] = [];
  const members = plans.map((plan) => step.join(run(...plan), { signal }));
  await Promise.all(
    members.map(async (events, k) => {
      for await (const event of events) {
        if (event.kind !== 'patch') continue;
        done[k] = (done[k] ?? 0) + 1;
        shares.push(done.map((of, i) => of / (plans[i]?.[0] ?? 1)));
      }
      ended.push(k);
    }),
  );
  return { shares, ended };
}

describe('runs in step', () => {
  test.each([
    [
      [20, 1],
      [20, 50],
    ],
    [
      [20, 50],
      [20, 1],
    ],
    [
      [30, 3],
      [7, 20],
      [50, 1],
    ],
  ] satisfies Parameters<typeof run>[][])('%j, %j: none is more than a patch ahead', async (...plans) => {
    const { shares, ended } = await through(plans);
    const apart = shares.map((all) => Math.max(...all) - Math.min(...all));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1 / Math.min(...plans.map(([patches]) => patches)) + 1e-9);
    expect(shares.at(-1)).toEqual(plans.map(() => 1));
    expect(ended.at(-1)).toBe(0); // the first one, whose progress is shown
  });

  test('what was kept waits for nobody', async () => {
    const { shares } = await through([
      [10, 1, { kept: 6 }],
      [10, 200],
    ]);
    expect(shares[5]).toEqual([0.6, 0]);
    expect(shares.at(-1)).toEqual([1, 1]);
  });

  test.each([0, 1])('one that breaks holds up none: number %i', async (k) => {
    const plans: Parameters<typeof run>[] = [
      [10, 1],
      [10, 5],
    ];
    plans[k] = [10, 1, { fails: 3 }];
    const { shares } = await through(plans);
    expect(shares.at(-1)).toEqual(k === 0 ? [0.3, 1] : [1, 0.3]);
  });

  test('one that waits for another is left at once where it is aborted, and so is what it reads', async () => {
    const mine = new AbortController();
    let left = 0;
    const step = new InStep();
    const events = step.join(run(5, 1, { left: () => left++ }), { signal: mine.signal });
    step.join(run(5, 1), { signal }); // never asked
    await events.next();
    await events.next();
    const waits = events.next();
    mine.abort(new Error('enough'));
    await expect(waits).rejects.toThrow('enough');
    expect(left).toBe(1);
  });
});

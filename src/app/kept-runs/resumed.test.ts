// A run left in the middle, kept as bytes, and gone on with: the engine, the codec and the storage together.
import { expect, test } from 'vitest';
import { LEFT_EARLY } from '#analysis/events.ts';
import { analyse } from '#analysis/run.ts';
import { all, asked, calm, foundBy, hashOf } from '#analysis/testing/scene-run.ts';
import { mpp } from '#units/units.ts';
import type { RunHeader } from './kept-runs.ts';
import { memoryKeptRuns } from './open-kept-runs.ts';

const waits = { signal: calm };
const header: RunHeader = {
  id: 'run-1',
  slide: { fingerprint: 'scene', name: 'scene' },
  model: { id: 'scene', sha256: '00' },
  window: 0,
  views: 1,
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  region: null,
  device: 'wasm',
  total: 0,
  created: 1,
};

test.each([1, 2, 4, 7])('after %i patches: the same objects, bit for bit, and none computed twice', async (patches) => {
  const inOneGo = await all(asked());
  using runs = memoryKeptRuns('for the test');
  {
    using first = await runs.begin(header, { signal: calm, neededBytes: 0 });
    const run = analyse(asked({ journal: first.journal }), waits);
    for (let done = 0; done < patches; ) {
      const next = await run.next();
      if (next.done) throw new Error('it ended before it was left');
      if (next.value.kind === 'patch') done++;
    }
    await run.return(LEFT_EARLY);
  }
  const [listed] = await runs.list(waits);
  expect(listed?.state).toBe('interrupted');
  expect(listed?.done).toBeGreaterThanOrEqual(patches);
  using again = await runs.goOn('run-1', waits);
  const resumed = await all(asked({ journal: again.journal }));
  expect(resumed.events.filter((event) => event.kind === 'patch' && event.kept)).toHaveLength(listed?.done ?? 0);
  expect(foundBy(resumed)).toEqual(foundBy(inOneGo));
  expect(await hashOf(resumed)).toBe(await hashOf(inOneGo));
  expect((await runs.list(waits))[0]?.done).toBe(inOneGo.end.patches);
});

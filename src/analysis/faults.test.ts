// Hundreds of faults, seeded: a run ends as if nothing had happened, or lists exactly what cannot come right.
import { describe, expect, test } from 'vitest';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { random } from '#objects/testing/random.ts';
import type { TileAt } from '#slide/slide.ts';
import { type Journal, openMemoryJournal } from './journal.ts';
import { inFaults, plan, slide } from './testing/disturbed.ts';
import { faulty } from './testing/faults.ts';
import { all, foundBy, hashOf, type Told } from './testing/scene-run.ts';
import { sceneModel } from './testing/stand-in.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const calmly: Promise<Told> = all(inFaults({}));

const sumOf = (done: ReadonlyMap<string, number>): number => [...done.values()].reduce((a, b) => a + b, 0);
const failedIn = ({ events }: Told): { index: number; tag: string }[] =>
  events.flatMap((event) => (event.kind === 'failed' ? [{ index: event.index, tag: event.failure.tag }] : []));

test('the run that is disturbed has enough patches, and each its own first tile', () => {
  expect(plan.patches.length).toBe(63);
  expect(new Set(plan.patches.map((patch) => JSON.stringify(patch.tiles()[0]?.at))).size).toBe(63);
});

const LONG = 120_000; // ms a test may take on a busy machine

describe('faults that come right', { timeout: LONG }, () => {
  test.each(SEEDS)('leave the result as it is without them, seed %i', async (seed) => {
    const { done, ...faults } = faulty({ seed, plan, slide, model: sceneModel() });
    const journal = openMemoryJournal();
    const told = await all(inFaults({ ...faults, journal }));
    const seen = `seed ${seed}, ${JSON.stringify([...done])}`;
    expect(sumOf(done), seen).toBeGreaterThan(80);
    expect([told.end.failure, told.end.patches, told.end.failedPatches], seen).toEqual([undefined, 63, 0]);
    expect(foundBy(told), seen).toEqual(foundBy(await calmly));
    expect(await hashOf(told), seen).toBe(await hashOf(await calmly));
    expect(journal.committed.length, seen).toBe(63);
    const waiting = told.events.filter(({ kind }) => kind === 'waiting').length;
    expect(waiting, seen).toBe(sumOf(done) - (done.get('mosaic') ?? 0));
  });
});

describe('faults that do not', { timeout: LONG }, () => {
  test.each(SEEDS)('are listed, and no others; taken up again on a sound slide all is there, seed %i', async (seed) => {
    const choose = random(seed + 100);
    const bad = { col: 3 + Math.floor(choose() * 12), row: 3 + Math.floor(choose() * 8) };
    const corrupt = ({ col, row }: TileAt): boolean => col === bad.col && row === bad.row;
    const wrongOnes = new Set([Math.floor(choose() * 63), Math.floor(choose() * 63)]);
    const wrong = (index: number): boolean => wrongOnes.has(index);
    const { done, ...faults } = faulty({ seed, plan, slide, model: sceneModel(), corrupt, wrong });
    const journal = openMemoryJournal();
    const told = await all(inFaults({ ...faults, journal }));
    const seen = `seed ${seed}, ${JSON.stringify([...done])}`;
    const expected = plan.patches.flatMap((patch, index) => {
      if (patch.tiles().some(({ at }) => corrupt(at))) return [{ index, tag: 'CorruptTile' }];
      return wrong(index) ? [{ index, tag: 'ModelWrong' }] : [];
    });
    expect(expected.length, seen).toBeGreaterThan(2);
    // Why a patch failed is what its last attempt met: of one that the network gets wrong that may be a passing fault too,
    // whichever patch's turn it was by the clock.
    const passing = ['WorkerDied', 'DeviceLost', 'TimedOut', 'Unreachable'];
    const failed = failedIn(told).map(({ index, tag }) =>
      wrong(index) && passing.includes(tag) ? { index, tag: 'ModelWrong' } : { index, tag },
    );
    expect(
      failed.sort((a, b) => a.index - b.index),
      seen,
    ).toEqual(expected);
    expect([told.end.failure, told.end.patches], seen).toEqual([undefined, 63 - expected.length]);
    const sound = sceneModel();
    const again = await all(inFaults({ journal, model: sound }));
    expect(sound.runs(), seen).toBe(expected.length);
    expect(await hashOf(again), seen).toBe(await hashOf(await calmly));
  });

  test.each(SEEDS)(
    'a journal that fails now and then: what it refused is listed, and taken up again, seed %i',
    async (seed) => {
      const choose = random(seed);
      const kept = openMemoryJournal();
      let refused = 0;
      const journal: Journal = {
        ...kept,
        append: async (entry, waits: Waits) => {
          if (choose() > 0.15 || refused > 20) return kept.append(entry, waits);
          refused++;
          throw new Error('the disk said no');
        },
      };
      let [turns, hash] = [0, ''];
      for (let failed = 1; failed > 0; turns++) {
        expect(turns, `seed ${seed}`).toBeLessThan(25);
        const before = refused;
        const told = await all(inFaults({ journal }));
        failed = 63 - told.end.patches;
        if (!told.end.failure) expect(failedIn(told).length, `seed ${seed}`).toBe(refused - before);
        hash = await hashOf(told);
      }
      expect(refused, `seed ${seed}`).toBeGreaterThan(2);
      expect(hash, `seed ${seed}`).toBe(await hashOf(await calmly));
    },
  );
});

test('a disk that is full ends the run at once: what is committed stays, and is where the next one begins', async () => {
  const kept = openMemoryJournal();
  const full = { tag: 'StorageFull', neededBytes: undefined, freeBytes: 0 } as const;
  const journal: Journal = {
    ...kept,
    append: (entry, waits: Waits) =>
      kept.committed.length < 20 ? kept.append(entry, waits) : Promise.reject(new EosinError(full)),
  };
  const told = await all(inFaults({ journal }));
  expect([told.end.failure, told.end.patches]).toEqual([full, 20]);
  expect(failedIn(told).length).toBe(1);
  const again = await all(inFaults({ journal: kept }));
  expect(await hashOf(again)).toBe(await hashOf(await calmly));
});

test('a network that is gone ends the run after its retries, having asked little; then it goes on', async () => {
  const journal = openMemoryJournal();
  let reads = 0;
  const gone = { tag: 'Unreachable', url: 'https://host', reason: 'Failed to fetch' } as const;
  const cutOff = {
    ...slide,
    readTile: (at: TileAt, waits: Waits) =>
      ++reads > 600 ? Promise.reject(new EosinError(gone)) : slide.readTile(at, waits),
  };
  const told = await all(inFaults({ slide: cutOff, journal }));
  expect(told.end.failure).toEqual(gone);
  expect(failedIn(told).length).toBe(3);
  const tried = new Set(told.events.flatMap((event) => (event.kind === 'failed' ? [event.attempts] : [])));
  expect(tried).toEqual(new Set([4]));
  expect(told.events.filter(({ kind }) => kind === 'waiting').length).toBeLessThan(40);
  expect(journal.committed.length).toBe(told.end.patches);
  expect(await hashOf(await all(inFaults({ journal })))).toBe(await hashOf(await calmly));
});

// A run that goes on over its journal: resumed, its failures tried again, or only shown.
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { random } from '#objects/testing/random.ts';
import type { Slide } from '#slide/slide.ts';
import { LEFT_EARLY, type RunEvent } from './events.ts';
import { openMemoryJournal } from './journal.ts';
import { analyse, type RunAsked } from './run.ts';
import { all, asked, calm, foundBy, hashOf, scene } from './testing/scene-run.ts';
import { sceneModel, sceneSlide } from './testing/stand-in.ts';

/** Leaves a run after so many events, or at the first one that is looked for. */
async function leftAfter(events: number | ((event: RunEvent) => boolean), of: RunAsked): Promise<RunEvent[]> {
  const run = analyse(of, { signal: calm });
  const told: RunEvent[] = [];
  for (let next = await run.next(); !next.done; next = await run.next()) {
    told.push(next.value);
    if (typeof events === 'number' ? told.length === events : events(next.value)) break;
  }
  await run.return(LEFT_EARLY);
  return told;
}

const kept = ({ events }: { events: readonly RunEvent[] }): number =>
  events.filter((event) => event.kind === 'patch' && event.kept).length;

/** One core; glands reach over it, so the ring around is looked at in more than one round. */
const cut = {
  ...scene,
  glands: [
    { x: 250, y: 250, r: 110 },
    { x: 500, y: 300, r: 90 },
  ],
};
const inMiddle = { x: 200, y: 200, width: 330, height: 200 };

/** A model that is there once `come` is called. */
function coming(model = sceneModel()) {
  let come = (): void => undefined;
  const ready = new Promise<void>((resolve) => (come = resolve));
  return { model, ready, come };
}

describe('while the model still loads', () => {
  test('what was kept is told, glands with it, and nothing is read or computed', async () => {
    const inOneGo = await all(asked());
    const journal = openMemoryJournal();
    await leftAfter((event) => event.kind === 'patch' && journal.committed.length >= 5, asked({ journal }));
    const before = journal.committed.length;
    const { model, ready, come } = coming();
    const reads: unknown[] = [];
    const inner = sceneSlide(scene);
    const slide: Slide = {
      ...inner,
      readTile: (at, waits) => {
        reads.push(at);
        return inner.readTile(at, waits);
      },
    };
    const run = analyse(asked({ journal, model, ready, slide }), { signal: calm });
    const told: RunEvent[] = [];
    while (told.filter(({ kind }) => kind === 'patch').length < before || told.at(-1)?.kind !== 'large') {
      const next = await run.next();
      if (next.done) throw new Error('it ended before the model was there');
      told.push(next.value);
    }
    const waiting = run.next();
    expect(told.every((event) => event.kind !== 'patch' || event.kept)).toBe(true);
    expect([reads, told.filter(({ kind }) => kind === 'loaded')]).toEqual([[], []]);
    come();
    expect((await waiting).value).toEqual({ kind: 'loaded' });
    const rest: RunEvent[] = [];
    let next = await run.next();
    for (; !next.done; next = await run.next()) rest.push(next.value);
    expect(reads.length).toBeGreaterThan(0);
    expect([next.value.patches, next.value.failure]).toEqual([inOneGo.end.patches, undefined]);
    expect(rest.filter(({ kind }) => kind === 'patch')).toHaveLength(inOneGo.end.patches - before);
  });

  test('left then, it settles at once; a model that does not come ends the run with why', async () => {
    const mine = new AbortController();
    const left = analyse(asked({ ready: coming().ready }), mine);
    expect((await left.next()).value).toMatchObject({ kind: 'planned' });
    const waiting = left.next();
    mine.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');

    const ready = Promise.reject(new EosinError({ tag: 'TimedOut', label: 'The model', seconds: 3 }));
    const { end, events } = await all(asked({ ready }));
    expect([end.failure?.tag, end.patches, events.length]).toEqual(['TimedOut', 0, 1]);
  });
});

describe('resumed', { timeout: 120_000 }, () => {
  const runs: [string, Partial<RunAsked>][] = [
    ['a whole slide', {}],
    ['a rectangle with surroundings', { slide: sceneSlide(cut), region: inMiddle }],
  ];
  for (const [name, more] of runs) {
    test(`${name}, wherever it was left: the same, bit for bit`, async () => {
      const inOneGo = await all(asked(more));
      const hash = await hashOf(inOneGo);
      const next = random(17);
      for (let events = 1; events <= inOneGo.events.length; events++) {
        const journal = openMemoryJournal();
        const viewCentre = () => ({ x: next() * 700, y: next() * 600 });
        const now = () => next() * 1e9;
        const told = await leftAfter(events, asked({ ...more, journal, viewCentre, now }));
        const before = journal.committed.length;
        expect(before).toBeGreaterThanOrEqual(told.filter(({ kind }) => kind === 'patch').length);
        const model = sceneModel();
        const resumed = await all(asked({ ...more, journal, model, now, viewCentre }));
        expect(foundBy(resumed)).toEqual(foundBy(inOneGo));
        expect(await hashOf(resumed)).toBe(hash);
        expect([kept(resumed), resumed.end.patches]).toEqual([before, inOneGo.end.patches]);
        expect(journal.committed.length).toBe(inOneGo.end.patches); // none of them twice
      }
    });
  }

  test('more than once, a patch or two at a time', async () => {
    const journal = openMemoryJournal();
    let turns = 0;
    while (journal.committed.length < 9) {
      await leftAfter((event) => event.kind === 'patch' && !event.kept, asked({ journal }));
      expect(++turns).toBeLessThan(12);
    }
    expect(turns).toBeGreaterThan(1);
    const resumed = await all(asked({ journal }));
    expect(await hashOf(resumed)).toBe(await hashOf(await all(asked())));
  });

  test('a crash between a patch and its answer leaves it twice in the journal: it counts once', async () => {
    const journal = openMemoryJournal();
    const inOneGo = await all(asked({ journal }));
    const twice = {
      ...journal,
      async *entries(waits: { signal: AbortSignal }) {
        for await (const entry of journal.entries(waits)) {
          yield structuredClone(entry);
          yield entry;
        }
      },
    };
    const shown = await all(asked({ journal: twice }));
    expect(foundBy(shown)).toEqual(foundBy(inOneGo));
    expect([kept(shown), shown.end.patches]).toEqual([9, 9]);
  });
});

describe('shown again', () => {
  test('a finished run: nothing is read, nothing computed, the same objects', async () => {
    const more = { slide: sceneSlide(cut), region: inMiddle };
    const journal = openMemoryJournal();
    const first = await all(asked({ ...more, journal }));
    const [slide, model] = [sceneSlide(cut), sceneModel()];
    const again = await all(asked({ ...more, slide, model, journal }));
    expect(foundBy(again)).toEqual(foundBy(first));
    expect([slide.reads.length, model.runs()]).toEqual([0, 0]);
  });

  test('a run that was left early: only what it holds, with its glands', async () => {
    const journal = openMemoryJournal();
    await leftAfter(6, asked({ journal }));
    const held = journal.committed.length;
    expect(held).toBeLessThan(9);
    const [slide, model] = [sceneSlide(scene), sceneModel()];
    const { end, events, nuclei } = await all(asked({ slide, model, journal, keptOnly: true }));
    expect([end.patches, end.failedPatches, end.failure, model.runs(), slide.reads.length]).toEqual([
      held,
      0,
      undefined,
      0,
      0,
    ]);
    expect(nuclei.count).toBeGreaterThan(0);
    expect(events.at(-1)?.kind).toBe('large');
  });
});

test('what failed is taken up again, and only that', async () => {
  const journal = openMemoryJournal();
  const broken = sceneSlide(scene, { fails: ({ col, row }) => col === 0 && row === 0 });
  const first = await all(asked({ slide: broken, journal }));
  expect([first.end.patches, first.end.failedPatches]).toEqual([8, 1]);
  const model = sceneModel();
  const second = await all(asked({ journal, model }));
  expect([second.end.patches, second.end.failedPatches, model.runs()]).toEqual([9, 0, 1]);
  expect(foundBy(second)).toEqual(foundBy(await all(asked())));
});

test('a journal that cannot be read ends the run by its failure', async () => {
  const journal = {
    ...openMemoryJournal(),
    async *entries(waits: { signal: AbortSignal }) {
      yield* openMemoryJournal().entries(waits);
      throw new Error('the log is torn');
    },
  };
  const { end } = await all(asked({ journal }));
  expect(end).toMatchObject({ patches: 0, failure: { tag: 'Unexpected', reason: 'the log is torn' } });
});

test('with the window it was begun with, whatever the model would choose now', async () => {
  const journal = openMemoryJournal();
  await leftAfter(4, asked({ journal, windowPx: 96 }));
  const sizes = new Set<number>();
  const model = sceneModel();
  const resumed = await all(
    asked({
      journal,
      windowPx: 96,
      model: {
        ...model,
        window: 160,
        run: (patch, options) => {
          sizes.add(patch.size);
          return model.run(patch, options);
        },
      },
    }),
  );
  expect(sizes).toEqual(new Set([96]));
  expect(foundBy(resumed)).toEqual(foundBy(await all(asked({ windowPx: 96 }))));
  const other = await all(asked({ model: { ...model, window: 96 } }));
  expect(foundBy(other)).toEqual(foundBy(resumed));
});

test('a run that was cut by another window is not mixed with this one', async () => {
  const journal = openMemoryJournal();
  await all(asked({ journal, windowPx: 96 }));
  const { end, nuclei } = await all(asked({ journal }));
  expect(end.failure).toMatchObject({ tag: 'BadInput', seen: expect.stringContaining('cut otherwise') });
  expect(nuclei.count).toBeLessThan(20);
});

test('an entry that is not of this plan is left alone', async () => {
  const journal = openMemoryJournal();
  await all(asked({ journal }));
  const slide: Slide = sceneSlide(scene);
  const region = { x: 300, y: 270, width: 180, height: 200 };
  const { end, events } = await all(asked({ slide, region, journal, keptOnly: true }));
  expect([end.patches, kept({ events })]).toEqual([1, 1]);
});

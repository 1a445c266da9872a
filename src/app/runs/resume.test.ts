// What a run that goes on shows, and when: right after a reload nothing is loaded yet.
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { KeptRuns, OpenRun } from '../kept-runs/kept-runs.ts';
import { estimateBytes } from '../kept-runs/open-kept-runs.ts';
import { bench, manifest, PATCHES, settled, signal, slowAnalysis, testDisk, until } from '../testing/run-bench.ts';

const view = { region: { x: 0, y: 0, width: 100, height: 100 } };
const never = new Promise<never>(() => undefined);

/** A page that goes while its run is at work: so many patches are on the disk. */
async function leftWith(disk: KeptRuns, patches: number): Promise<string> {
  const analysis = slowAnalysis();
  const page = await bench(analysis, { disk });
  analysis.open(patches);
  const run = page.runs.analyse(view, { signal });
  await until(() => expect(page.stores.run.getState().progress).toMatchObject({ done: patches }));
  const [{ id } = { id: '' }] = page.runs.list();
  page.slides.close();
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  await settled();
  return id;
}

test('what was kept is on the slide while the model still loads, and stays when it is cancelled then', async () => {
  const disk = testDisk();
  const id = await leftWith(disk, 3);
  const analysis = slowAnalysis();
  const { runs, found, stores } = await bench(analysis, { disk, loaded: never });
  await runs.lookedUp();
  const resumed = runs.resume(id, { signal });
  await until(() => expect(found.store('nuclei').columns.count).toBe(3));
  await until(() => expect(stores.run.getState().progress).toMatchObject({ phase: 'loading', done: 3 }));
  expect(stores.run.getState().device).toBeUndefined(); // none computes yet
  expect(await runs.cancel()).toMatchObject({ patches: 3, counts: { nuclei: 3 } });
  expect(await resumed).toMatchObject({ patches: 3 });
  expect(found.store('nuclei').columns.count).toBe(3);
  expect(runs.list()).toMatchObject([{ id, state: 'cancelled', done: 3, shown: true }]);
  expect(analysis.seen.computed).toEqual([]);
});

/** The same run, to be given other parts. */
const copied = (run: OpenRun): OpenRun => ({
  header: run.header,
  note: run.note,
  journal: run.journal,
  records: run.records,
  mustFit: (bytes, during) => run.mustFit(bytes, during),
  setNote: (next, during) => run.setNote(next, during),
  [Symbol.dispose]: () => run[Symbol.dispose](),
});

/** Its patches are read one by one, each when `open` was called for it. */
function slowToRead(disk: KeptRuns): { disk: KeptRuns; open(patches: number): void } {
  let allowed = 0;
  let tell = (): void => undefined;
  const one = async (): Promise<void> => {
    if (allowed === 0) await new Promise<void>((resolve) => (tell = resolve));
    allowed--;
  };
  return {
    open(patches) {
      allowed += patches;
      tell();
    },
    disk: {
      ...disk,
      async goOn(id, waits) {
        const run = await disk.goOn(id, waits);
        const journal: typeof run.journal = {
          append: (entry, during) => run.journal.append(entry, during),
          async *entries(during) {
            for await (const entry of run.journal.entries(during)) {
              await one();
              yield entry;
            }
          },
        };
        return { ...copied(run), journal };
      },
    },
  };
}

test('cancelled while what was kept is still read: at once, and the rest comes on the slide after it', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  const { disk, open } = slowToRead(sound);
  const { runs, found, stores } = await bench(slowAnalysis(), { disk, loaded: never });
  void runs.resume(id, { signal });
  open(1);
  await until(() => expect(found.store('nuclei').columns.count).toBe(1));
  expect(await runs.cancel()).toMatchObject({ patches: 1 });
  expect(stores.run.getState().progress).toBeUndefined();
  open(2);
  await until(() => expect(found.store('nuclei').columns.count).toBe(3));
  await until(() => expect(stores.run.getState().ended?.result).toMatchObject({ patches: 3 }));
  await until(() => expect(runs.list()).toMatchObject([{ id, state: 'cancelled', done: 3 }]));
  expect(stores.run.getState().progress).toBeUndefined();
});

test('the same with a model that is there already: nothing is computed after it, nothing is left that nobody hears', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  const { disk, open } = slowToRead(sound);
  const analysis = slowAnalysis();
  const asked: number[] = []; // patches that were on the slide when the next event was asked for
  const { runs, found, stores } = await bench(
    {
      ...analysis,
      async *analyse(run, waits) {
        for await (const event of analysis.analyse(run, waits)) {
          yield event;
          if (event.kind === 'loaded') asked.push(found.store('nuclei').columns.count);
        }
        throw new Error('no analysis has an end here');
      },
    },
    { disk },
  );
  void runs.resume(id, { signal });
  open(1);
  await until(() => expect(found.store('nuclei').columns.count).toBe(1));
  await runs.cancel();
  open(2);
  await until(() => expect(stores.run.getState().ended?.result).toMatchObject({ patches: 3 }));
  await settled();
  expect(asked).toEqual([]);
});

test('another slide takes nothing of it', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  const { disk, open } = slowToRead(sound);
  const { runs, found, slides } = await bench(slowAnalysis(), { disk, loaded: never });
  void runs.resume(id, { signal }).catch(() => undefined);
  open(1);
  await until(() => expect(found.store('nuclei').columns.count).toBe(1));
  await runs.cancel();
  await slides.open('phantom:2', { signal });
  open(2);
  await settled();
  expect(found.store('nuclei').columns.count).toBe(0);
});

test('a run that waits meanwhile has its turn at once', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  const { disk, open } = slowToRead(sound);
  const analysis = slowAnalysis();
  const { runs, found } = await bench(analysis, { disk, loaded: never });
  void runs.resume(id, { signal });
  open(1);
  await until(() => expect(found.store('nuclei').columns.count).toBe(1));
  const next = runs.analyse(view, { signal }).catch(() => undefined);
  await runs.cancel();
  open(1); // the patch that was being read
  await until(() => expect(runs.list().map(({ state }) => state)).toEqual(['running', 'cancelled']));
  await runs.cancel();
  await next;
});

test('a disk without room for the rest is said before anything is computed, with what was kept on the slide', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  let freeBytes = 0;
  const forecasts: number[] = [];
  const disk: KeptRuns = {
    ...sound,
    async goOn(id, waits) {
      const run = await sound.goOn(id, waits);
      const mustFit: OpenRun['mustFit'] = async (neededBytes) => {
        forecasts.push(neededBytes);
        if (neededBytes > freeBytes) throw new EosinError({ tag: 'StorageFull', neededBytes, freeBytes });
      };
      return { ...copied(run), mustFit };
    },
  };
  const analysis = slowAnalysis();
  analysis.open(PATCHES);
  const { runs, found, stores } = await bench(analysis, { disk });
  await runs.lookedUp();
  const total = runs.list()[0]?.total ?? 0; // of the plan: the stand-in has one patch more
  await expect(runs.resume(id, { signal })).rejects.toMatchObject({ failure: { tag: 'StorageFull', freeBytes: 0 } });
  expect(analysis.seen.computed).toEqual([]);
  expect(found.store('nuclei').columns.count).toBe(3);
  expect(stores.run.getState().problem?.tag).toBe('StorageFull');
  expect(runs.list()).toMatchObject([{ id, state: 'interrupted', done: 3, problem: { tag: 'StorageFull' } }]);
  expect(forecasts).toEqual([estimateBytes(total - 3, manifest, manifest.input.window)]); // of what is left, not of all
  freeBytes = 1e9;
  expect(await runs.resume(id, { signal })).toMatchObject({ patches: 5 });
});

test('a run that is resumed before the page knows which slide is on screen goes on there', async () => {
  const disk = testDisk();
  const id = await leftWith(disk, 3);
  const analysis = slowAnalysis();
  const { runs, found, slides } = await bench(analysis, { disk, isOpen: false });
  await runs.lookedUp(); // as a page does that still opens its slide
  expect(runs.list()).toMatchObject([{ id, onOpenSlide: false }]);
  await slides.open('phantom:1', { signal });
  analysis.open(PATCHES);
  expect(await runs.resume(id, { signal })).toMatchObject({ patches: 5 });
  expect(found.store('nuclei').columns.count).toBe(5);
});

test('the latest run is found right after the slide is open', async () => {
  const disk = testDisk();
  const id = await leftWith(disk, 2);
  const analysis = slowAnalysis();
  const { runs } = await bench(analysis, { disk });
  analysis.open(PATCHES);
  expect(await runs.resume(undefined, { signal })).toMatchObject({ id, patches: 5 });
});

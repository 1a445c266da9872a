// What a run that goes on shows, and when: right after a reload nothing is loaded yet.
import { expect, test } from 'vitest';
import { LEFT_EARLY } from '#analysis/events.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { KeptRuns, OpenRun } from '../kept-runs/kept-runs.ts';
import { estimateBytes } from '../kept-runs/open-kept-runs.ts';
import { bench, manifest, PATCHES, settled, signal, slowAnalysis, testDisk, until } from '../testing/run-bench.ts';
import { type StubSlide, stubSlide } from '../testing/stub-slide.ts';

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

test('a careful run goes on carefully, whatever is chosen by then, and no other takes its patches', async () => {
  const disk = testDisk();
  const first = slowAnalysis();
  first.open(2);
  const page = await bench(first, { disk });
  page.stores.settings.setState({ careful: true });
  const run = page.runs.analyse(view, { signal });
  await until(() => expect(page.stores.run.getState().progress).toMatchObject({ done: 2 }));
  expect(page.runs.list()).toMatchObject([{ views: 4, asked: view.region }]);
  page.slides.close();
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  await settled();
  const next = slowAnalysis();
  next.open(PATCHES);
  const { runs } = await bench(next, { disk });
  await runs.lookedUp();
  expect(runs.list()).toMatchObject([{ asked: view.region }]); // by what the disk holds of it
  const [{ id } = { id: '' }] = runs.list();
  await runs.resume(id, { signal });
  await runs.analyse(view, { signal });
  await runs.analyse({ ...view, views: 4 }, { signal });
  expect([first.seen.views, next.seen.views]).toEqual([[4], [4, 1, 4]]);
  expect(next.seen.computed).toEqual([2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]); // each from its own journal
  expect(runs.list().map(({ views }) => views)).toEqual([4, 1, 4]);
});

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

/** So much room, whatever is asked; each patch takes a byte of it. */
function narrow(sound: KeptRuns, patches: number): KeptRuns {
  let room = patches;
  const full = (neededBytes?: number): EosinError =>
    new EosinError({ tag: 'StorageFull', neededBytes, freeBytes: undefined });
  const inRoom = (run: OpenRun): OpenRun => ({
    ...copied(run),
    mustFit: async (neededBytes) => {
      if (room === 0) throw full(neededBytes);
    },
    journal: {
      append: async (entry, waits) => {
        if (room === 0) throw full();
        room--;
        await run.journal.append(entry, waits);
      },
      entries: (waits) => run.journal.entries(waits),
    },
  });
  return {
    ...sound,
    begin: async (header, waits) => inRoom(await sound.begin(header, waits)),
    goOn: async (id, waits) => inRoom(await sound.goOn(id, waits)),
  };
}

/** Of a run that nothing held up. */
async function soundHash(): Promise<string> {
  const analysis = slowAnalysis();
  analysis.open(PATCHES);
  const { runs } = await bench(analysis);
  const { id } = await runs.analyse(view, { signal });
  return runs.resultHash(id, { signal });
}

test('a disk without room for the rest: the run goes on in memory, and ends as it would have', async () => {
  const sound = testDisk();
  const id = await leftWith(sound, 3);
  const analysis = slowAnalysis();
  analysis.open(PATCHES);
  const { runs, found, stores } = await bench(analysis, { disk: narrow(sound, 0) });
  await expect(runs.resume(id, { signal })).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
  const { notice } = stores.window.getState();
  expect(notice).toMatchObject({ tone: 'warn', action: { label: 'Go on in memory', command: 'run.inMemory' } });
  expect(runs.canRunInMemory()).toBe(true);
  await runs.analyseInMemory();
  expect(analysis.seen.computed).toEqual([3, 4]);
  expect(found.store('nuclei').columns.count).toBe(5);
  expect(runs.list()).toMatchObject([{ id, state: 'done', done: 5, kept: 'in memory', shown: true }]);
  expect(await runs.resultHash(id, { signal })).toBe(await soundHash());
  expect(runs.canRunInMemory()).toBe(false);
  expect(await sound.list({ signal })).toMatchObject([{ state: 'interrupted', done: 3 }]); // as it was
  await runs.remove(id);
  expect([runs.list(), await sound.list({ signal })]).toEqual([[], []]);
});

test('a disk that is full in the middle: the run goes on in memory from there, and a reload has what the disk took', async () => {
  const sound = testDisk();
  const inner = slowAnalysis();
  inner.open(PATCHES);
  /** Ends with what its journal refused, as a run does. */
  const analysis: typeof inner = {
    ...inner,
    async *analyse(run, waits) {
      try {
        return yield* inner.analyse(run, waits);
      } catch (thrown) {
        return { ...LEFT_EARLY, failure: failureOf(thrown) };
      }
    },
  };
  const { runs, found } = await bench(analysis, { disk: narrow(sound, 2) });
  await expect(runs.analyse(view, { signal })).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
  expect(found.store('nuclei').columns.count).toBe(2);
  const [{ id } = { id: '' }] = runs.list();
  await runs.analyseInMemory();
  expect(runs.list()).toMatchObject([{ id, state: 'done', done: 5, kept: 'in memory' }]);
  expect(inner.seen.computed).toEqual([0, 1, 2, 2, 3, 4]); // the one that was refused was computed for nothing
  expect(found.store('nuclei').columns.count).toBe(5);
  expect(await runs.resultHash(id, { signal })).toBe(await soundHash());

  const reloaded = await bench(slowAnalysis(), { disk: sound });
  await reloaded.runs.lookedUp();
  expect(reloaded.runs.list()).toMatchObject([{ id, state: 'interrupted', done: 2, kept: 'on disk' }]);
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

test('no patch of another focal plane comes into a run: behind the screen it goes on only where it was begun', async () => {
  let plane = 3;
  const analysis = slowAnalysis();
  const slideOf = (name: string): StubSlide => ({ ...stubSlide(name), fingerprint: async () => `${name} ${plane}` });
  const { runs, slides } = await bench(analysis, { slideOf });
  await slides.open('https://host/stack.tif', { signal });
  slides.setMpp({ x: 0.25, y: 0.25 });
  const run = runs.analyse(view, { signal });
  analysis.open(2);
  await until(() => expect(analysis.seen.computed).toEqual([0, 1]));
  await Promise.all([expect(run).rejects.toMatchObject({ name: 'AbortError' }), slides.open('phantom:1', { signal })]);
  await settled();
  analysis.open(PATCHES);
  plane = 1;
  await expect(runs.resume(runs.list()[0]?.id, { signal })).rejects.toThrow(/another file, channel or focal plane/);
  expect(analysis.seen.computed).toEqual([0, 1]);
  plane = 3;
  expect(await runs.resume(runs.list()[0]?.id, { signal })).toMatchObject({ patches: 5 });
});

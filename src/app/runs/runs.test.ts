import { describe, expect, test, vi } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import {
  bench,
  manifest,
  model,
  PATCHES,
  settled,
  signal,
  slowAnalysis,
  testDisk,
  until,
} from '../testing/run-bench.ts';

const view = { region: { x: 0, y: 0, width: 100, height: 100 } };

describe('pausing', () => {
  test('holds the run where it is; resuming computes only what is left, and ends with the same', async () => {
    const analysis = slowAnalysis();
    const { runs, found, stores } = await bench(analysis);
    analysis.open(3);
    const first = runs.analyse(view, { signal });
    await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 3 }));
    await runs.pause();
    expect(await first).toMatchObject({ patches: 3 });
    expect(runs.list()).toMatchObject([{ state: 'paused', done: 3, total: 5, kept: 'on disk', shown: true }]);
    const half = await runs.resultHash(undefined, { signal });
    analysis.open(PATCHES);
    expect(await runs.resume(undefined, { signal })).toMatchObject({ patches: 5, counts: { nuclei: 5 } });
    expect(analysis.seen.computed).toEqual([0, 1, 2, 3, 4]);
    expect(found.store('nuclei').columns.count).toBe(5);
    const whole = await runs.resultHash(undefined, { signal });
    expect(whole).not.toBe(half);
    expect(analysis.seen.computed).toHaveLength(5);

    const other = await bench(slowAnalysisOpen());
    await other.runs.analyse(view, { signal });
    expect(await other.runs.resultHash(undefined, { signal })).toBe(whole);
  });

  test('one that is paused can be cancelled, and still go on', async () => {
    const analysis = slowAnalysis();
    const { runs, stores } = await bench(analysis);
    analysis.open(1);
    void runs.analyse(view, { signal });
    await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 1 }));
    await runs.pause();
    const [{ id } = { id: '' }] = runs.list();
    expect(await runs.cancel(id)).toMatchObject({ patches: 1 });
    expect(runs.list()).toMatchObject([{ state: 'cancelled' }]);
    analysis.open(PATCHES);
    expect(await runs.resume(id, { signal })).toMatchObject({ patches: 5 });
  });

  test('one that waits in the line leaves it', async () => {
    const analysis = slowAnalysis();
    const { runs, stores } = await bench(analysis);
    const first = runs.analyse(view, { signal });
    const second = runs.analyse(view, { signal });
    await until(() => expect(stores.run.getState().queued).toBe(1));
    const waiting = runs.list().find(({ state }) => state === 'queued');
    expect(await runs.cancel(waiting?.id)).toMatchObject({ patches: 0 });
    expect(await second).toMatchObject({ patches: 0 });
    expect(stores.run.getState().queued).toBe(0);
    analysis.open(PATCHES);
    expect(await first).toMatchObject({ patches: 5 });
    expect(await runs.resume(waiting?.id, { signal })).toMatchObject({ patches: 5 }); // as it was asked for
  });
});

const slowAnalysisOpen = (): ReturnType<typeof slowAnalysis> => {
  const analysis = slowAnalysis();
  analysis.open(PATCHES);
  return analysis;
};

describe('another window', () => {
  test('finds what was cut short, offers it, and ends with the same result', async () => {
    const disk = testDisk();
    const analysis = slowAnalysis();
    const before = await bench(analysis, { disk });
    analysis.open(2);
    const run = before.runs.analyse(view, { signal });
    await until(() => expect(before.stores.run.getState().progress).toMatchObject({ done: 2 }));
    before.slides.close(); // as a tab that closes: nobody said that it is over
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    await settled();

    const next = slowAnalysisOpen();
    const after = await bench(next, { disk });
    await after.runs.lookedUp();
    expect(after.found.store('nuclei').columns.count).toBe(0);
    const [line] = after.runs.list();
    expect(line).toMatchObject({ state: 'interrupted', done: 2, total: 4, onOpenSlide: true, shown: false });
    const { notice } = after.stores.window.getState();
    expect(notice).toMatchObject({ action: { command: 'run.resume' } });
    expect(notice?.text).toBe('A run of this slide was interrupted: 2 of 4 patches.');
    expect(await after.runs.resume(line?.id, { signal })).toMatchObject({ patches: 5 });
    expect(after.stores.window.getState().notice).toBeUndefined(); // it is offered no more
    expect(next.seen.computed).toEqual([2, 3, 4]);
    expect(after.runs.list()).toMatchObject([{ id: line?.id, state: 'done', done: 5 }]);
  });

  test('shows a finished run again without computing', async () => {
    const disk = testDisk();
    const before = await bench(slowAnalysisOpen(), { disk });
    const { id } = await before.runs.analyse(view, { signal });
    const next = slowAnalysisOpen();
    const after = await bench(next, { disk });
    await after.runs.enqueue(['phantom:9'], {}, { signal }); // loads what is lazy
    await until(() => expect(after.runs.list().some((line) => line.id === id)).toBe(true));
    next.seen.computed.length = 0;
    await until(() => expect(after.runs.list().every(({ state }) => state === 'done')).toBe(true));
    next.seen.computed.length = 0;
    await after.runs.lookedUp();
    expect(await after.runs.show(id, { signal })).toMatchObject({ patches: 5, counts: { nuclei: 5 } });
    expect(next.seen.computed).toEqual([]);
    expect(after.found.store('nuclei').columns.count).toBe(5);
    expect(after.runs.cores()).toHaveLength(PATCHES);
    expect(after.runs.list().find((line) => line.id === id)).toMatchObject({ shown: true });
  });

  test('that writes runs of the same slide is told of, and this one is kept in memory', async () => {
    const { runs, stores } = await bench(slowAnalysisOpen(), { lock: async () => undefined });
    expect(await runs.analyse(view, { signal })).toMatchObject({ patches: 5 });
    expect(runs.list()).toMatchObject([{ state: 'done', kept: 'in memory' }]);
    expect(stores.window.getState().notice?.text).toMatch(/Another tab.*kept in memory/);
  });
});

test('Live gives way to a run that is asked for, and goes on after it', async () => {
  const analysis = slowAnalysis();
  const { runs, stores } = await bench(analysis);
  runs.live(true);
  await until(() => expect(analysis.seen.started).toBe(1));
  const asked = runs.analyse(view, { signal });
  await until(() => expect([analysis.seen.started, analysis.seen.left]).toEqual([2, 1]));
  expect(stores.run.getState().progress?.isLive).toBe(false);
  analysis.open(PATCHES);
  expect(await asked).toMatchObject({ patches: 5 });
  await until(() => expect(analysis.seen.started).toBeGreaterThan(2));
  expect(stores.run.getState().live).toBe(true);
  runs.live(false);
  await until(() => expect(stores.run.getState().progress).toBeUndefined());
  expect(runs.list()).toMatchObject([{ state: 'done' }]);
});

test('Live takes one model, and says so where others are chosen beside it', async () => {
  const analysis = slowAnalysis();
  const other = { ...model, manifest: { ...model.manifest, id: 'other' } };
  const { runs, stores } = await bench(analysis, { further: [other] });
  runs.live(true);
  await until(() => expect(analysis.seen.started).toBe(1));
  expect(stores.window.getState().notice).toBeUndefined();
  runs.live(false);
  await until(() => expect(stores.run.getState().progress).toBeUndefined());
  stores.models.setState({ also: ['other'] });
  runs.live(true);
  await until(() => expect(analysis.seen.started).toBe(2));
  expect(stores.window.getState().notice?.text).toBe(
    `Live analyses with ${manifest.name} alone. The other model chosen beside it goes with Analyse.`,
  );
  await settled();
  expect(analysis.seen.started).toBe(2);
  runs.live(false);
  await until(() => expect(stores.run.getState().progress).toBeUndefined());
});

test('failed patches are listed with why, and only they are tried again', async () => {
  const analysis = slowAnalysis({ failing: [1, 3] });
  const { runs } = await bench(analysis);
  analysis.open(PATCHES);
  const { id } = await runs.analyse(view, { signal });
  const [line] = runs.list();
  expect(line).toMatchObject({ state: 'done', done: 5, failed: [{ core: { x: 20 } }, { core: { x: 60 } }] });
  expect(line?.failed[0]?.why).toMatch(/would not decode/);
  expect(runs.canResume()).toBe(true);
  analysis.mend();
  expect(await runs.resume(id, { signal })).toMatchObject({ patches: 5, failedPatches: 0 });
  expect(analysis.seen.computed).toEqual([0, 2, 4, 1, 3]);
  expect(runs.list()).toMatchObject([{ state: 'done', failed: [] }]);
});

test('a disk with less room than the forecast is said before anything is computed, and the run can go on in memory', async () => {
  const sound = testDisk();
  let freeBytes = 1e4; // its five patches take some thousand bytes each, and what they hold
  const disk: typeof sound = {
    ...sound,
    begin: (header, asked) =>
      asked.neededBytes > freeBytes
        ? Promise.reject(new EosinError({ tag: 'StorageFull', neededBytes: asked.neededBytes, freeBytes }))
        : sound.begin(header, asked),
  };
  const analysis = slowAnalysisOpen();
  const { runs, stores } = await bench(analysis, { disk });
  await expect(runs.analyse(view, { signal })).rejects.toMatchObject({ failure: { tag: 'StorageFull', freeBytes } });
  expect(analysis.seen.started).toBe(0);
  expect(runs.canRunInMemory()).toBe(true);
  await runs.analyseChoice('view');
  expect(stores.window.getState().notice).toMatchObject({ action: { command: 'run.inMemory' } });
  await runs.analyseInMemory();
  expect(runs.list()).toMatchObject([{ state: 'done', kept: 'in memory' }]);
  freeBytes = 1e9;
  await runs.analyse(view, { signal });
  expect(runs.list()[0]).toMatchObject({ state: 'done', kept: 'on disk' });
});

describe('a queue of slides', () => {
  const file = (name: string): File => new File(['x'], name);

  test('goes through all of them behind the screen; one that fails holds up none', async () => {
    const { runs, found, opened, stores } = await bench(slowAnalysisOpen());
    const { runs: ids } = await runs.enqueue([file('a-calibrated.svs'), file('b.svs'), 'phantom:7'], {}, { signal });
    expect(ids).toHaveLength(3);
    await until(() => expect(runs.list().every(({ state }) => state === 'done' || state === 'interrupted')).toBe(true));
    const states = ids.map((id) => runs.list().find((line) => line.id === id)?.state);
    expect(states).toEqual(['done', 'interrupted', 'done']);
    expect(runs.list().find(({ id }) => id === ids[1])?.problem?.tag).toBe('Uncalibrated');
    expect(found.store('nuclei').columns.count).toBe(0);
    expect(stores.run.getState().ended).toBeUndefined();
    await until(() => expect(opened.slice(1).every((slide) => slide.disposed())).toBe(true));
  });

  test('opening one of them later shows what was found', async () => {
    const { runs, slides, found } = await bench(slowAnalysisOpen());
    const [id = ''] = (await runs.enqueue(['phantom:7'], {}, { signal })).runs;
    await until(() => expect(runs.list()).toMatchObject([{ state: 'done', onOpenSlide: false }]));
    await slides.open('phantom:7', { signal });
    await runs.lookedUp();
    expect(runs.list()).toMatchObject([{ onOpenSlide: true }]);
    await runs.show(id, { signal });
    expect(found.store('nuclei').columns.count).toBe(5);
  });

  test('a run that is asked for meanwhile has its turn after', async () => {
    const analysis = slowAnalysis();
    const { runs, found } = await bench(analysis);
    await runs.enqueue(['phantom:7'], {}, { signal });
    const mine = runs.analyse(view, { signal });
    analysis.open(PATCHES);
    expect(await mine).toMatchObject({ patches: 5 });
    expect(found.store('nuclei').columns.count).toBe(5);
  });

  test('files that are not named like slides are left out', async () => {
    const { runs } = await bench(slowAnalysisOpen());
    const some = [file('notes.txt'), file('c-calibrated.tif'), file('d-calibrated.ndpi')];
    expect((await runs.enqueue(some, {}, { signal })).runs).toHaveLength(2);
    await expect(runs.enqueue([file('notes.txt')], {}, { signal })).rejects.toThrow(/no file is named like a slide/);
  });
});

test('a run that is removed is gone from the list and the disk', async () => {
  const disk = testDisk();
  const { runs } = await bench(slowAnalysisOpen(), { disk });
  const { id } = await runs.analyse(view, { signal });
  await runs.remove(id);
  expect(runs.list()).toEqual([]);
  expect(await disk.list({ signal })).toEqual([]);
  await expect(runs.resume(id, { signal })).rejects.toThrow(/there is none named/);
});

test('one frame serves several patches; the first one, and the first one of another view, come at the next beat', async () => {
  const analysis = slowAnalysis();
  const { runs, stores, viewer } = await bench(analysis);
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const shown = () => stores.run.getState().progress?.done ?? 0;
  const nuclei = () => stores.objects.getState().nuclei?.count;
  const run = runs.analyse(view, { signal });
  await until(() => expect(stores.run.getState().progress).toMatchObject({ total: PATCHES }));
  await wait(900); // a patch
  analysis.open(1);
  await wait(450);
  expect([shown(), nuclei()]).toEqual([1, 1]);
  analysis.open(2);
  await wait(600);
  expect([shown(), nuclei(), runs.list()[0]?.done]).toEqual([1, 1, 2]); // computed, and not shown yet
  vi.spyOn(viewer, 'visibleRect').mockReturnValue({ x: 50, y: 0, width: 50, height: 50 });
  analysis.open(3);
  await wait(450);
  expect([shown(), nuclei()]).toEqual([3, 3]);
  analysis.open(4);
  await until(() => expect([shown(), nuclei()]).toEqual([4, 4])); // in the end without another patch
  analysis.open(PATCHES);
  await run;
  expect(nuclei()).toBe(PATCHES);
});

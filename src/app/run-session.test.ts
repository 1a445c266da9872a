import { describe, expect, test, vi } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { JudgedModel } from '#inference/model.ts';
import { bench, model, PATCHES, settled, signal, slowAnalysis, until } from './testing/run-bench.ts';

describe('a run', () => {
  test('brings objects, progress and a result', async () => {
    const analysis = slowAnalysis();
    const { runs, found, stores, viewer } = await bench(analysis);
    const told: number[] = [];
    runs.onProgress(({ done, total }) => told.push(done / total));
    analysis.open(PATCHES);
    const result = await runs.analyse({}, { signal });
    expect(result).toMatchObject({ device: 'wasm', patches: 5, failedPatches: 0, counts: { nuclei: 5, glands: 0 } });
    expect(result.areaMm2).toBeCloseTo(100 * 100 * 0.25e-6);
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(1);
    expect(stores.run.getState()).toMatchObject({ progress: undefined, ended: { state: 'done' } });
    expect(viewer.drawn.run?.finished).toHaveLength(5);
  });

  test('goes on where what listens to its progress throws, and tells the others', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const analysis = slowAnalysis();
    const { runs } = await bench(analysis);
    const told: number[] = [];
    runs.onProgress(() => {
      throw new Error('of the script');
    });
    runs.onProgress(({ done }) => told.push(done));
    analysis.open(PATCHES);
    expect(await runs.analyse({}, { signal })).toMatchObject({ patches: 5 });
    expect(told.length).toBeGreaterThan(0);
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });

  test('counts a failed patch, and goes on', async () => {
    const analysis = slowAnalysis({ failing: [1, 3] });
    const { runs, found, stores } = await bench(analysis);
    analysis.open(PATCHES);
    const result = await runs.analyse({}, { signal });
    expect(result).toMatchObject({ patches: 3, failedPatches: 2 });
    expect(found.area.areaPx).toBe(3 * 2000);
    expect(stores.run.getState().ended?.failures[0]).toMatch(/would not decode/);
  });

  test('says which glands have no outline', async () => {
    const analysis = slowAnalysis({ tooLarge: 2 });
    const { runs, stores } = await bench(analysis);
    analysis.open(PATCHES);
    await runs.analyse({}, { signal });
    expect(stores.window.getState().notice).toMatchObject({
      tone: 'warn',
      text: expect.stringMatching(/^2 glands are too large to outline and not counted/),
    });
  });

  test('that stops by a failure rejects with it and keeps what was found', async () => {
    const analysis = slowAnalysis({ failure: { tag: 'DeviceLost', label: 'GPU', reason: 'it was unplugged' } });
    const { runs, found, stores } = await bench(analysis);
    analysis.open(PATCHES);
    await expect(runs.analyse({}, { signal })).rejects.toMatchObject({ failure: { tag: 'DeviceLost' } });
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(stores.run.getState().problem?.tag).toBe('DeviceLost');
  });

  test('waits for a pixel size', async () => {
    const { runs, slides } = await bench(slowAnalysis());
    await slides.open(new Blob(['x']), { signal });
    await expect(runs.analyse({}, { signal })).rejects.toMatchObject({ failure: { tag: 'Uncalibrated' } });
  });
});

describe('cancelling', () => {
  test('settles at once, keeps what is there, and can go on where it stopped', async () => {
    const analysis = slowAnalysis();
    const { runs, found, stores } = await bench(analysis);
    analysis.open(2);
    const run = runs.analyse({}, { signal });
    await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 2, total: 5 }));
    expect(await runs.cancel()).toMatchObject({ patches: 2, counts: { nuclei: 2 } });
    expect(await run).toMatchObject({ patches: 2, counts: { nuclei: 2 } });
    expect(found.store('nuclei').columns.count).toBe(2);
    expect(stores.run.getState().progress).toBeUndefined();
    expect(runs.list()).toMatchObject([{ state: 'cancelled', done: 2, total: 5 }]);
    expect(runs.canResume()).toBe(true);
    analysis.open(PATCHES);
    expect(await runs.resume(undefined, { signal })).toMatchObject({ patches: 5, counts: { nuclei: 5 } });
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(analysis.seen).toEqual({ started: 2, left: 2, computed: [0, 1, 2, 3, 4], views: [1, 1] });
    expect(runs.canResume()).toBe(false);
  });

  test('the caller’s abort rejects with its reason and leaves nothing running', async () => {
    const analysis = slowAnalysis();
    const { runs, stores } = await bench(analysis);
    analysis.open(1);
    const mine = new AbortController();
    const run = runs.analyse({}, { signal: mine.signal });
    const lost = expect(run).rejects.toThrow('enough');
    await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 1 }));
    mine.abort(new Error('enough'));
    await lost;
    analysis.open(PATCHES);
    await until(() => expect(analysis.seen.left).toBe(1));
    expect(runs.list()).toMatchObject([{ state: 'cancelled', done: 1 }]);
  });

  test('another slide ends the run and forgets its objects', async () => {
    const analysis = slowAnalysis();
    const { runs, slides, found } = await bench(analysis);
    analysis.open(2);
    const run = runs.analyse({}, { signal });
    const lost = expect(run).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => expect(found.store('nuclei').columns.count).toBe(2));
    await slides.open('phantom:2', { signal });
    await lost;
    expect(found.store('nuclei').columns.count).toBe(0);
    analysis.open(PATCHES);
    await settled();
    expect(found.store('nuclei').columns.count).toBe(0);
  });
});

test('a failed run does not block the next', async () => {
  const { runs } = await bench(slowAnalysis());
  await expect(runs.analyse({ model: 'none' }, { signal })).rejects.toThrow(EosinError);
  const analysis = slowAnalysis();
  const next = await bench(analysis);
  analysis.open(PATCHES);
  const bad = next.runs.analyse({ model: 'none' }, { signal });
  const good = next.runs.analyse({}, { signal });
  await expect(bad).rejects.toThrow(/there is no none/);
  expect((await good).patches).toBe(5);
});

test('the device that took over on the way is the one on screen', async () => {
  const analysis = slowAnalysis();
  let report = model.report;
  const falling: JudgedModel = {
    ...model,
    get report() {
      return report;
    },
  };
  const { runs, stores } = await bench(analysis, { loaded: falling });
  const run = runs.analyse({}, { signal });
  analysis.open(1);
  await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 1 }));
  expect(stores.run.getState().device?.name).toBe('WebAssembly, 2 threads');
  report = { ...report, deviceName: 'WebAssembly, 1 thread', whyNotGpu: 'The GPU was lost twice.' };
  analysis.open(2);
  await until(() => expect(stores.run.getState().progress).toMatchObject({ done: 2 }));
  const { device, progress } = stores.run.getState();
  expect(device).toMatchObject({ name: 'WebAssembly, 1 thread', whyNotGpu: 'The GPU was lost twice.' });
  expect(progress?.plannedPx).toBe(10_000);
  analysis.open(PATCHES);
  await run;
});

test('a model that no device computes is refused on the trust card too', async () => {
  const wrong = { tag: 'ModelWrong', model: model.manifest.id, device: 'WebAssembly', seen: 'zeros' } as const;
  const judgeAgain = (): Promise<never> => Promise.reject(new EosinError({ ...wrong, refusedAt: Infinity }));
  const checked = await bench(slowAnalysis(), { loaded: { ...model, judgeAgain } });
  const said = { verdict: 'refused', maxDifference: Infinity, why: expect.stringContaining('zeros') };
  expect(await checked.runs.trust(model.manifest.id, { signal, anew: true })).toMatchObject(said);
  expect(checked.stores.run.getState().device).toMatchObject({ ...said, tolerance: 0.01 });
});

test('a device that changed after the last patch is told with the end', async () => {
  const analysis = slowAnalysis();
  let asks = 0;
  const later: JudgedModel = {
    ...model,
    get report() {
      return asks === 0 ? model.report : atEnd;
    },
  };
  const atEnd = { ...model.report, deviceName: 'WebAssembly, 1 thread' };
  const { runs, stores } = await bench(analysis, { loaded: later });
  stores.run.subscribe(({ ended }) => {
    if (ended) asks++;
  });
  analysis.open(PATCHES);
  await runs.analyse({}, { signal });
  expect(stores.run.getState().device?.name).toBe('WebAssembly, 1 thread');
});

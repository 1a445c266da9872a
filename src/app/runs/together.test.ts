// Several models that find objects in one run: the first one's are shown, each is a run of its own, tiles are read once.
import { expect, test } from 'vitest';
import { analyse } from '#analysis/run.ts';
import { HEIGHT, scene, WIDTH } from '#analysis/testing/scene-run.ts';
import { type Before, sceneManifest, sceneModel, sceneSlide } from '#analysis/testing/stand-in.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { JudgedModel } from '#inference/model.ts';
import { bench, signal, testDisk, until } from '../testing/run-bench.ts';

const region = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const { nuclei } = sceneManifest.tasks;
/** It takes nuclei for noise where they are a little smaller than others, and sees no glands. */
const second: PatchManifest = {
  ...sceneManifest,
  id: 'another',
  sha256: 'of another',
  outputs: sceneManifest.outputs.filter(({ name }) => name !== 'tissue'),
  tasks: {
    nuclei: nuclei && { ...nuclei, postprocess: { ...nuclei.postprocess, minAreaUm2: 19.6 } },
    glands: undefined,
    lumina: undefined,
  },
};
const third: PatchManifest = { ...sceneManifest, id: 'smaller', input: { ...sceneManifest.input, window: 96 } };

function judged(manifest: PatchManifest, before: Before = () => undefined): JudgedModel {
  const inner = sceneModel(before);
  return { ...inner, manifest, window: manifest.input.window, judgeAgain: async () => inner.report };
}

async function page(before: (model: string, run: number) => ReturnType<Before> = () => undefined, disk = testDisk()) {
  const slide = sceneSlide(scene);
  const load = (one: PatchManifest): JudgedModel => judged(one, (run) => before(one.id, run));
  const [loaded, further] = [load(sceneManifest), [second, third].map(load)];
  const window = await bench({ analyse }, { loaded, further, network: sceneManifest, slideOf: () => slide, disk });
  return { slide, ...window };
}

const found = new Map<string, string>();

/** What a model finds in a run of its own. */
async function alone(model: string): Promise<string> {
  const known = found.get(model);
  if (known !== undefined) return known;
  const { runs } = await page();
  const { id } = await runs.analyse({ region, model, attention: 'none' }, { signal });
  const hash = await runs.resultHash(id, { signal });
  found.set(model, hash);
  return hash;
}

test.each([
  [[sceneManifest.id, second.id]],
  [[second.id, sceneManifest.id]],
  [[sceneManifest.id, third.id, second.id]],
])('%j: each finds what it finds alone, the first is shown, and each tile is read once', async (ids) => {
  const [model = '', ...others] = ids;
  const expected = [];
  for (const id of ids) expected.push(await alone(id));
  const { runs, slide, found: onSlide, stores } = await page();
  const result = await runs.analyse({ region, model, others, attention: 'none' }, { signal });
  const places = slide.reads.map(({ col, row }) => `${col},${row}`);
  expect(places).toHaveLength(new Set(places).size);
  expect(slide.openReads()).toBe(0);
  expect(result.models.map(({ id }) => id)).toEqual(ids);
  expect(result.counts.nuclei).toBe(onSlide.store('nuclei').counts.count);
  expect(stores.run.getState().progress).toBeUndefined();
  const listed = runs.list();
  expect(listed.map((run) => [run.model.id, run.state, run.done === run.total, run.shown])).toEqual(
    ids.map((id, k) => [id, 'done', true, k === 0]),
  );
  const hashes = [];
  for (const { id } of listed) hashes.push(await runs.resultHash(id, { signal }));
  expect(hashes).toEqual(expected);
});

test('the run bar has the patches of all of them, each model’s own, and stays until the last is over', async () => {
  let goOn = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const holds = (model: string, run: number): Promise<void> | undefined => {
    if (model === sceneManifest.id) throw new Error('its graph is broken');
    return model === third.id && run >= 20 ? stuck : undefined;
  };
  const { runs, stores } = await page(holds);
  const asked = { region, model: sceneManifest.id, others: [second.id, third.id], attention: 'none' };
  const run = runs.analyse(asked, { signal }).catch(() => undefined);
  await until(() => expect(runs.list().find(({ model }) => model.id === sceneManifest.id)?.state).toBe('interrupted'));
  await until(() => expect(stores.run.getState().progress?.models.at(2)?.done).toBe(20));
  const { progress } = stores.run.getState();
  const listed = runs.list();
  const broken = progress?.models[0]?.done ?? 0; // as it was told last: once in a while, not at each patch
  const totals = listed.map(({ total, model }) => (model.id === sceneManifest.id ? broken : total));
  expect(progress?.models.map(({ model, isOver }) => [model, isOver])).toEqual([
    [sceneManifest.id, true],
    [second.id, false],
    [third.id, false],
  ]);
  expect(progress?.total).toBe(totals.reduce((a, b) => a + b));
  expect(progress?.done).toBe(progress?.models.reduce((sum, { done }) => sum + done, 0));
  expect(progress?.done).toBeGreaterThan(progress?.models.at(2)?.done ?? 0);
  goOn();
  await run;
  expect(stores.run.getState().progress).toBeUndefined();
});

test.each(['pause', 'cancel'] as const)('%s acts on all of them, in memory too, and says so', async (how) => {
  const { runs, stores } = await page();
  const asked = { region, model: sceneManifest.id, others: [second.id], attention: 'none', inMemory: true };
  const run = runs.analyse(asked, { signal });
  const done = (): number => runs.list().reduce((sum, one) => sum + one.done, 0);
  await until(() => expect(done()).toBeGreaterThan(2)); // of the runs themselves: patches share a frame of the run bar
  await runs[how]();
  await run;
  const state = how === 'pause' ? 'paused' : 'cancelled';
  expect(runs.list().map((one) => one.state)).toEqual([state, state]);
  const { notice } = stores.window.getState();
  expect(notice?.text).toMatch(new RegExp(`^${state}( after \\d+ patches of all 2 models\\.)`, 'i'));
  const said = Number(/\d+/.exec(notice?.text ?? '')?.[0]);
  expect(said).toBeGreaterThan(runs.list()[0]?.done ?? 0);
  await runs.resume(undefined, { signal });
  expect(runs.list().map((one) => [one.state, one.done === one.total])).toEqual([
    ['done', true],
    ['done', true],
  ]);
});

test('another one is shown when it is asked for, in the place of the first', async () => {
  const { runs, found: onSlide } = await page();
  const asked = { region, model: sceneManifest.id, others: [second.id], attention: 'none' };
  const { counts } = await runs.analyse(asked, { signal });
  const [, other] = runs.list();
  const shown = await runs.show(other?.id ?? '', { signal });
  expect(shown.models.map(({ id }) => id)).toEqual([second.id]);
  expect(shown.counts.nuclei).toBeLessThan(counts.nuclei);
  expect(onSlide.store('nuclei').counts.count).toBe(shown.counts.nuclei);
  expect(onSlide.store('glands').counts.count).toBe(counts.glands); // of which it says nothing
});

test('they are paused together, and go on together to the same end', async () => {
  const ids = [sceneManifest.id, third.id];
  const expected = [];
  for (const id of ids) expected.push(await alone(id));
  const disk = testDisk();
  const first = await page(undefined, disk);
  const run = first.runs.analyse({ region, model: ids[0], others: [third.id], attention: 'none' }, { signal });
  await until(() => expect(first.runs.list()[0]?.done).toBeGreaterThan(1));
  await first.runs.pause(first.runs.list()[1]?.id); // whichever is named
  expect((await run).patches).toBeGreaterThan(1);
  expect(first.runs.list().map(({ state }) => state)).toEqual(['paused', 'paused']);
  const [a, b] = first.runs.list();
  expect(Math.abs((a?.done ?? 0) / (a?.total ?? 1) - (b?.done ?? 0) / (b?.total ?? 1))).toBeLessThanOrEqual(0.25);
  await until(() => expect(first.slide.openReads()).toBe(0));
  await new Promise((resolve) => setTimeout(resolve, 50)); // its notes are written

  const { runs } = await page(undefined, disk); // after a reload
  await runs.lookedUp();
  expect(runs.list().map(({ model, state }) => [model.id, state])).toEqual(ids.map((id) => [id, 'paused']));
  const result = await runs.resume(undefined, { signal });
  expect(result.models.map(({ id }) => id)).toEqual(ids);
  const listed = runs.list();
  expect(listed.map((one) => [one.model.id, one.state, one.shown])).toEqual([
    [sceneManifest.id, 'done', true],
    [third.id, 'done', false],
  ]);
  const hashes = [];
  for (const { id } of listed) hashes.push(await runs.resultHash(id, { signal }));
  expect(hashes).toEqual(expected);
});

test('one that fails for good holds up none of the others', async () => {
  const broken = (model: string): void => {
    if (model === second.id) throw new Error('its graph is broken');
  };
  const { runs } = await page(broken);
  const asked = { region, model: sceneManifest.id, others: [second.id], attention: 'none' };
  expect(await runs.analyse(asked, { signal })).toMatchObject({ failedPatches: 0 });
  expect(runs.list().map(({ model, state }) => [model.id, state])).toEqual([
    [sceneManifest.id, 'done'],
    [second.id, 'interrupted'],
  ]);
});

test('a disk that has no room for all of them takes none, before anything is computed', async () => {
  const inner = testDisk();
  let asked = 0;
  const full = async (...[header, options]: Parameters<typeof inner.begin>) => {
    if (asked++ === 1) throw new EosinError({ tag: 'StorageFull', neededBytes: options.neededBytes, freeBytes: 1000 });
    return inner.begin(header, options);
  };
  const { runs, slide } = await page(undefined, { ...inner, begin: full });
  const both = runs.analyse({ region, model: sceneManifest.id, others: [second.id], attention: 'none' }, { signal });
  await expect(both).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
  expect([await inner.list({ signal }), runs.list(), slide.reads]).toEqual([[], [], []]);
});

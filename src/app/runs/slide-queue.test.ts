import { describe, expect, test } from 'vitest';
import type { QueuedSlide } from '../kept-runs/kept-queue.ts';
import type { KeptRuns } from '../kept-runs/kept-runs.ts';
import {
  bench,
  manifest,
  model,
  PATCHES,
  settled,
  signal,
  slowAnalysis,
  testDisk,
  testQueue,
  until,
} from '../testing/run-bench.ts';

const file = (name: string, modified = 1): File => new File(['x'], name, { lastModified: modified });

/** A handle as Chromium gives it after a reload: to be allowed anew. */
function handleOf(name: string, answer: PermissionState, state: PermissionState = 'prompt') {
  const asked = { times: 0 };
  let now = state;
  const handle = {
    kind: 'file',
    name,
    getFile: async () => file(name),
    queryPermission: async () => now,
    requestPermission: async () => {
      asked.times++;
      now = answer;
      return answer;
    },
  } as const;
  return { handle, asked };
}

const queued = (run: string, source: QueuedSlide['source'], slide: string): QueuedSlide => ({
  run,
  created: Date.now() - 1e6 + run.charCodeAt(0),
  slide,
  source,
  model: 'cerberus-sibling',
  device: 'wasm',
  together: undefined,
  views: 4,
});

const shelfOf = (...slides: readonly QueuedSlide[]): Map<string, QueuedSlide> =>
  new Map(slides.map((slide) => [slide.run, slide]));

describe('a queue that the page left', () => {
  test('comes back with what each slide needs, and goes on with one click', async () => {
    const [disk, shelf] = [testDisk(), new Map<string, QueuedSlide>()];
    const analysis = slowAnalysis();
    const writing: Disposable[] = [];
    const begin: KeptRuns['begin'] = async (...asked) => {
      const open = await disk.begin(...asked);
      writing.push(open);
      return open;
    };
    const before = await bench(analysis, { disk: { ...disk, begin }, queue: testQueue(shelf) });
    analysis.open(2);
    const sources = ['phantom:7', 'phantom:8', file('c-calibrated.svs')];
    before.stores.settings.setState({ careful: true });
    const { runs: ids } = await before.runs.enqueue(sources, {}, { signal });
    await until(() => expect(before.runs.list().find(({ id }) => id === ids[0])).toMatchObject({ done: 2 }));
    expect(shelf.size).toBe(3);

    for (const open of writing) open[Symbol.dispose](); // the tab is killed: nothing of it says a word any more
    const next = slowAnalysis();
    next.open(PATCHES);
    const after = await bench(next, { disk, queue: testQueue(shelf) });
    await after.runs.lookedUp();
    const line = (id: string | undefined) => after.runs.list().find((run) => run.id === id);
    expect(line(ids[0])).toMatchObject({ state: 'interrupted', isLeft: true, canOpen: true, done: 2 });
    expect(line(ids[1])).toMatchObject({ state: 'interrupted', isLeft: true, canOpen: true, total: 0 });
    expect(line(ids[2])).toMatchObject({ state: 'interrupted', isLeft: false, canOpen: false });
    expect(line(ids[2])?.problem).toMatchObject({ tag: 'BadInput', what: 'c-calibrated.svs', todo: 'Add it again.' });
    expect(after.stores.window.getState().notice).toMatchObject({
      text: '2 slides of the queue were not finished when the page was left.',
      action: { command: 'runs.resumeQueue' },
    });
    await after.runs.resumeQueue();
    await until(() => expect([line(ids[0])?.state, line(ids[1])?.state]).toEqual(['done', 'done']));
    expect(next.seen.computed).toEqual([2, 3, 4, 0, 1, 2, 3, 4]); // the first goes on, the second begins
    expect(next.seen.views).toEqual([4, 4]); // as they were queued
    await until(() => expect([...shelf.keys()]).toEqual([ids[2]]));

    await after.runs.enqueue([file('c-calibrated.svs')], {}, { signal }); // takes the place of the lost one
    await until(() => expect(after.runs.list().map(({ state }) => state)).toEqual(['done', 'done', 'done']));
    await until(() => expect(shelf.size).toBe(0));
  });

  test('of several models comes back with all of them, each slide’s in one run', async () => {
    const [disk, shelf] = [testDisk(), new Map<string, QueuedSlide>()];
    const analysis = slowAnalysis();
    const other = { ...model, manifest: { ...model.manifest, id: 'other' } };
    const before = await bench(analysis, { disk, queue: testQueue(shelf), further: [other] });
    const { runs: ids } = await before.runs.enqueue(['phantom:7', 'phantom:8'], { others: ['other'] }, { signal });
    await until(() => expect(analysis.seen.started).toBe(2)); // both models, of the first slide alone
    const lines = () => before.runs.list().map(({ slide, model: of, state }) => [slide, of.id, state]);
    await until(() =>
      expect(lines()).toEqual([
        ['Sample 8', '', 'queued'],
        ['Sample 8', '', 'queued'],
        ['phantom:7', manifest.id, 'running'],
        ['phantom:7', 'other', 'running'],
      ]),
    );
    expect([...shelf.values()].map(({ model: of, together }) => [of, together])).toEqual([
      [manifest.id, ids[0]],
      ['other', ids[0]],
      [manifest.id, ids[1]],
      ['other', ids[1]],
    ]);
    analysis.open(PATCHES);
    await until(() => expect(before.runs.list().every(({ state }) => state === 'done')).toBe(true));
    expect(analysis.seen.started).toBe(4);
    await until(() => expect(shelf.size).toBe(0));

    const left = slowAnalysis();
    left.open(PATCHES);
    const waits = (run: string, of: string) => ({ ...queued(run, 'phantom:9', 'phantom:9'), model: of, together: 'b' });
    for (const slide of [waits('b', manifest.id), waits('a', 'other')]) shelf.set(slide.run, slide);
    const after = await bench(left, { queue: testQueue(shelf), further: [other] });
    await after.runs.lookedUp();
    expect(after.stores.window.getState().notice?.text).toMatch(/^1 slide of the queue was not finished/);
    await after.runs.resumeQueue();
    await until(() => expect(after.runs.list().map(({ state }) => state)).toEqual(['done', 'done']));
    expect(after.runs.list().map(({ together }) => together)).toEqual(['b', 'b']);
    expect(left.seen.started).toBe(2);
    await until(() => expect(shelf.size).toBe(0));
  });

  test('asks for a folder once; what stays refused says so and holds up none', async () => {
    const [a, b, c] = [
      handleOf('a-calibrated.svs', 'prompt'),
      handleOf('b-calibrated.svs', 'prompt'),
      handleOf('c-calibrated.svs', 'denied'),
    ];
    const folder = handleOf('slides', 'granted');
    const shelf = shelfOf(
      queued('a', { handle: a.handle, folder: folder.handle }, 'a-calibrated.svs'),
      queued('b', { handle: b.handle, folder: folder.handle }, 'b-calibrated.svs'),
      queued('c', { handle: c.handle, folder: undefined }, 'c-calibrated.svs'),
    );
    const analysis = slowAnalysis();
    analysis.open(PATCHES);
    const { runs } = await bench(analysis, { queue: testQueue(shelf) });
    await runs.lookedUp();
    expect(runs.list().map(({ problem }) => problem)).toMatchObject(
      Array.from({ length: 3 }, () => ({ tag: 'BadInput', todo: 'Resume it, and allow that.' })),
    );
    await runs.resumeQueue();
    const states = (): string[] => runs.list().map(({ id, state }) => `${id} ${state}`);
    await until(() => expect(states()).toEqual(['c interrupted', 'b done', 'a done']));
    expect([folder.asked.times, a.asked.times, b.asked.times, c.asked.times]).toEqual([1, 0, 0, 1]);
    await expect(runs.resume('c', { signal })).rejects.toThrow(/does not let this page read it any more/);
    expect(shelf.has('c')).toBe(true);
    await runs.remove('c');
    expect(shelf.size).toBe(0);
  });

  test('a file that is gone is said, and kept in the list', async () => {
    const { handle } = handleOf('a.svs', 'granted', 'granted');
    const gone = { ...handle, getFile: () => Promise.reject(new DOMException('gone', 'NotFoundError')) };
    const shelf = shelfOf(queued('a', { handle: gone, folder: undefined }, 'a.svs'));
    const { runs } = await bench(slowAnalysis(), { queue: testQueue(shelf) });
    await runs.lookedUp();
    await expect(runs.resume('a', { signal })).rejects.toThrow(/moved, renamed or removed/);
    expect(runs.list()).toMatchObject([{ id: 'a', state: 'interrupted', problem: { todo: 'Add it again.' } }]);
  });

  test('what was taken out of the queue does not come back', async () => {
    const shelf = new Map<string, QueuedSlide>();
    const { runs } = await bench(slowAnalysis(), { queue: testQueue(shelf) });
    const [first, second, third] = (await runs.enqueue(['phantom:7', 'phantom:8', 'phantom:9'], {}, { signal })).runs;
    await runs.cancel(second);
    await until(() => expect([...shelf.keys()]).toEqual([first, third]));
    await runs.remove(third ?? '');
    await runs.cancel(first);
    await until(() => expect(shelf.size).toBe(0));
    await settled();
  });

  test('two clicks on one line are one run', async () => {
    const { handle, asked } = handleOf('a-calibrated.svs', 'granted');
    const shelf = shelfOf(queued('a', { handle, folder: undefined }, 'a-calibrated.svs'));
    const analysis = slowAnalysis();
    analysis.open(PATCHES);
    const { runs } = await bench(analysis, { queue: testQueue(shelf) });
    await runs.lookedUp();
    const results = await Promise.all([runs.resume('a', { signal }), runs.resume('a', { signal }), runs.resumeQueue()]);
    expect(results[0]).toBe(results[1]);
    expect(analysis.seen.started).toBe(1);
    expect(asked.times).toBeGreaterThan(0);
  });
});

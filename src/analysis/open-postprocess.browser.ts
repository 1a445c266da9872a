import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { inReadingOrder } from '#objects/order.ts';
import { mpp } from '#units/units.ts';
import type { RunEnd } from './events.ts';
import { openMemoryJournal } from './journal.ts';
import { openPostprocess, type PostprocessThread } from './open-postprocess.ts';
import { inlinePostprocessor, type Postprocessor } from './postprocess/postprocessor.ts';
import { analyse } from './run.ts';
import { type Scene, sceneModel, sceneSlide } from './testing/stand-in.ts';

const scene: Scene = {
  width: 600,
  height: 600,
  nuclei: Array.from({ length: 36 }, (_, i) => ({ x: 55 + (i % 6) * 97, y: 60 + Math.floor(i / 6) * 95, r: 10 })),
  glands: [
    { x: 256, y: 256, r: 90 },
    { x: 500, y: 480, r: 60 },
  ],
  lumina: [{ x: 256, y: 256, r: 40 }],
};

async function run(
  postprocess: Postprocessor,
  during?: (patches: number) => void,
): Promise<{ objects: unknown[]; end: RunEnd }> {
  const nuclei = new ColumnsBuilder('nuclei', []);
  let objects: unknown[] = [];
  let patches = 0;
  const events = analyse(
    {
      slide: sceneSlide(scene),
      mpp: { x: mpp(0.25), y: mpp(0.25) },
      region: { x: 0, y: 0, width: 600, height: 600 },
      model: sceneModel(),
      postprocess,
      journal: openMemoryJournal(),
      viewCentre: () => ({ x: 0, y: 0 }),
    },
    { signal: new AbortController().signal },
  );
  let next = await events.next();
  for (; !next.done; next = await events.next()) {
    if (next.value.kind === 'large') objects = [next.value.glands, next.value.lumina];
    if (next.value.kind !== 'patch') continue;
    if (next.value.nuclei) nuclei.addRows(next.value.nuclei);
    during?.(++patches);
  }
  return { objects: [inReadingOrder(nuclei.view()), ...objects], end: next.value };
}

/** Workers as the tab starts them, kept so that a test can end one. */
function spawning(): { spawn: () => PostprocessThread; started: Worker[] } {
  const started: Worker[] = [];
  return {
    started,
    spawn: () => {
      const worker = new Worker(new URL('./postprocess/postprocess.worker.ts', import.meta.url), { type: 'module' });
      started.push(worker);
      return worker;
    },
  };
}

test('workers give what the calling thread gives', async () => {
  const { spawn, started } = spawning();
  using workers = openPostprocess({ spawn, nucleiThreads: 2 });
  const { objects, end } = await run(workers);
  using inline = inlinePostprocessor();
  expect(objects).toEqual((await run(inline)).objects);
  expect([end.patches, end.failedPatches, end.failure]).toEqual([9, 0, undefined]);
  expect(started.length).toBe(3);
});

test('by itself it starts its own workers', async () => {
  using workers = openPostprocess();
  const { end } = await run(workers);
  expect([end.patches, end.failure]).toEqual([9, undefined]);
});

const die = (worker: Worker | undefined): void => {
  worker?.terminate();
  worker?.dispatchEvent(new ErrorEvent('error', { message: 'made to die' }));
};

/** Takes what it is given and never answers. */
const mute = (): PostprocessThread =>
  new Worker(URL.createObjectURL(new Blob(['onmessage = () => undefined'], { type: 'text/javascript' })));

for (const [what, which] of [
  ['keeps the mosaic', 0],
  ['takes nuclei', 1],
] as const)
  test(`a worker that never answers and ${what} costs nothing: another takes its place`, async () => {
    const { spawn, started } = spawning();
    let asked = 0;
    const silentSeconds = 4; // a sound worker may need one to begin, on a busy machine
    using workers = openPostprocess({ spawn: () => (asked++ === which ? mute() : spawn()), silentSeconds });
    const { objects, end } = await run(workers);
    using inline = inlinePostprocessor();
    expect(objects).toEqual((await run(inline)).objects);
    expect([end.patches, end.failedPatches, end.failure]).toEqual([9, 0, undefined]);
    expect([asked, started.length]).toEqual([3, 2]);
  });

test('a worker that dies costs nothing: a new one goes on, and its patches are tried again', async () => {
  const { spawn, started } = spawning();
  using workers = openPostprocess({ spawn });
  const { objects, end } = await run(workers, (patches) => {
    const [, nuclei] = started; // the first keeps the mosaic
    if (patches === 3) die(nuclei);
  });
  expect(started.length).toBe(3);
  expect(end).toMatchObject({ patches: 9, failedPatches: 0, failure: undefined });
  using inline = inlinePostprocessor();
  expect(objects).toEqual((await run(inline)).objects);
});

test('the worker of the mosaic dies, twice: it is built anew from the journal, and the result is the same', async () => {
  const { spawn, started } = spawning();
  using workers = openPostprocess({ spawn });
  const { objects, end } = await run(workers, (patches) => {
    if (patches === 3) die(started[0]);
    if (patches === 6) die(started.at(-1));
  });
  expect(end).toMatchObject({ patches: 9, failedPatches: 0, failure: undefined });
  using inline = inlinePostprocessor();
  expect(objects).toEqual((await run(inline)).objects);
  expect(started.length).toBe(4);
});

test('an abort settles at once, and a disposed pool says so', async () => {
  const workers = openPostprocess();
  const stop = new AbortController();
  const setup = {
    side: 64,
    pxX: 1,
    pxY: 1,
    um: 1,
    glands: { foreground: 128, seed: 128, minSeedUm2: 1, growUm: 1, minAreaUm2: 1 },
    lumina: undefined,
    glandClasses: [],
    lumenClasses: [],
    cores: [],
  };
  const opening = workers.openMosaic(setup, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  workers[Symbol.dispose]();
  const calm = { signal: new AbortController().signal };
  await expect(workers.openMosaic(setup, calm)).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
});

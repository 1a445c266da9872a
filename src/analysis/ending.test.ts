// A run that is aborted or left settles at once, whatever hangs below, and gives everything back.
import { describe, expect, test, vi } from 'vitest';
import type { Waits } from '#channel/waits.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Raster, Slide } from '#slide/slide.ts';
import { LEFT_EARLY } from './events.ts';
import { openMemoryJournal } from './journal.ts';
import { inlinePostprocessor, type Postprocessor } from './postprocess/postprocessor.ts';
import { analyse, type RunAsked } from './run.ts';
import { asked, calm, scene } from './testing/scene-run.ts';
import { sceneModel, sceneSlide } from './testing/stand-in.ts';

const never = (): Promise<never> => new Promise(() => undefined); // not even an abort is answered
const inline = inlinePostprocessor();

const hanging: [string, Partial<RunAsked>][] = [
  ['the slide', { slide: { ...sceneSlide(scene), readTile: never } }],
  ['the network', { model: { ...sceneModel(), run: never } }],
  ['post-processing', { postprocess: { ...inline, patch: never } }],
  ['the journal', { journal: { ...openMemoryJournal(), append: never } }],
  [
    'reading the journal',
    {
      journal: {
        ...openMemoryJournal(),
        async *entries() {
          yield await never();
        },
      },
    },
  ],
  ['opening the mosaic', { postprocess: { ...inline, openMosaic: never } }],
  ['the mosaic', { postprocess: deafMosaic('add') }],
  ['its answer', { postprocess: deafMosaic('collect') }],
];

function deafMosaic(call: 'add' | 'collect'): Postprocessor {
  return {
    ...inline,
    openMosaic: async (setup, waits) => ({ ...(await inline.openMosaic(setup, waits)), [call]: never }),
  };
}

/** True where it settles before any timer does: nothing is waited for. */
const atOnce = (settling: Promise<unknown>): Promise<boolean> => {
  const settled = settling.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 0))]);
};

describe.each(hanging)('%s hangs', (_, more) => {
  test('an abort settles the run at once, with its reason', async () => {
    const stop = new AbortController();
    const run = analyse(asked({ ...more, wait: never, now: () => Number.POSITIVE_INFINITY }), stop);
    const drained = (async () => {
      for await (const _event of run);
    })();
    await new Promise((resolve) => setTimeout(resolve, 100)); // until it hangs
    stop.abort(new Error('enough'));
    expect(await atOnce(drained)).toBe(true);
    await expect(drained).rejects.toThrow('enough');
  });
});

describe.each(hanging.filter(([what]) => !/mosaic|answer|reading/.test(what)))('%s hangs', (_, more) => {
  test('a run that is left between two events settles at once', async () => {
    const run = analyse(asked({ ...more, wait: never }), { signal: calm });
    await run.next();
    const waiting = run.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    waiting.catch(() => undefined);
    const fresh = analyse(asked({ ...more, wait: never }), { signal: calm });
    await fresh.next();
    expect(await atOnce(fresh.return(LEFT_EARLY))).toBe(true);
  });
});

/** Pictures that count themselves, from a slide that answers when it likes: after an abort too. */
function countingSlide(answers: (tile: number) => Promise<void>): {
  slide: Slide;
  made: Set<object>;
  closed: Set<object>;
} {
  const [made, closed] = [new Set<object>(), new Set<object>()];
  let reads = 0;
  const slide: Slide = {
    ...sceneSlide({ ...scene, width: 4000, height: 4000 }),
    readTile: async (): Promise<Raster> => {
      await answers(reads++);
      const bitmap = { width: 100, height: 90, close: () => void closed.add(bitmap) };
      made.add(bitmap);
      return bitmap;
    },
  };
  return { slide, made, closed };
}

const inMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the pictures over, as the contract says, and answers from a slide of its own. */
function takingOver(ms: number): LoadedModel {
  const model = sceneModel();
  return {
    ...model,
    run: async (patch, options: Waits) => {
      for (const { image } of patch.tiles) if ('close' in image) image.close();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return model.run({ ...patch, tiles: [] }, options);
    },
  };
}

describe('every picture is closed', () => {
  const region = { x: 1000, y: 1000, width: 2000, height: 2000 };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

  test.each([0, 1, 5, 12, 25, 40])('of a slide that answers after the abort, %i ms into the run', async (ms) => {
    const { slide, made, closed } = countingSlide((tile) => inMs((tile % 5) * 15));
    const stop = new AbortController();
    const run = analyse(asked({ slide, model: takingOver(20), region }), stop);
    const drained = (async () => {
      for await (const _event of run);
    })();
    drained.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, ms));
    stop.abort(new Error('enough'));
    await expect(drained).rejects.toThrow('enough');
    await settled();
    expect(made.size).toBeGreaterThan(0);
    expect(closed).toEqual(made);
  });

  test('of patches whose slide fell silent', async () => {
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => (answer = resolve));
    const { slide, made, closed } = countingSlide((tile) => (tile === 3 ? late : inMs(0))); // its patch is given up before
    const wait = (ms: number, waits: Waits): Promise<void> =>
      new Promise((resolve, reject) => {
        setTimeout(resolve, ms / 1000);
        waits.signal.addEventListener('abort', () => reject(waits.signal.reason));
      });
    const run = analyse(asked({ slide, model: takingOver(0), region, wait }), { signal: calm });
    let isWaiting = false;
    for (let next = await run.next(); !next.done && !isWaiting; next = await run.next())
      isWaiting = next.value.kind === 'waiting';
    await run.return(LEFT_EARLY);
    expect(isWaiting).toBe(true);
    answer();
    await vi.waitFor(() => expect([closed.size, made.size > 3]).toEqual([made.size, true]), { timeout: 10_000 });
  });
});

test('a hundred runs that are left leave nothing running', async () => {
  const slide = sceneSlide(scene);
  const model = sceneModel();
  for (let k = 0; k < 100; k++) {
    const run = analyse(asked({ slide, model }), { signal: calm });
    for (let events = 0; events < k % 4; events++) await run.next();
    await run.return(LEFT_EARLY);
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([slide.openReads(), model.openRuns()]).toEqual([0, 0]);
  const [reads, runs] = [slide.reads.length, model.runs()];
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([slide.reads.length, model.runs()]).toEqual([reads, runs]);
});

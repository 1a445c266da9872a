import { describe, expect, test } from 'vitest';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { ColumnsBuilder, rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { inReadingOrder } from '#objects/order.ts';
import { random } from '#objects/testing/random.ts';
import type { Slide, TileAt } from '#slide/slide.ts';
import { contains, type Rect } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import { LEFT_EARLY, type RunEnd, type RunEvent } from './events.ts';
import { openMemoryJournal } from './journal.ts';
import { inlinePostprocessor, type Postprocessor } from './postprocess/postprocessor.ts';
import { analyse, type RunAsked } from './run.ts';
import { type Disc, pause, type Scene, sceneModel, sceneSlide } from './testing/stand-in.ts';
import type { TissueMask } from './tissue-mask.ts';

// 0.25 µm a pixel; cores are 128 model px = 256 px. So the scene is 3 × 3 patches, those at the ends cut.
const WIDTH = 700;
const HEIGHT = 600;
const scene: Scene = {
  width: WIDTH,
  height: HEIGHT,
  nuclei: apart(random(5), 60, 14, 10),
  glands: [
    { x: 256, y: 256, r: 90 }, // over the corner of four cores
    { x: 520, y: 300, r: 60 }, // over a seam
    { x: 120, y: 480, r: 70 },
  ],
  lumina: [
    { x: 256, y: 256, r: 40 },
    { x: 505, y: 300, r: 25 },
    { x: 620, y: 80, r: 30 }, // in no gland
  ],
};

/** Discs that do not touch; three lie on seams. */
function apart(next: () => number, count: number, clear: number, r: number): Disc[] {
  const discs: Disc[] = [
    { x: 256, y: 100, r },
    { x: 512.5, y: 256.5, r },
    { x: 100, y: 512, r },
  ];
  while (discs.length < count) {
    const disc = { x: 20 + next() * (WIDTH - 40), y: 20 + next() * (HEIGHT - 40), r };
    if (discs.every((other) => Math.hypot(other.x - disc.x, other.y - disc.y) > 2 * clear)) discs.push(disc);
  }
  return discs;
}

const whole: Rect = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const calm = new AbortController().signal;

function asked(more: Partial<RunAsked> = {}): RunAsked {
  return {
    slide: sceneSlide(scene),
    mpp: { x: mpp(0.25), y: mpp(0.25) },
    region: whole,
    model: sceneModel(),
    postprocess: inlinePostprocessor(),
    journal: openMemoryJournal(),
    viewCentre: () => ({ x: 350, y: 300 }),
    ...more,
  };
}

interface Told {
  readonly events: RunEvent[];
  readonly nuclei: ObjectColumns;
  readonly glands: ObjectColumns;
  readonly lumina: ObjectColumns;
  readonly failures: Failure[];
  readonly end: RunEnd;
}

async function all(of: RunAsked): Promise<Told> {
  const run = analyse(of, { signal: calm });
  const events: RunEvent[] = [];
  const nuclei = new ColumnsBuilder('nuclei', []);
  let next = await run.next();
  for (; !next.done; next = await run.next()) {
    events.push(next.value);
    if (next.value.kind === 'patch' && next.value.nuclei) nuclei.addRows(next.value.nuclei);
  }
  const large = events.findLast((event) => event.kind === 'large');
  const failures = events.flatMap((event) => (event.kind === 'failed' ? [event.failure] : []));
  const none = rowsOf(nuclei.view(), []);
  const { glands = none, lumina = none } = large ?? {};
  return { events, nuclei: inReadingOrder(nuclei.view()), glands, lumina, failures, end: next.value };
}

/** For each disc the rows whose centroid lies within a pixel of its centre. */
const at = (columns: ObjectColumns, discs: readonly Disc[], within = 1.5): number[][] =>
  discs.map(({ x, y }) =>
    Array.from({ length: columns.count }, (_, i) => i).filter(
      (i) => Math.hypot((columns.centroid[2 * i] ?? 0) - x, (columns.centroid[2 * i + 1] ?? 0) - y) < within,
    ),
  );

describe('a whole slide', () => {
  test('every nucleus once and in its place, also on seams; class, probability and area', async () => {
    const { nuclei, end } = await all(asked());
    expect(at(nuclei, scene.nuclei).map((rows) => rows.length)).toEqual(scene.nuclei.map(() => 1));
    expect(nuclei.count).toBe(scene.nuclei.length);
    expect(new Set(nuclei.classIndex)).toEqual(new Set([1]));
    for (const area of nuclei.areaPx) expect(Math.abs(area / (Math.PI * 100) - 1)).toBeLessThan(0.12); // pixels of 2
    for (const probability of nuclei.probability) expect(probability).toBeGreaterThan(0.7);
    expect([end.patches, end.failedPatches, end.failure, end.areaPx]).toEqual([9, 0, undefined, WIDTH * HEIGHT]);
  });

  test('a nucleus cut by the edge of the slide stays, in the part that is there', async () => {
    const cut = {
      ...scene,
      nuclei: [
        { x: 1, y: 200, r: 20 },
        { x: 400, y: HEIGHT, r: 20 },
        { x: WIDTH, y: 0, r: 20 },
      ],
    };
    const { nuclei } = await all(asked({ slide: sceneSlide(cut) }));
    expect(nuclei.count).toBe(3);
    const shares = [...nuclei.areaPx].map((area) => area / (Math.PI * 400)).sort();
    for (const [k, share] of [0.25, 0.5, 0.53].entries()) expect(Math.abs((shares[k] ?? 0) - share)).toBeLessThan(0.06);
  });

  test('glands over seams are one; lumina only within glands', async () => {
    const { glands, lumina } = await all(asked());
    expect(at(glands, scene.glands, 3).map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(glands.count).toBe(3);
    expect(lumina.count).toBe(2);
    const [first] = at(glands, scene.glands, 3)[0] ?? [];
    expect(Math.abs((glands.areaPx[first ?? 0] ?? 0) / (Math.PI * 90 ** 2) - 1)).toBeLessThan(0.03);
  });

  test('a pyramid read at a coarser level gives the same objects', async () => {
    const slide = sceneSlide(scene, { downsamples: [1, 2] });
    const { nuclei, glands } = await all(asked({ slide }));
    expect(new Set(slide.reads.map(({ level }) => level))).toEqual(new Set([1]));
    expect(at(nuclei, scene.nuclei).map((rows) => rows.length)).toEqual(scene.nuclei.map(() => 1));
    expect(glands.count).toBe(3);
  });

  test('the result does not depend on where the user looks', async () => {
    const results = [];
    for (const centre of [
      { x: 0, y: 0 },
      { x: 700, y: 0 },
      { x: 300, y: 600 },
    ]) {
      const { nuclei, glands, lumina, events } = await all(
        asked({ viewCentre: () => centre, now: () => Math.random() * 1e9 }),
      );
      const first = events.find((event) => event.kind === 'patch');
      expect(first && contains(first.core, Math.min(centre.x, 699), Math.min(centre.y, 599))).toBe(true);
      results.push({ nuclei, glands, lumina });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('tissue cells cover the slide once, shares add up', async () => {
    const { events, end } = await all(asked());
    let cells = 0;
    for (const event of events)
      if (event.kind === 'patch') cells += (event.tissue?.cols ?? 0) * (event.tissue?.rows ?? 0);
    expect(cells).toBe(Math.ceil(WIDTH / 32) * Math.ceil(HEIGHT / 32));
    const glandPx = scene.glands.reduce((sum, { r }) => sum + Math.PI * r * r, 0);
    expect((end.tissue?.share[0] ?? 0) + (end.tissue?.share[1] ?? 0)).toBeCloseTo(1, 5);
    expect(Math.abs((end.tissue?.share[0] ?? 0) - glandPx / (WIDTH * HEIGHT))).toBeLessThan(0.03);
  });
});

describe('a region', () => {
  test('a rectangle gives the objects whose centroid lies in it, and reads no more than it must', async () => {
    const region = { x: 300, y: 270, width: 180, height: 200 };
    const journal = openMemoryJournal();
    const { nuclei, glands, end } = await all(asked({ region, journal }));
    const inside = scene.nuclei.filter(({ x, y }) => contains(region, x, y));
    expect(inside.length).toBeGreaterThan(2);
    expect(at(nuclei, inside).flat().length).toBe(inside.length);
    expect(nuclei.count).toBe(inside.length);
    expect(glands.count).toBe(0);
    expect([end.patches, end.areaPx]).toEqual([1, 180 * 200]);
    expect(journal.committed).toEqual([{ col: 1, row: 1 }]);
  });

  test('a tissue mask leaves out patches and objects on glass', async () => {
    const mask = new Uint8Array(28 * 24);
    for (let row = 0; row < 10; row++) mask.fill(1, row * 28, row * 28 + 10); // 250 × 250 px
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 25, cols: 28, rows: 24, mask };
    const { nuclei, end } = await all(asked({ region }));
    const inside = scene.nuclei.filter(({ x, y }) => x < 250 && y < 250);
    expect(at(nuclei, inside).flat().length).toBe(inside.length);
    expect(nuclei.count).toBe(inside.length);
    expect([end.patches, end.areaPx]).toEqual([1, 250 * 250]);
  });

  test('with a mask a crypt stays whose wide lumen, and centroid, lie on glass', async () => {
    const mask = new Uint8Array(28 * 24).fill(1);
    for (let row = 8; row < 12; row++) mask.fill(0, row * 28 + 8, row * 28 + 12); // around (256, 256)
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 25, cols: 28, rows: 24, mask };
    const { glands, lumina } = await all(asked({ region }));
    expect(at(glands, scene.glands, 3).map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(at(lumina, scene.lumina.slice(0, 2), 3).map((rows) => rows.length)).toEqual([1, 1]);
  });

  test('nuclei in the last, cut cell of a mask are found', async () => {
    const mask = new Uint8Array(3 * 2).fill(1); // cells of 300 px reach over the slide of 700 × 600
    const region: TissueMask = { x0: 0, y0: 0, cellPx: 300, cols: 3, rows: 2, mask };
    const { nuclei, end } = await all(asked({ region }));
    expect([nuclei.count, end.areaPx]).toEqual([scene.nuclei.length, WIDTH * HEIGHT]);
  });

  const cut: Scene = { ...scene, glands: [{ x: 250, y: 250, r: 90 }], lumina: [] }; // over four cores
  const lowerRight = { x: 280, y: 280, width: 180, height: 200 }; // in core (1, 1), without the centroid
  const upperLeft = { x: 50, y: 50, width: 190, height: 190 }; //    in core (0, 0), likewise
  test.each([
    ['without its centroid does not have it', lowerRight, 0],
    ['next to that one neither', upperLeft, 0],
    ['of one core with its centroid has the whole of it', { ...upperLeft, width: 204, height: 204 }, 1],
  ])('a gland cut by the planned cores is completed first: a rectangle %s', async (_, region, count) => {
    const model = sceneModel();
    const journal = openMemoryJournal();
    const { glands, nuclei, end, events } = await all(asked({ slide: sceneSlide(cut), region, model, journal }));
    expect(at(glands, cut.glands, 3).flat().length).toBe(count);
    expect(glands.count).toBe(count);
    if (count === 1) expect(Math.abs((glands.areaPx[0] ?? 0) / (Math.PI * 90 ** 2) - 1)).toBeLessThan(0.03);
    expect(events.flatMap((event) => (event.kind === 'around' ? [event.cores.length] : []))).toEqual([3]);
    expect([model.runs(), end.patches, journal.committed.length]).toEqual([4, 1, 1]);
    expect(nuclei.count).toBe(scene.nuclei.filter(({ x, y }) => contains(region, x, y)).length);
    expect(end.areaPx).toBe(region.width * region.height);
  });

  test('glands that lie in the planned cores, or outside of the region, ask for nothing around', async () => {
    const model = sceneModel();
    const { end } = await all(asked({ region: { x: 300, y: 270, width: 180, height: 200 }, model }));
    expect([end.patches, model.runs()]).toEqual([1, 1]);
  });

  test('surroundings that cannot be read leave the gland as far as it was seen', async () => {
    const slide = sceneSlide(cut, { fails: ({ col, row }) => col === 0 && row === 0 });
    const { glands, end, failures } = await all(asked({ region: lowerRight, slide }));
    expect([end.failure, end.patches, failures]).toEqual([undefined, 1, []]);
    expect(glands.count).toBe(0); // three quarters are enough to tell where it lies
  });

  test('nothing to analyse ends at once', async () => {
    const { events, end } = await all(asked({ region: { x: 5000, y: 0, width: 10, height: 10 } }));
    expect(events.map(({ kind }) => kind)).toEqual(['planned']);
    expect([end.patches, end.areaPx, end.failure]).toEqual([0, 0, undefined]);
  });
});

const lost = (): never => {
  throw new EosinError({ tag: 'DeviceLost', label: 'test', reason: 'made to' });
};

describe('what goes wrong', () => {
  test.each([
    { tag: 'Unreachable', url: 'https://host/slide.svs', reason: 'Failed to fetch' },
    { tag: 'SlideChanged', name: 'slide.svs' },
    { tag: 'WorkerDied', label: 'Decoding', reason: 'made to' },
  ] as const)('a slide out of reach ends the run ($tag)', async (failure) => {
    const slide = {
      ...sceneSlide(scene),
      readTile: () => Promise.reject(new EosinError(failure)),
    };
    const { end, failures } = await all(asked({ slide }));
    expect([end.failure, end.patches, end.failedPatches, failures.length]).toEqual([failure, 0, 3, 3]);
  });

  test('tiles that will not decode never end it', async () => {
    const readable = sceneSlide(scene);
    const bad = { tag: 'CorruptTile', level: 0, col: 0, row: 0, reason: 'made to' } as const;
    const slide = {
      ...readable,
      readTile: (tile: TileAt, waits: Waits) =>
        tile.row < 4 ? Promise.reject(new EosinError(bad)) : readable.readTile(tile, waits),
    };
    const { end } = await all(asked({ slide, viewCentre: () => ({ x: 350, y: 0 }) }));
    expect([end.patches, end.failedPatches, end.failure]).toEqual([3, 6, undefined]);
  });

  test('a pixel size that cannot be right is refused before anything is planned', async () => {
    const wide = { ...scene, width: 30_000, height: 30_000 };
    const wrong = analyse(
      asked({
        slide: sceneSlide(wide),
        region: { ...whole, width: 30_000, height: 30_000 },
        mpp: { x: mpp(25), y: mpp(25) },
      }),
      { signal: calm },
    );
    await expect(wrong.next()).rejects.toMatchObject({ failure: { tag: 'BadInput', what: 'The pixel size' } });
  });

  test('a mosaic that dies ends the run by its own failure; the patch that was committed stands', async () => {
    const died = { tag: 'WorkerDied', label: 'Post-processing', reason: 'made to' } as const;
    const inline = inlinePostprocessor();
    let adds = 0;
    const postprocess: Postprocessor = {
      ...inline,
      openMosaic: async (setup, waits) => {
        const mosaic = await inline.openMosaic(setup, waits);
        const add: typeof mosaic.add = (core, during) =>
          ++adds === 3 ? Promise.reject(new EosinError(died)) : mosaic.add(core, during);
        return { ...mosaic, add, collect: () => Promise.reject(new EosinError(died)) };
      },
    };
    const journal = openMemoryJournal();
    const { end, events } = await all(asked({ postprocess, journal, now: () => 0 }));
    expect([end.failure, end.failedPatches]).toEqual([died, 0]);
    expect(events.filter(({ kind }) => kind === 'patch').length).toBe(end.patches);
  });

  test('a tile that will not decode costs its patches only', async () => {
    const slide = sceneSlide(scene, { fails: ({ col, row }) => col === 0 && row === 0 });
    const { nuclei, failures, end } = await all(asked({ slide }));
    expect([end.patches, end.failedPatches, end.failure]).toEqual([8, 1, undefined]);
    expect(failures).toEqual([{ tag: 'Unexpected', reason: 'made to fail' }]);
    const elsewhere = scene.nuclei.filter(({ x, y }) => x > 266 || y > 266);
    expect(at(nuclei, elsewhere).flat().length).toBe(elsewhere.length);
  });

  test('a device lost once is asked again, with tiles read afresh', async () => {
    const slide = sceneSlide(scene);
    const quiet = sceneSlide(scene);
    await all(asked({ slide: quiet }));
    const model = sceneModel((run) => (run === 3 ? lost() : undefined));
    const { nuclei, end } = await all(asked({ slide, model }));
    expect([end.patches, end.failedPatches]).toEqual([9, 0]);
    expect(model.runs()).toBe(10);
    expect(slide.reads.length).toBeGreaterThan(quiet.reads.length);
    expect(nuclei.count).toBe(scene.nuclei.length);
  });

  test('a device lost for good ends the run; what was told stands', async () => {
    const model = sceneModel((run) => (run >= 4 ? lost() : undefined));
    const { events, end, nuclei } = await all(asked({ model }));
    expect(end.failure?.tag).toBe('DeviceLost');
    expect([end.patches, end.failedPatches]).toEqual([4, 3]);
    expect(nuclei.count).toBeGreaterThan(5);
    expect(events.at(-1)?.kind).toBe('large');
  });

  test('one wrong answer is not asked again and costs one patch', async () => {
    const model = sceneModel((run) => {
      if (run === 2) throw new EosinError({ tag: 'ModelWrong', model: 'm', device: 'd', seen: 'all zero' });
    });
    const { end, failures } = await all(asked({ model }));
    expect([end.patches, end.failedPatches, model.runs()]).toEqual([8, 1, 9]);
    expect(failures[0]?.tag).toBe('ModelWrong');
  });

  test('a model whose margin does not fit its maps is refused in a sentence', async () => {
    const model = sceneModel();
    const input = { ...model.manifest.input, margin: 15 };
    const { end, events } = await all(asked({ model: { ...model, manifest: { ...model.manifest, input } } }));
    expect(end.failure).toMatchObject({
      tag: 'ModelInvalid',
      seen: expect.stringContaining('no multiples of its stride 2'),
    });
    expect(events.map(({ kind }) => kind)).toEqual(['planned']);
  });

  test('a patch that the journal refuses does not count', async () => {
    let appends = 0;
    const journal = {
      append: async () => {
        if (++appends === 2) throw new Error('the disk is full');
      },
    };
    const { end, failures } = await all(asked({ journal }));
    expect([end.patches, end.failedPatches]).toEqual([8, 1]);
    expect(failures[0]).toEqual({ tag: 'Unexpected', reason: 'the disk is full' });
  });

  test('a patch that the journal refuses leaves no gland behind', async () => {
    const alone = { ...scene, glands: [{ x: 128, y: 128, r: 60 }], lumina: [] };
    const journal = {
      append: async ({ col, row }: { col: number; row: number }) => {
        if (col === 0 && row === 0) throw new Error('the disk is full');
      },
    };
    expect((await all(asked({ slide: sceneSlide(alone) }))).glands.count).toBe(1);
    expect((await all(asked({ slide: sceneSlide(alone), journal }))).glands.count).toBe(0);
  });
});

describe('ending early', () => {
  test('an abort rejects with its reason and leaves nothing running', async () => {
    const slide = sceneSlide(scene);
    const model = sceneModel();
    const stop = new AbortController();
    const reason = new Error('enough');
    const run = analyse(asked({ slide, model }), { signal: stop.signal });
    await run.next();
    await run.next();
    stop.abort(reason);
    await expect(run.next()).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([slide.openReads(), model.openRuns()]).toEqual([0, 0]);
    const reads = slide.reads.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slide.reads.length).toBe(reads);
    expect(model.runs()).toBeLessThan(9);
  });

  test('an abort in the middle of a wait settles at once', async () => {
    const stop = new AbortController();
    const model = { ...sceneModel(), run: hanging };
    const run = analyse(asked({ model }), { signal: stop.signal });
    await run.next();
    const waiting = run.next();
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toThrow('abort');
  });

  test('leaving the loop cancels what is below', async () => {
    const slide = sceneSlide(scene);
    const model = sceneModel();
    for await (const event of analyse(asked({ slide, model }), { signal: calm })) if (event.kind === 'patch') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([slide.openReads(), model.openRuns()]).toEqual([0, 0]);
    expect(model.runs()).toBeLessThan(9);
  });

  test('every picture is given back, wherever the run was left', async () => {
    const wide = { ...scene, width: 4000, height: 4000 };
    for (const after of [0, 1, 2, 3, 5]) {
      const [made, closed] = [new Set<object>(), new Set<object>()];
      const slide: Slide = {
        ...sceneSlide(wide),
        readTile: async (_, { signal }) => {
          await pause(signal, made.size % 3);
          const bitmap = { width: 100, height: 90, close: () => void closed.add(bitmap) };
          made.add(bitmap);
          return bitmap;
        },
      };
      const model = sceneModel();
      const takesOver: LoadedModel = {
        ...model,
        run: async (patch, options) => {
          for (const { image } of patch.tiles) if ('close' in image) image.close();
          return model.run({ ...patch, tiles: [] }, options);
        },
      };
      const region = { x: 1000, y: 1000, width: 2000, height: 2000 };
      const run = analyse(asked({ slide, model: takesOver, region }), { signal: calm });
      await run.next();
      for (let k = 0; k < after; k++) await run.next();
      await run.return(LEFT_EARLY);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(made.size > 0).toBe(after > 0);
      expect(closed).toEqual(made);
    }
  });

  test('who does not ask for more gets no more', async () => {
    const model = sceneModel();
    const run = analyse(asked({ model }), { signal: calm });
    await run.next();
    await run.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.runs()).toBeLessThanOrEqual(5);
    await run.return(LEFT_EARLY);
  });
});

const hanging = (_: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

import { describe, expect, test } from 'vitest';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Slide, TileAt } from '#slide/slide.ts';
import { contains } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import { LEFT_EARLY } from './events.ts';
import { type Journal, openMemoryJournal } from './journal.ts';
import { inlinePostprocessor, type Postprocessor } from './postprocess/postprocessor.ts';
import { analyse } from './run.ts';
import { all, asked, at, calm, HEIGHT, scene, WIDTH, whole } from './testing/scene-run.ts';
import { pause, sceneModel, sceneSlide } from './testing/stand-in.ts';

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

  test('what the network gave goes back to it once objects were made of it, and may be written over', async () => {
    const model = sceneModel();
    let given = 0;
    const back = new Set<ArrayBufferLike>();
    const lends: LoadedModel = {
      ...model,
      run: async (patch, options) => {
        expect(options.reused).toBe(true);
        given++;
        return model.run(patch, options);
      },
      giveBack: (memory) => {
        for (const each of memory) {
          back.add(each);
          new Uint8Array(each).fill(0);
        }
      },
    };
    const { nuclei, glands, end } = await all(asked({ model: lends }));
    expect([given, back.size]).toEqual([9, 27]); // nuclei and tissue in memory of their own, the coarse planes together
    expect([nuclei.count, glands.count, end.failedPatches]).toEqual([scene.nuclei.length, 3, 0]);
  });

  test('a network with tissue alone gives its memory back too', async () => {
    const model = sceneModel();
    const { outputs, tasks } = model.manifest;
    let [given, back] = [0, 0];
    const lends: LoadedModel = {
      ...model,
      manifest: {
        ...model.manifest,
        outputs: outputs.filter(({ name }) => name === 'tissue'),
        tasks: { ...tasks, nuclei: undefined, glands: undefined, lumina: undefined },
      },
      run: async (patch, options) => {
        const { tissue } = await model.run(patch, options);
        given++;
        return tissue ? { tissue } : {};
      },
      giveBack: (memory) => {
        for (const each of memory) {
          back++;
          new Uint8Array(each).fill(255);
        }
      },
    };
    const { end } = await all(asked({ model: lends }));
    expect([given, back, end.failedPatches]).toEqual([9, 9, 0]);
    const whole = await all(asked());
    expect(end.tissue?.share).toEqual(whole.end.tissue?.share);
  });

  test('memory that threads share is given back once, though it comes from another thread as another object', async () => {
    const model = sceneModel();
    const back: ArrayBufferLike[] = [];
    const lends: LoadedModel = {
      ...model,
      run: async (patch, options) => {
        const found = await model.run(patch, options);
        const shared = Object.entries(found).map(([name, { dims, data }]) => {
          const memory = new SharedArrayBuffer(data.byteLength);
          const values = data instanceof Int32Array ? new Int32Array(memory) : new Float32Array(memory);
          values.set(data);
          return [name, { dims, data: values }];
        });
        return Object.fromEntries(shared);
      },
      giveBack: (memory) => void back.push(...memory),
    };
    const inline = inlinePostprocessor();
    const postprocess: Postprocessor = {
      ...inline,
      patch: async (task, waits) => {
        const found = await inline.patch(task, waits);
        return { ...found, maps: found.maps.map((memory) => structuredClone(memory)) }; // the same bytes, as from a worker
      },
    };
    expect((await all(asked({ model: lends, postprocess }))).end.failedPatches).toBe(0);
    for (const [k, memory] of back.entries()) new Uint8Array(memory)[0] = k + 1;
    expect(back.map((memory, k) => new Uint8Array(memory)[0] === k + 1)).not.toContain(false); // nothing is there twice
    expect(back.length).toBe(27);
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

  const died = { tag: 'WorkerDied', label: 'Post-processing', reason: 'made to' } as const;

  /** Every mosaic from the first on dies at its nth call of `add`. */
  function mortal(nth: number): { postprocess: Postprocessor; opened: () => number } {
    const inline = inlinePostprocessor();
    let opened = 0;
    const postprocess: Postprocessor = {
      ...inline,
      openMosaic: async (setup, waits) => {
        opened++;
        const mosaic = await inline.openMosaic(setup, waits);
        let adds = 0;
        const alive =
          <A extends unknown[], T>(call: (...given: A) => Promise<T>, isAdd = false) =>
          (...given: A): Promise<T> => {
            if (isAdd) adds++;
            return adds >= nth ? Promise.reject(new EosinError(died)) : call(...given);
          };
        return {
          ...mosaic,
          add: alive(mosaic.add, true),
          skip: alive(mosaic.skip),
          wanted: alive(mosaic.wanted),
          collect: alive(mosaic.collect),
        };
      },
    };
    return { postprocess, opened: () => opened };
  }

  test('a mosaic that dies is built anew from the journal: nothing is lost', async () => {
    const calmly = await all(asked({ now: () => 0 }));
    let opened = 0;
    const inline = inlinePostprocessor();
    const postprocess: Postprocessor = {
      ...inline,
      openMosaic: (setup, waits) => (opened++ === 0 ? mortal(4).postprocess : inline).openMosaic(setup, waits),
    };
    const model = sceneModel();
    const { end, glands, lumina, nuclei } = await all(asked({ postprocess, model, now: () => 0 }));
    expect([opened, end.failure, end.patches, model.runs()]).toEqual([2, undefined, 9, 9]);
    expect({ glands, lumina, nuclei }).toEqual({
      glands: calmly.glands,
      lumina: calmly.lumina,
      nuclei: calmly.nuclei,
    });
  });

  test('a mosaic that dies again and again ends the run by its own failure; the patch that was committed stands', async () => {
    const { postprocess, opened } = mortal(3);
    const journal = openMemoryJournal();
    const { end, events } = await all(asked({ postprocess, journal, now: () => 0 }));
    expect([end.failure, end.failedPatches, opened()]).toEqual([died, 0, 4]);
    expect(events.filter(({ kind }) => kind === 'patch').length).toBe(end.patches);
    expect(journal.committed.length).toBeGreaterThanOrEqual(end.patches);
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

  test('a wrong answer is asked once more: the next device may be a better one', async () => {
    const wrong = (): never => {
      throw new EosinError({ tag: 'ModelWrong', model: 'm', device: 'd', seen: 'all zero' });
    };
    const once = sceneModel((run) => (run === 2 ? wrong() : undefined));
    expect((await all(asked({ model: once }))).end).toMatchObject({ patches: 9, failedPatches: 0 });
    expect(once.runs()).toBe(10);
    let asks = 0;
    const always: LoadedModel = {
      ...sceneModel(),
      run: (patch, options) => (patch.x < 0 && patch.y < 0 && ++asks > 0 ? wrong() : sceneModel().run(patch, options)),
    };
    const { end, events } = await all(asked({ model: always }));
    expect([end.patches, end.failedPatches, asks]).toEqual([8, 1, 2]);
    expect(events.find(({ kind }) => kind === 'failed')).toMatchObject({ attempts: 2, failure: { tag: 'ModelWrong' } });
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
    const journal: Journal = {
      ...openMemoryJournal(),
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
    const journal: Journal = {
      ...openMemoryJournal(),
      append: async ({ col, row }) => {
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
          await pause(options.signal, 30); // meanwhile the next ones are read, and wait
          return model.run({ ...patch, tiles: [] }, options);
        },
      };
      const region = { x: 1000, y: 1000, width: 2000, height: 2000 };
      const run = analyse(asked({ slide, model: takesOver, region }), { signal: calm });
      await run.next();
      for (let k = 0; k < after; k++) await run.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
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

test('the more it costs to tell glands, the more rarely they are told', async () => {
  const told = async (cost: number): Promise<number> => {
    let now = 0;
    const run = analyse(asked({ now: () => now }), { signal: calm });
    let large = 0;
    for (let next = await run.next(); !next.done; next = await run.next()) {
      if (next.value.kind === 'patch') now += 501;
      if (next.value.kind !== 'large') continue;
      large++;
      now += cost; // what the consumer does with them
    }
    return large;
  };
  expect(await told(0)).toBeGreaterThanOrEqual(9); // after each patch, and at the end
  expect(await told(100)).toBeLessThan(5);
});

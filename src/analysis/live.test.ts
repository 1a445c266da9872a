// Where the user looks: live, and previews where a patch takes long.
import { describe, expect, test } from 'vitest';
import type { LoadedModel } from '#inference/model.ts';
import { random } from '#objects/testing/random.ts';
import { centreOf, contains, intersects, type Point, type Rect } from '#units/rect.ts';
import { LEFT_EARLY, type RunEvent } from './events.ts';
import { openMemoryJournal } from './journal.ts';
import type { InView } from './patch-queue.ts';
import { analyse, type RunAsked } from './run.ts';
import { all, asked, at, calm, foundBy, HEIGHT, hashOf, scene, WIDTH } from './testing/scene-run.ts';
import { type Disc, sceneModel, sceneSlide } from './testing/stand-in.ts';

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A view that the test moves. */
function movable(rect: Rect): InView & { moveTo: (next: Rect) => void } {
  let now = rect;
  const listeners = new Set<() => void>();
  return {
    rect: () => now,
    changed: ({ signal }) =>
      new Promise((resolve, reject) => {
        listeners.add(resolve);
        signal.addEventListener('abort', () => {
          listeners.delete(resolve);
          reject(signal.reason);
        });
      }),
    moveTo(next) {
      now = next;
      for (const tell of listeners) tell();
      listeners.clear();
    },
  };
}

const LONG = 120_000; // ms a test may take on a busy machine

/** What is told, until the test has seen enough; the event that is waited for stays to be taken. */
function listening(of: RunAsked): {
  until: (isEnough: (told: readonly RunEvent[]) => boolean) => Promise<RunEvent[]>;
  isQuiet: () => Promise<boolean>;
  leave: () => Promise<boolean>;
} {
  const stop = new AbortController();
  const run = analyse(of, stop);
  let next: ReturnType<typeof run.next> | undefined;
  return {
    async until(isEnough) {
      const told: RunEvent[] = [];
      while (!isEnough(told)) {
        next ??= run.next();
        const event = await next;
        next = undefined;
        if (event.done) break;
        told.push(event.value);
      }
      return told;
    },
    isQuiet() {
      next ??= run.next();
      const quiet = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 150));
      return Promise.race([next.then(() => false), quiet]);
    },
    async leave() {
      stop.abort(new Error('left'));
      return (next ?? run.next()).then(
        () => false,
        () => true,
      );
    },
  };
}

/** So many patches, and the glands of all of them. */
const withGlands =
  (patches: number) =>
  (told: readonly RunEvent[]): boolean =>
    patchesIn(told).length >= patches && told.at(-1)?.kind === 'large';

const patchesIn = (events: readonly RunEvent[]): Rect[] =>
  events.flatMap((event) => (event.kind === 'patch' ? [event.core] : []));

describe('live', { timeout: LONG }, () => {
  const left = { x: 10, y: 10, width: 230, height: 500 }; //   two or three cores of 256 px
  const right = { x: 520, y: 10, width: 150, height: 230 }; // one

  test('computes what is in view, waits, goes where the view goes, and ends when left', async () => {
    const inView = movable(left);
    const model = sceneModel();
    const journal = openMemoryJournal();
    const { until, isQuiet, leave } = listening(asked({ inView, model, journal, now: () => 0 }));
    const first = await until(withGlands(2));
    expect(patchesIn(first).length).toBe(2);
    for (const core of patchesIn(first)) expect(intersects(core, left)).toBe(true);
    const large = first.filter(({ kind }) => kind === 'large').at(-1);
    expect(large?.kind === 'large' && large.glands.count).toBeGreaterThan(0);
    expect(await isQuiet()).toBe(true);
    inView.moveTo(right);
    const second = await until(withGlands(1));
    expect(patchesIn(second).length).toBe(1);
    for (const core of patchesIn(second)) expect(intersects(core, right)).toBe(true);
    expect(second.at(-1)?.kind).toBe('large');
    inView.moveTo(left); // all of it is there
    expect(await isQuiet()).toBe(true);
    expect([model.runs(), journal.committed.length]).toEqual([3, 3]);
    expect(await leave()).toBe(true);
  });

  test('what it has found is kept: live again over the same journal computes the rest alone', async () => {
    const journal = openMemoryJournal();
    const once = listening(asked({ inView: movable(left), journal }));
    await once.until(withGlands(2));
    await once.leave();
    const model = sceneModel();
    const again = listening(asked({ inView: movable({ ...left, width: 300 }), journal, model }));
    const told = await again.until(withGlands(4));
    expect(told.filter((event) => event.kind === 'patch' && event.kept).length).toBe(2);
    expect([patchesIn(told).length, model.runs()]).toEqual([4, 2]);
    await again.leave();
    expect(await hashOf(await all(asked({ journal })))).toBe(await hashOf(await all(asked())));
  });

  test('a slide of 200,000 × 150,000 px is too many patches to list, and as good as any to follow', async () => {
    const [width, height] = [200_000, 150_000];
    const { nuclei, glands, lumina } = scene;
    const [dx, dy] = [256 * 700, 256 * 500];
    const moved = (discs: readonly Disc[]): Disc[] => discs.map(({ x, y, r }) => ({ x: x + dx, y: y + dy, r }));
    const far = { width, height, nuclei: moved(nuclei), glands: moved(glands), lumina: moved(lumina) };
    const slide = sceneSlide(far);
    const region = { x: 0, y: 0, width, height };
    const here = { ...left, x: left.x + dx, y: left.y + dy };
    await expect(all(asked({ slide, region }))).rejects.toThrow('458,252 patches');
    const inView = movable(here);
    const model = sceneModel();
    const { until, isQuiet, leave } = listening(asked({ slide, region, inView, model, now: () => 0 }));
    const first = await until(withGlands(2));
    const planned = first.find(({ kind }) => kind === 'planned');
    expect(planned).toMatchObject({ patches: 458_252, cores: [], areaPx: width * height });
    for (const core of patchesIn(first)) expect(intersects(core, here)).toBe(true);
    expect(await isQuiet()).toBe(true);
    inView.moveTo({ x: dx, y: dy, width: WIDTH, height: HEIGHT });
    const second = await until(withGlands(7));
    expect(model.runs()).toBe(9);
    await leave();
    const found = [...first, ...second].flatMap((event) =>
      event.kind === 'patch' && event.nuclei ? [event.nuclei] : [],
    );
    const whole = await all(asked());
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(whole.nuclei.count);
    const large = second.filter(({ kind }) => kind === 'large').at(-1);
    expect(large?.kind === 'large' && [large.glands.count, large.lumina.count]).toEqual([
      whole.glands.count,
      whole.lumina.count,
    ]);
  });

  test('what left the view before the network began is dropped', async () => {
    const wide = { width: 2560, height: 2560, nuclei: [], glands: [], lumina: [] };
    const inView = movable({ x: 0, y: 0, width: 1200, height: 1200 });
    const model = sceneModel();
    const seen: Point[] = [];
    const [begun, moved] = [gate(), gate()];
    const slow: RunAsked['model'] = {
      ...model,
      run: async (patch, options) => {
        seen.push({ x: patch.x, y: patch.y });
        begun.open();
        await moved.opened;
        return model.run(patch, options);
      },
    };
    const whole = { x: 0, y: 0, width: 2560, height: 2560 };
    const { until, leave } = listening(asked({ slide: sceneSlide(wide), region: whole, inView, model: slow }));
    const isThere = (core: Rect): boolean => intersects(core, inView.rect());
    const told = until((events) => patchesIn(events).filter(isThere).length >= 4);
    await begun.opened;
    inView.moveTo({ x: 2100, y: 2100, width: 400, height: 400 });
    moved.open();
    const before = seen.length;
    const cores = patchesIn(await told);
    await leave();
    const there = seen.slice(before);
    expect(there.length).toBeGreaterThan(0);
    for (const { x, y } of there) expect([x > 1700, y > 1700]).toEqual([true, true]);
    expect(cores.filter(isThere).length).toBe(4);
    expect(before).toBeLessThanOrEqual(5);
  });
});

describe('previews', { timeout: LONG }, () => {
  const next = random(3);
  const [width, height] = [2800, 2800];
  const nuclei: Disc[] = Array.from({ length: 400 }, (_, i) => ({
    x: 70 + (i % 20) * 140 + next() * 40,
    y: 70 + Math.floor(i / 20) * 140 + next() * 40,
    r: 10,
  }));
  const slide = sceneSlide({ width, height, nuclei, glands: [], lumina: [] });
  const slow = {
    slide,
    region: { x: 0, y: 0, width, height },
    windowPx: 704, // cores of 1344 px
    slowPatchSeconds: 4,
    viewRect: () => ({ x: 0, y: 0, width, height }),
  };
  const isPreview = (event: RunEvent): event is Extract<RunEvent, { kind: 'preview' }> => event.kind === 'preview';

  test('where a patch takes long the place looked at is seen first, and counts nowhere', async () => {
    const journal = openMemoryJournal();
    const centre = { x: 700, y: 600 };
    const scenes = sceneModel();
    const views: (number | undefined)[] = [];
    const model: LoadedModel = {
      ...scenes,
      run: (patch, options) => {
        views.push(options.views);
        return scenes.run(patch, options);
      },
    };
    const told = await all(asked({ ...slow, journal, model, views: 4, viewCentre: () => centre }));
    expect(views.filter((each) => each !== 4)).toEqual([undefined]); // what is for the eye alone has one
    expect(views.length).toBeGreaterThan(4);
    expect(told.events.map(({ kind }) => kind).slice(0, 3)).toEqual(['planned', 'preview', 'patch']);
    const previews = told.events.filter(isPreview);
    expect(previews.length).toBe(1);
    for (const { core, nuclei: seen } of previews) {
      expect(centreOf(core)).toEqual(centre);
      const inside = nuclei.filter(({ x, y }) => contains(core, x, y));
      expect([inside.length > 10, seen.count]).toEqual([true, inside.length]);
      expect(at(seen, inside).flat().length).toBe(inside.length);
    }
    expect([told.end.patches, journal.committed.length]).toEqual([9, 9]);
    const fast = await all(asked({ ...slow, slowPatchSeconds: 0.2, viewCentre: () => centre }));
    expect(fast.events.filter(isPreview)).toEqual([]);
    expect(foundBy(told)).toEqual(foundBy(fast));
    expect(await hashOf(told)).toBe(await hashOf(fast));
  });

  test('of what is not on screen, or would be a dot there, there is none', async () => {
    const near = { x: 0, y: 0, width: 2000, height: 1200 };
    const far = { x: 0, y: 0, width: 12_000, height: 9_000 };
    const first: string[] = [];
    for (const view of [near, far, undefined]) {
      const run = analyse(asked({ ...slow, viewRect: () => view }), { signal: calm });
      await run.next(); // planned
      const { value } = await run.next();
      first.push('kind' in value ? value.kind : 'the end');
      await run.return(LEFT_EARLY);
    }
    expect(first).toEqual(['preview', 'patch', 'patch']);
  });

  test('each place that is looked at gets one, unless its patch is begun or it lies outside', async () => {
    const looked = [
      { x: 700, y: 600 },
      { x: 2200, y: 2200 }, // far away: nothing is at work there
      { x: 2300, y: 2300 }, // within the preview before
      { x: 720, y: 620 }, //  its patch is over by then
      { x: 5000, y: 600 }, // off the slide
    ];
    const run = analyse(asked({ ...slow, viewCentre: () => looked[place] ?? { x: 0, y: 0 } }), { signal: calm });
    let place = 0;
    const previews: Rect[] = [];
    for (let event = await run.next(); !event.done; event = await run.next()) {
      if (event.value.kind === 'preview') previews.push(event.value.core);
      if (event.value.kind === 'patch') place++;
    }
    expect(previews.map(centreOf)).toEqual([looked[0], looked[1]]);
  });

  test('one that fails is no failure of the run', async () => {
    const model = sceneModel();
    const told = await all(
      asked({
        ...slow,
        model: {
          ...model,
          run: (patch, options) =>
            patch.size < 704 ? Promise.reject(new Error('too small')) : model.run(patch, options),
        },
      }),
    );
    expect([told.end.patches, told.end.failedPatches, told.events.filter(isPreview).length]).toEqual([9, 0, 0]);
  });
});

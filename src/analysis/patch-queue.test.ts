import { describe, expect, test } from 'vitest';
import type { Failure } from '#errors/failure.ts';
import { random } from '#objects/testing/random.ts';
import { centreOf, contains, intersects, type Point, type Rect } from '#units/rect.ts';
import { type InView, type Job, PatchQueue, type QueueOptions } from './patch-queue.ts';
import { listed } from './patches.ts';
import type { PlannedPatch } from './plan.ts';
import { planPatches } from './plan.ts';
import type { Wait } from './retry.ts';
import { asked } from './testing/scene-run.ts';
import { sceneSlide } from './testing/stand-in.ts';

const calm = { signal: new AbortController().signal };
const SIDE = 256; // level-0 px of a core
const COLS = 20;
const slide = sceneSlide({ width: COLS * SIDE, height: COLS * SIDE, nuclei: [], glands: [], lumina: [] });
const { mpp, model } = asked();
const whole = { x: 0, y: 0, width: COLS * SIDE, height: COLS * SIDE };
const patches: readonly PlannedPatch[] = planPatches({
  slide,
  mpp,
  region: whole,
  input: model.manifest.input,
  viewCentre: { x: 0, y: 0 },
}).patches;
const coreOf = ({ patch }: Job): Rect => patch.frame.core;
const unreachable: Failure = { tag: 'Unreachable', url: 'https://host', reason: 'made to' };
const corrupt: Failure = { tag: 'CorruptTile', level: 0, col: 0, row: 0, reason: 'made to' };

/** Waits that end when the test says so, in the order of their time. */
function byHand(): { wait: Wait; pass: (ms: number) => Promise<void> } {
  let now = 0;
  const timers = new Set<{ at: number; ring: () => void }>();
  return {
    wait: (ms, { signal }) =>
      new Promise((resolve, reject) => {
        const timer = { at: now + ms, ring: resolve };
        timers.add(timer);
        signal.addEventListener('abort', () => {
          timers.delete(timer);
          reject(signal.reason);
        });
      }),
    async pass(ms) {
      now += ms;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.ring();
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

function queueOf(more: Partial<QueueOptions> & { centre?: () => Point; rect?: () => Rect } = {}, of = patches) {
  const { centre = () => ({ x: 0, y: 0 }), rect, ...options } = more;
  const queue = new PatchQueue(listed(of), { looking: { centre, ...(rect && { rect }) }, ...options });
  return { queue, jobs: queue.jobs(calm) };
}

async function nextOf(jobs: AsyncGenerator<Job, void>): Promise<Job> {
  const next = await jobs.next();
  if (next.done) throw new Error('the queue has ended');
  return next.value;
}

const isSoon = async (promise: Promise<unknown>): Promise<boolean> => {
  const late = Symbol();
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve(late), 5))])) !== late;
};

describe('the order', () => {
  test.each([1, 2, 3])(
    'is that of sorting all by distance whenever the user looks elsewhere, seed %i',
    async (seed) => {
      const next = random(seed);
      let centre = { x: 0, y: 0 };
      const { queue, jobs } = queueOf({ centre: () => centre });
      const left = new Map(patches.map((patch, index) => [index, patch]));
      const distance = ({ frame }: PlannedPatch): number => {
        const { x, y } = centreOf(frame.core);
        return Math.hypot(x - centre.x, y - centre.y);
      };
      while (left.size > 0) {
        if (next() < 0.2) centre = { x: next() * COLS * SIDE, y: next() * COLS * SIDE };
        const job = await nextOf(jobs);
        expect(distance(job.patch)).toBeCloseTo(Math.min(...[...left.values()].map(distance)), 6);
        expect(left.delete(job.index)).toBe(true);
        queue.done(job.index);
      }
      expect((await jobs.next()).done).toBe(true);
    },
  );

  test('all of a wide screen before what is nearer, but above it', async () => {
    const screen = { x: 1000, y: 2000, width: 3000, height: 200 };
    const { queue, jobs } = queueOf({ centre: () => centreOf(screen), rect: () => screen });
    const onScreen = patches.filter(({ frame }) => intersects(frame.core, screen)).length;
    for (let k = 0; k < patches.length; k++) {
      const job = await nextOf(jobs);
      expect(intersects(coreOf(job), screen)).toBe(k < onScreen);
      queue.done(job.index);
    }
  });

  test('what need not be computed is never given', async () => {
    const { queue, jobs } = queueOf();
    for (let index = 0; index < patches.length; index += 2) queue.leave(index);
    const given: number[] = [];
    for await (const { index } of jobs) {
      given.push(index);
      queue.done(index);
    }
    expect(given).toEqual(patches.map((_, index) => index).filter((index) => index % 2 === 1));
  });
});

describe('what failed', () => {
  test('comes again after half a second, two, and eight; others go on meanwhile; then it is over', async () => {
    const { wait, pass } = byHand();
    const { queue, jobs } = queueOf({ wait });
    const first = await nextOf(jobs);
    for (const [attempt, seconds] of [0.5, 2, 8].entries()) {
      expect(queue.failed(first.index, unreachable)).toEqual({ again: true, seconds });
      const other = await nextOf(jobs);
      expect(other.index).not.toBe(first.index);
      queue.done(other.index);
      await pass(1000 * seconds - 1);
      const another = await nextOf(jobs);
      expect(another.index).not.toBe(first.index);
      queue.done(another.index);
      await pass(1);
      expect((await nextOf(jobs)).index, `attempt ${attempt + 2}`).toBe(first.index);
    }
    expect(queue.failed(first.index, unreachable)).toEqual({ again: false, attempts: 4 });
    expect(queue.isOver(first.index)).toBe(true);
  });

  test('for good is over at once', async () => {
    const { queue, jobs } = queueOf();
    const { index } = await nextOf(jobs);
    expect(queue.failed(index, corrupt)).toEqual({ again: false, attempts: 1 });
    expect((await nextOf(jobs)).index).not.toBe(index);
  });

  test('ends the queue only once it came and is over', async () => {
    const { wait, pass } = byHand();
    const { queue, jobs } = queueOf({ wait }, patches.slice(0, 1));
    const { index } = await nextOf(jobs);
    queue.failed(index, unreachable);
    const waiting = jobs.next();
    expect(await isSoon(waiting)).toBe(false);
    await pass(500);
    expect(await waiting).toMatchObject({ value: { index } });
    const end = jobs.next();
    expect(await isSoon(end)).toBe(false); // it may fail again
    queue.done(index);
    expect((await end).done).toBe(true);
  });

  test('one after the other: the slide is out of reach, so one new patch a turn tries it', async () => {
    const { wait, pass } = byHand();
    const { queue, jobs } = queueOf({ wait });
    const begun = [await nextOf(jobs), await nextOf(jobs), await nextOf(jobs)];
    for (const { index } of begun) queue.failed(index, unreachable);
    const waiting = jobs.next();
    expect(await isSoon(waiting)).toBe(false);
    await pass(500);
    const again = [await waiting, await jobs.next(), await jobs.next()].map(({ value }) => value?.index);
    expect(again).toEqual(begun.map(({ index }) => index));
    const probe = await nextOf(jobs);
    expect(again).not.toContain(probe.index);
    for (const index of [...again, probe.index]) if (index !== undefined) queue.failed(index, unreachable);
    const stillWaiting = jobs.next();
    expect(await isSoon(stillWaiting)).toBe(false);
    await pass(500); // of the new one: no other is tried beside it
    expect((await stillWaiting).value?.index).toBe(probe.index);
    const another = jobs.next();
    expect(await isSoon(another)).toBe(false);
    queue.done(probe.index); // it is in reach again: all may go on
    expect(await isSoon(another)).toBe(true);
    expect(await isSoon(nextOf(jobs))).toBe(true);
    expect(await isSoon(nextOf(jobs))).toBe(true);
  });

  test('waits no longer once the queue is disposed', async () => {
    const { wait, pass } = byHand();
    const { queue, jobs } = queueOf({ wait }, patches.slice(0, 1));
    queue.failed((await nextOf(jobs)).index, unreachable);
    queue[Symbol.dispose]();
    const waiting = jobs.next();
    await pass(1000);
    expect(await isSoon(waiting)).toBe(false);
  });
});

test('an abort while nothing is to be had rejects with its reason', async () => {
  const stop = new AbortController();
  const queue = new PatchQueue(listed(patches.slice(0, 1)), { looking: { centre: () => ({ x: 0, y: 0 }) } });
  const jobs = queue.jobs(stop);
  await jobs.next();
  const waiting = jobs.next();
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

describe('live', () => {
  /** A view that the test moves. */
  function movable(rect: Rect): InView & { moveTo: (x: number, y: number) => void } {
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
      moveTo(x, y) {
        now = { ...rect, x, y };
        for (const tell of listeners) tell();
        listeners.clear();
      },
    };
  }
  const view = { x: 1000, y: 1000, width: 600, height: 400 };

  test('gives only what is in view, and waits until it moves', async () => {
    const inView = movable(view);
    const { queue, jobs } = queueOf({ inView });
    const given = new Set<number>();
    const drain = async (): Promise<{ waiting: Promise<Job> }> => {
      for (;;) {
        const waiting = nextOf(jobs);
        if (!(await isSoon(waiting))) return { waiting };
        const job = await waiting;
        expect(intersects(coreOf(job), inView.rect())).toBe(true);
        given.add(job.index);
        queue.done(job.index);
      }
    };
    const { waiting } = await drain();
    const inside = (): number[] =>
      patches.flatMap(({ frame }, index) => (intersects(frame.core, inView.rect()) ? [index] : []));
    expect([...given].sort()).toEqual(inside().sort());
    expect(queue.isQuiet).toBe(true);
    inView.moveTo(2500, 1000);
    const first = await waiting;
    given.add(first.index);
    queue.done(first.index);
    (await drain()).waiting.catch(() => undefined);
    for (const index of inside()) expect(given.has(index)).toBe(true);
  });

  test('what left the view before it began is given back, and comes when it is seen again', async () => {
    const inView = movable(view);
    const { queue, jobs } = queueOf({ inView });
    const job = await nextOf(jobs);
    inView.moveTo(4000, 4000);
    expect(queue.isWanted(job.index)).toBe(false);
    queue.giveBack(job.index);
    expect(contains(inView.rect(), 4100, 4100)).toBe(true);
    expect(intersects(coreOf(await nextOf(jobs)), inView.rect())).toBe(true);
    inView.moveTo(view.x, view.y);
    expect((await nextOf(jobs)).index).toBe(job.index);
  });
});

test('a preview comes before the patch, wherever the queue is asked', async () => {
  const [preview] = patches;
  let wanted = true;
  const { queue, jobs } = queueOf({ preview: () => (wanted ? preview : undefined) });
  expect(await nextOf(jobs)).toMatchObject({ isPreview: true, index: -1 });
  wanted = false;
  const job = await nextOf(jobs);
  expect(job).toMatchObject({ isPreview: false, index: 0 });
  queue.done(job.index);
});

test('as many patches as the largest slides have: a look around costs one pass, not a sort', async () => {
  const many = Array.from({ length: 100_000 }, (_, k) => {
    const core = { x: (k % 400) * SIDE, y: Math.floor(k / 400) * SIDE, width: SIDE, height: SIDE };
    return { ...patches[0], frame: { ...patches[0]?.frame, core } } as PlannedPatch;
  });
  let looks = 0;
  const { queue, jobs } = queueOf({ centre: () => ({ x: ++looks % 7, y: 0 }) }, many);
  for (let k = 0; k < 500; k++) queue.done((await nextOf(jobs)).index);
  expect(looks).toBeGreaterThanOrEqual(500);
});

// A seeded walk over everything that starts, stops and switches at awkward moments. Whatever it met, all calls settle, all
// runs end, workers are no more than before, and a run gives what it gave before.
import type { Page } from '@playwright/test';
import { offerSibling, SIBLING, SIBLING_CORE } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const SLIDE = 'slide=phantom:5&device=wasm';
const REGION = { x: 380 * SIBLING_CORE, y: 300 * SIBLING_CORE, width: 4 * SIBLING_CORE, height: 3 * SIBLING_CORE };
const STEPS = 40;
const SEED = Number(process.env.EOSIN_WALK_SEED ?? 1); // another one walks elsewhere
const SPARE = 2; //   workers that a pool may have started beside those of the first run

interface Walked {
  readonly trail: string[];
  readonly said: Record<string, number>; // how calls ended
  readonly pending: string[]; //            calls that had not settled long after
}

/** Counts the page's workers: made, and not terminated. */
async function countWorkers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const alive = new Set<Worker>();
    Object.assign(window, { alive });
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        alive.add(this);
      }
      override terminate() {
        alive.delete(this);
        super.terminate();
      }
    };
  });
}

const workersOf = (page: Page): Promise<number> => page.evaluate(() => Reflect.get(window, 'alive').size);

const walk = (page: Page, seed: number): Promise<Walked> =>
  page.evaluate(
    async ({ seed, steps, model, region }) => {
      const { eosin } = window;
      let state = seed;
      const random = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
      const trail: string[] = [];
      const said: Record<string, number> = {};
      const pending = new Map<number, string>();
      const watch = (name: string, call?: Promise<unknown>): void => {
        const id = trail.push(name);
        pending.set(id, `${id} ${name}`);
        const over = (how: string): void => {
          pending.delete(id);
          const key = `${name}: ${how}`;
          said[key] = (said[key] ?? 0) + 1;
        };
        Promise.resolve(call).then(
          () => over('ended'),
          (error: unknown) => over(String(error).replaceAll(/run-[a-z0-9-]+/g, 'RUN')),
        );
      };
      const part = () => ({
        ...region,
        x: region.x + Math.floor(random() * 20) * 100,
        width: region.width * (random() < 0.3 ? 8 : 1),
      });
      const someRun = (): string | undefined => pick([undefined, ...eosin.runs().map(({ id }) => id)]);
      const aborted = (ms: number) => ({ signal: AbortSignal.timeout(ms) });
      const ways: [() => void, ...(() => void)[]] = [
        () => watch('analyse', eosin.analyse({ models: [model], region: part() })),
        () => watch('analyse', eosin.analyse({ models: [model], region: part() })),
        () => watch('analyse view', eosin.analyse({ models: [model] })),
        () => watch('analyse, aborted', eosin.analyse({ models: [model], region: part() }, aborted(random() * 600))),
        () => eosin.live(true),
        () => eosin.live(false),
        () => {
          for (const on of [true, false, true]) eosin.live(on);
        },
        () => watch('pause', eosin.pause(someRun())),
        () => watch('cancel', eosin.cancel(someRun())),
        () => watch('cancel', eosin.cancel(someRun())),
        () => watch('resume', eosin.resume(someRun())),
        () => watch('resume, aborted', eosin.resume(someRun(), aborted(random() * 300))),
        () =>
          watch(
            'setView',
            eosin.setView({
              centre: { x: region.x + random() * 8000, y: region.y + random() * 8000 },
              magnification: pick([5, 10, 20]),
            }),
          ),
        () => watch('open', eosin.open(pick(['phantom:5', 'phantom:5', 'phantom:6']))),
        () => watch('open, aborted', eosin.open('phantom:5', aborted(random() * 100))),
        () => watch('hash', eosin.resultHash(undefined)),
        () => watch('trust', eosin.trust(model)),
        () => void eosin.objects('nuclei'),
        () => watch('select', eosin.select('area > 20')),
      ];
      for (let step = 0; step < steps; step++) {
        pick(ways)();
        await new Promise((next) => setTimeout(next, random() < 0.4 ? 0 : random() * 400));
      }
      eosin.live(false);
      for (const { id, state } of eosin.runs())
        if (state === 'running' || state === 'queued') watch('last cancel', eosin.cancel(id));
      const until = performance.now() + 60_000;
      while (pending.size > 0 && performance.now() < until) await new Promise((next) => setTimeout(next, 50));
      return { trail, said, pending: [...pending.values()] };
    },
    { seed, steps: STEPS, model: SIBLING, region: REGION },
  );

const result = (page: Page) =>
  page.evaluate(
    async ({ model, region }) => {
      await window.eosin.open('phantom:5');
      const { id, patches } = await window.eosin.analyse({ models: [model], region });
      return { patches, hash: await window.eosin.resultHash(id) };
    },
    { model: SIBLING, region: REGION },
  );

test('whatever starts, stops and switches at random: all settles, and a run gives what it gave', async ({
  page,
  site,
}) => {
  test.setTimeout(400_000); // on a machine with other work; 20 s of it are the walk
  await countWorkers(page);
  await offerSibling(page);
  await openEosin(page, site, SLIDE);
  const expected = await result(page);
  const workers = await workersOf(page);
  const { pending, said, trail } = await walk(page, SEED);
  const seen = `${trail.join(', ')}: ${JSON.stringify(said)}`;
  expect(pending, seen).toEqual([]);
  const atWork = () =>
    page.evaluate(() => window.eosin.runs().filter(({ state }) => state === 'running' || state === 'queued'));
  await expect.poll(atWork, { message: seen, timeout: 30_000 }).toEqual([]);
  expect(await result(page), seen).toEqual(expected);
  await expect.poll(() => workersOf(page), { message: seen, timeout: 60_000 }).toBeLessThanOrEqual(workers + SPARE);
});

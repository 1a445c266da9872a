// Runs that are stopped, cut short, queued and found again. Times are measured in the page.
import type { Browser, Page } from '@playwright/test';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_CORE, SIBLING_REGION, TWIN } from './sibling.ts';
import { ALONE, expect, openEosin, test } from './site.ts';

const SLIDE = 'slide=phantom:5&device=wasm';
const at = (cols: number, rows: number) => ({
  x: 380 * SIBLING_CORE,
  y: 300 * SIBLING_CORE,
  width: cols * SIBLING_CORE,
  height: rows * SIBLING_CORE,
});
/** Ends within a second or two. */
const SMALL = at(4, 3);
/** Takes long enough to be stopped in the middle. */
const LARGE = at(40, 40);

type Line = ReturnType<Window['eosin']['runs']>[number];
const runsOf = (page: Page): Promise<Line[]> => page.evaluate(() => window.eosin.runs());
const hashOf = (page: Page, run?: string): Promise<string> => page.evaluate((run) => window.eosin.resultHash(run), run);

/** Begins a run and waits until so many patches are done; it goes on. Its end is left in `window.ended`. */
async function beginRun(page: Page, region: typeof LARGE, patches: number): Promise<void> {
  await page.evaluate(
    ({ region, model }) => {
      const end = window.eosin.analyse({ models: [model], region }).then(
        (result) => ({ patches: result.patches }),
        (error: unknown) => ({ error: String(error) }),
      );
      Object.assign(window, { ended: end });
    },
    { region, model: SIBLING },
  );
  await untilDone(page, patches);
}

/** Waits until the run has so many patches. It looks often, and in the page: what is done next shall still be in the middle of it. */
const untilDone = (page: Page, patches: number) =>
  page.waitForFunction(
    (patches) => (window.eosin.runs().find(({ state }) => state === 'running')?.done ?? 0) >= patches,
    patches,
    { polling: 20, timeout: 60_000 },
  );
const ended = (page: Page): Promise<unknown> => page.evaluate(() => Reflect.get(window, 'ended'));

test.beforeEach(({ page }) => offerSibling(page));

/** All pages and their workers stand still, as in a computer that sleeps. Freezing by CDP does nothing to a page that Playwright holds in focus. */
async function sleep(browser: Browser, ms: number): Promise<void> {
  const asking = await browser.newBrowserCDPSession();
  const { processInfo } = await asking.send('SystemInfo.getProcessInfo');
  await asking.detach();
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  for (const id of pages) process.kill(id, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, ms));
  for (const id of pages) process.kill(id, 'SIGCONT');
}

/** Waits until a run that was cut short is offered, and takes the offer. @returns the run */
async function resumeOffered(page: Page, patches: number): Promise<Line> {
  const notice = page.getByTestId('notice');
  await expect(notice).toContainText(new RegExp(`A run of this slide was interrupted: \\d+ of ${patches} patches\\.`));
  expect(await page.evaluate(() => window.eosin.objects('nuclei').count)).toBe(0);
  const cut = (await runsOf(page)).find(({ state }) => state === 'interrupted');
  if (!cut) throw new Error('No run is interrupted.');
  await notice.getByRole('button', { name: 'Resume' }).click();
  return cut;
}

test('sleep, a reload and a crash in the middle of a run: it goes on or is offered again, and ends with the same result bit for bit', {
  tag: ALONE,
}, async ({ page, site, context, browser }) => {
  await openEosin(page, site, SLIDE);
  const [whole, patches] = [at(10, 12), 120];
  await analyse(page, { models: [SIBLING], region: whole });
  const expected = await hashOf(page);
  const [first] = await runsOf(page);

  // How much is done when the page finds that it stood still.
  const slept = page.evaluate(
    () =>
      new Promise<number | undefined>((resolve) => {
        let last = performance.now();
        const clock = setInterval(() => {
          const now = performance.now();
          const isWoken = now - last > 800;
          last = now;
          if (!isWoken) return;
          clearInterval(clock);
          resolve(window.eosin.runs()[0]?.done);
        }, 20);
      }),
  );
  await beginRun(page, whole, 1);
  await sleep(browser, 1000);
  const woken = (await slept) ?? patches;
  expect(woken).toBeLessThan(patches);
  await untilDone(page, woken + 1); // it goes on by itself

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  const cut = await resumeOffered(page, patches);
  expect(cut.done).toBeGreaterThan(woken);
  expect(cut.done).toBeLessThan(patches);
  const crashed = page.waitForEvent('crash');
  const inPage = await context.newCDPSession(page);
  await untilDone(page, cut.done + 1);
  inPage.send('Page.crash').catch(() => undefined); // nobody is left to answer
  await crashed;
  const next = await context.newPage();
  await offerSibling(next);
  await openEosin(next, site, SLIDE);
  const again = await resumeOffered(next, patches);
  expect(again.id).toBe(cut.id);
  expect(again.done).toBeGreaterThan(cut.done);
  expect(again.done).toBeLessThan(patches);
  await expect
    .poll(async () => (await runsOf(next)).find(({ id }) => id === cut.id)?.state, { timeout: 60_000 })
    .toBe('done');
  expect(await hashOf(next, cut.id)).toBe(expected);
  expect(await hashOf(next, first?.id)).toBe(expected); // the run of before, out of its journal
});

test('the view moves in the middle of a run: what is in it comes next, long before what lies between', async ({
  page,
  site,
}) => {
  await openEosin(page, site, SLIDE);
  const show = (x: number, y: number) =>
    page.evaluate((centre) => window.eosin.setView({ centre, magnification: 40 }), { x, y });
  const [corner, target] = [LARGE.x + LARGE.width - SIBLING_CORE, SIBLING_REGION];
  await show(corner, LARGE.y + LARGE.height - SIBLING_CORE);
  await beginRun(page, LARGE, 10);
  const isThere = (there: typeof target): boolean => {
    const { count, centroids } = window.eosin.objects('nuclei');
    for (let i = 0; i < count; i++) {
      const [x, y] = [(centroids[2 * i] ?? 0) - there.x, (centroids[2 * i + 1] ?? 0) - there.y];
      if (x >= 0 && x < there.width && y >= 0 && y < there.height) return true;
    }
    return false;
  };
  expect(await page.evaluate(isThere, target)).toBe(false);
  const before = (await runsOf(page))[0]?.done ?? 0;
  await show(target.x + target.width / 2, target.y + target.height / 2);
  await page.waitForFunction(isThere, target, { polling: 20 });
  const after = (await runsOf(page))[0]?.done ?? 0;
  await page.evaluate(() => window.eosin.cancel());
  console.log(`${after - before} of 1600 patches until the view had its nuclei`);
  expect(after - before).toBeLessThan(100); // over 600 lie nearer to where the view was
});

test('Cancel settles within 100 ms, keeps what was found, and the next run starts at once', { tag: ALONE }, async ({
  page,
  site,
}) => {
  await openEosin(page, site, SLIDE);
  await beginRun(page, LARGE, 10);
  const { took, patches, nuclei } = await page.evaluate(async () => {
    const asked = performance.now();
    const { patches } = await window.eosin.cancel();
    return { took: performance.now() - asked, patches, nuclei: window.eosin.objects('nuclei').count };
  });
  console.log(`cancelled in ${took.toFixed(1)} ms`);
  expect(took).toBeLessThan(100); // the requirement
  expect(patches).toBeGreaterThanOrEqual(10);
  expect(nuclei).toBeGreaterThan(0);
  expect(await ended(page)).toEqual({ patches });
  const [cancelled, ...others] = await runsOf(page);
  expect([cancelled?.state, cancelled?.total, others]).toEqual(['cancelled', 1600, []]);
  // A patch that was on its way into the journal when Cancel came is kept there, too: it is work done.
  expect(cancelled?.done).toBeGreaterThanOrEqual(patches);
  expect(cancelled?.done).toBeLessThanOrEqual(patches + 2);
  expect(await analyse(page, { models: [SIBLING], region: SMALL })).toMatchObject({ patches: 12 });
});

test('pause holds a run, resume ends it; two runs on one slide wait for each other', async ({ page, site }) => {
  await openEosin(page, site, SLIDE);
  await beginRun(page, at(8, 6), 6);
  const bar = page.getByRole('region', { name: 'Run', exact: true });
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByTestId('notice')).toContainText(/Paused after \d+ patch(es)?/);
  const [paused] = await runsOf(page);
  expect(paused?.state).toBe('paused');
  await expect(bar).toHaveCount(0);
  const { patches, beside } = await page.evaluate(
    async ({ region, model }) => {
      const both = [window.eosin.resume(), window.eosin.analyse({ models: [model], region })] as const;
      const beside = new Set<string>(); // what the second was while the first ran
      const look = setInterval(() => {
        const [second, first] = window.eosin.runs();
        if (first?.state === 'running') beside.add(`${second?.state}, ${second?.done} done`);
      }, 5);
      const patches = (await Promise.all(both)).map((result) => result.patches);
      clearInterval(look);
      return { patches, beside: [...beside] };
    },
    { region: SMALL, model: SIBLING },
  );
  expect(patches).toEqual([48, 12]);
  expect(beside).toEqual(['queued, 0 done']);
  expect((await runsOf(page)).map(({ state }) => state)).toEqual(['done', 'done']);
});

test('a second tab on the same slide is told who writes, and goes on in memory', async ({ page, site, context }) => {
  await openEosin(page, site, SLIDE);
  await beginRun(page, LARGE, 3);
  const other = await context.newPage();
  await offerSibling(other);
  await openEosin(other, site, SLIDE);
  await expect.poll(async () => (await runsOf(other)).length).toBe(1);
  const [theirs] = await runsOf(other);
  const refused = await other.evaluate(
    (run) => window.eosin.resume(run).catch((error: unknown) => String(error)),
    theirs?.id,
  );
  expect(refused).toContain('Another tab of this browser');
  expect(await analyse(other, { models: [SIBLING], region: SMALL })).toMatchObject({ patches: 12 });
  await expect(other.getByTestId('notice')).toContainText(/Another tab .* This run is kept in memory/);
  await page.evaluate(() => window.eosin.cancel());
  await other.close();
});

test('a finished run is shown again without computing, with the same objects', async ({ page, site }) => {
  await openEosin(page, site, SLIDE);
  const result = await analyse(page, { models: [SIBLING], region: SMALL });
  const expected = await hashOf(page);
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await expect.poll(async () => (await runsOf(page)).length).toBe(1);
  await page.route('**/*.onnx', (route) => route.abort()); // nothing is computed without it
  await page.keyboard.press('q');
  await page.getByRole('dialog', { name: 'Runs' }).getByRole('button', { name: /^Show/ }).click();
  await expect.poll(() => page.evaluate(() => window.eosin.objects('nuclei').count)).toBe(result.counts.nuclei);
  expect(await hashOf(page)).toBe(expected);
});

test('the worker that computes is ended in the middle of a run: the run goes on, nothing is lost', async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    const made: Worker[] = [];
    const Original = Worker;
    Object.assign(window, { made });
    window.Worker = class extends Original {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (String(url).includes('inference')) made.push(this);
      }
    };
  });
  await openEosin(page, site, SLIDE);
  const whole = at(5, 4);
  await analyse(page, { models: [SIBLING], region: whole });
  const expected = await hashOf(page);
  await beginRun(page, whole, 5);
  const killed = await page.evaluate(() => {
    const made: Worker[] = Reflect.get(window, 'made');
    for (const worker of made) {
      worker.dispatchEvent(new ErrorEvent('error', { message: 'ended by the test' }));
      worker.terminate();
    }
    return made.length;
  });
  expect(killed).toBeGreaterThan(0);
  expect(await ended(page)).toEqual({ patches: 20 });
  expect(await hashOf(page)).toBe(expected);
});

test('two models in one run: the run bar has both, Pause holds both, and they end together', async ({ page, site }) => {
  await offerSibling(page, true);
  await openEosin(page, site, SLIDE);
  await page.evaluate(({ region, models }) => void window.eosin.analyse({ models, region }), {
    region: at(12, 8),
    models: [SIBLING, TWIN.id],
  });
  const bar = page.getByRole('region', { name: 'Run', exact: true });
  await expect(bar).toContainText('of 192 patches', { timeout: 30_000 });
  const models = bar.getByRole('button', { name: '2 models' });
  await expect(models).toHaveAttribute('data-hint', /Twin: \d+ of 96 patches.* Pause and Cancel act on all of them\./);
  await bar.getByRole('button', { name: 'Pause all' }).click();
  await expect(page.getByTestId('notice')).toContainText(/Paused after \d+ patch(es)? of all 2 models/);
  expect((await runsOf(page)).map(({ state }) => state)).toEqual(['paused', 'paused']);
  await expect(bar).toHaveCount(0);
  await page.getByTestId('notice').getByRole('button', { name: 'Resume' }).click();
  const ends = async () => (await runsOf(page)).map(({ state, done }) => `${state} ${done}`);
  await expect.poll(ends, { timeout: 60_000 }).toEqual(['done 96', 'done 96']);
});

test('two models in one run: both are in the list, the second is shown on asking', async ({ page, site }) => {
  await offerSibling(page, true);
  await openEosin(page, site, SLIDE);
  await page.getByRole('button', { name: /Choose a model/ }).click();
  await page.getByRole('checkbox', { name: `${TWIN.name} in the same run` }).check();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /Choose a model/ })).toContainText('and 1 more');
  const { x, y, width, height } = SMALL;
  await page.evaluate((centre) => window.eosin.setView({ centre, magnification: 160 }), {
    x: x + width / 2,
    y: y + height / 2,
  });
  await page.getByRole('button', { name: 'Analyse this view' }).click();
  const rows = page.getByRole('region', { name: 'Runs' }).getByRole('listitem');
  await expect(rows).toHaveCount(2, { timeout: 60_000 });
  await expect(rows.nth(0)).toContainText('on the slide now', { timeout: 60_000 });
  await expect(rows.nth(1)).toContainText(TWIN.name);
  const states = async (): Promise<string[]> => (await runsOf(page)).map(({ state }) => state);
  await expect.poll(states, { timeout: 60_000 }).toEqual(['done', 'done']);
  const [first, second] = await runsOf(page);
  expect(await hashOf(page, second?.id)).toBe(await hashOf(page, first?.id)); // the same network
  await rows.nth(1).getByRole('button', { name: /^Show/ }).click();
  await expect(rows.nth(1)).toContainText('on the slide now');
});

test('careful, from the menu: four views give another result, said of the run, and one view the same as before', async ({
  page,
  site,
}) => {
  await openEosin(page, site, SLIDE);
  await analyse(page, { models: [SIBLING], region: SMALL });
  const one = await hashOf(page);
  await page.getByRole('button', { name: 'Choose what to analyse' }).click();
  const careful = page.getByRole('menuitemcheckbox', { name: 'Careful: four views, 4× as long' });
  await expect(careful).toHaveAttribute('aria-checked', 'false');
  await careful.click();
  await expect(careful).toHaveAttribute('aria-checked', 'true');
  await page.keyboard.press('Escape');
  await analyse(page, { models: [SIBLING], region: SMALL });
  const four = await hashOf(page);
  expect(four).not.toBe(one);
  const rows = page.getByRole('region', { name: 'Runs' }).getByRole('listitem');
  await expect(rows.nth(0)).toContainText('careful (4 views)');
  await expect(rows.nth(1)).not.toContainText('careful');
  await page.reload(); // the choice outlives the page
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await analyse(page, { models: [SIBLING], region: SMALL });
  expect(await hashOf(page)).toBe(four);
  const asked = { models: [SIBLING], region: SMALL, views: 1 as const };
  await analyse(page, asked); // a script says for itself
  expect(await hashOf(page)).toBe(one);
  const wrong = page.evaluate(() => window.eosin.analyse({ views: Object(2) }));
  await expect(wrong).rejects.toThrow('Ask for 1 or 4.');
});

// A hundred runs in one page's life, with the workers of post-processing and the disk as they are; slide and network are
// stand-ins, so that it takes seconds. Counted is what the page holds after a collection, arrays included, and its workers.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { openPostprocess } from '#analysis/open-postprocess.ts';
import { analyse } from '#analysis/run.ts';
import { scene } from '#analysis/testing/scene-run.ts';
import { sceneManifest, sceneModel, sceneSlide } from '#analysis/testing/stand-in.ts';
import type { JudgedModel } from '#inference/model.ts';
import { openKeptRuns } from '../kept-runs/open-kept-runs.ts';
import { clearDisk } from '../testing/clear-disk.ts';
import { bench, signal } from '../testing/run-bench.ts';

const RUNS = 100;
const WARM_UP = 20; //        of them: code is compiled, pools fill
const MOST_A_RUN = 50_000; // bytes: its line in the list takes some kilobytes, its maps, columns and pictures a megabyte
const KEPT = 10; //           at most, of the last: a look at the disk reads the beginning of each
const SIDE = 500; //         px: four cores, with glands over their seams
const region = { x: 0, y: 0, width: SIDE, height: SIDE };

beforeEach(() => clearDisk());
afterEach(() => clearDisk());

async function bytesInUse(): Promise<number> {
  await cdp().send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = await cdp().send('Runtime.getHeapUsage');
  return usedSize + backingStorageSize;
}

/** Workers that were started and not ended. */
function countWorkers(): { readonly alive: Set<Worker>; stop(): void } {
  const alive = new Set<Worker>();
  const Original = Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      alive.add(this);
    }
    override terminate(): void {
      super.terminate();
      alive.delete(this);
    }
  };
  return { alive, stop: () => void (globalThis.Worker = Original) };
}

test('a hundred runs do not grow, in bytes or in workers', { timeout: 240_000 }, async () => {
  const { alive, stop } = countWorkers();
  using postprocess = openPostprocess({ nucleiThreads: 2 });
  using disk = await openKeptRuns({ signal });
  expect(disk.whyNotKept).toBeUndefined();
  const network = sceneModel();
  const loaded: JudgedModel = { ...network, judgeAgain: async () => network.report };
  const slideOf = () => sceneSlide({ ...scene, width: SIDE, height: SIDE });
  const page = await bench({ analyse }, { loaded, network: sceneManifest, disk, postprocess, slideOf });
  const held: number[] = [];
  const workers: number[] = [];
  for (let k = 1; k <= RUNS; k++) {
    expect(await page.runs.analyse({ region }, { signal })).toMatchObject({ patches: 4, failedPatches: 0 });
    const oldest = page.runs.list()[KEPT];
    if (oldest) await page.runs.remove(oldest.id);
    if (k !== WARM_UP && k !== RUNS) continue;
    held.push(await bytesInUse());
    workers.push(alive.size);
  }
  const [before = 0, after = 0] = held;
  console.log(`${(before / 1e6).toFixed(1)} MB after ${WARM_UP} runs, ${(after / 1e6).toFixed(1)} MB after ${RUNS}`);
  expect((after - before) / (RUNS - WARM_UP)).toBeLessThan(MOST_A_RUN);
  expect(workers[1]).toBe(workers[0]);
  expect(network.openRuns()).toBe(0);
  expect(page.runs.list()).toHaveLength(KEPT);
  await page.runs.removeFinished(); // behind the last look at the disk
  stop();
});

// A run on the real disk of the browser, whose quota ends in the middle of it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { analyse } from '#analysis/run.ts';
import { HEIGHT, scene, WIDTH } from '#analysis/testing/scene-run.ts';
import { sceneManifest, sceneModel, sceneSlide } from '#analysis/testing/stand-in.ts';
import type { JudgedModel } from '#inference/model.ts';
import { clearDisk } from '../testing/clear-disk.ts';
import { bench, signal } from '../testing/run-bench.ts';
import type { KeptRuns } from './kept-runs.ts';
import { openKeptRuns } from './open-kept-runs.ts';

const region = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const { origin } = location;
beforeEach(() => clearDisk());
afterEach(async () => {
  await cdp().send('Storage.overrideQuotaForOrigin', { origin });
  await clearDisk();
});

/** A page whose forecasts are believed to fit, as where the browser's estimate is too large. */
async function page(disk: KeptRuns) {
  const network = sceneModel();
  const loaded: JudgedModel = { ...network, judgeAgain: async () => network.report };
  const hopeful: KeptRuns = { ...disk, begin: (header, waits) => disk.begin(header, { ...waits, neededBytes: 0 }) };
  const slideOf = () => sceneSlide(scene);
  return { network, ...(await bench({ analyse }, { loaded, network: sceneManifest, disk: hopeful, slideOf })) };
}

test('a run that fills the disk goes on in memory to the same end', async () => {
  using disk = await openKeptRuns({ signal });
  expect(disk.whyNotKept).toBeUndefined();
  const sound = await page(disk);
  const { id: first } = await sound.runs.analyse({ region, attention: 'none' }, { signal });
  const expected = await sound.runs.resultHash(first, { signal });
  const { usedBytes } = await disk.room({ signal });
  const [{ bytes } = { bytes: 0 }] = await disk.list({ signal });

  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usedBytes + Math.round(bytes / 2) });
  const { runs, network, found } = await page(disk);
  const full = runs.analyse({ region, attention: 'none' }, { signal });
  await expect(full).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
  const cut = runs.list().find(({ state }) => state === 'interrupted');
  expect(cut?.done).toBeGreaterThan(0);
  const before = network.runs();
  await runs.analyseInMemory();
  expect(network.runs() - before).toBeLessThan(9); // what the disk took is not computed again
  const ended = runs.list().find(({ id }) => id === cut?.id);
  expect(ended).toMatchObject({ state: 'done', kept: 'in memory', shown: true });
  expect(found.store('nuclei').counts.count).toBeGreaterThan(0);
  expect(await runs.resultHash(ended?.id, { signal })).toBe(expected);
});

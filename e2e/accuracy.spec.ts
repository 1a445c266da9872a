// The sample knows its own truth: what is found on seeds that the network never saw (those below 1000).
import { analyse, objectsIn } from './findings.ts';
import { add, f1Of, type Matches, match, noMatches } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

const SEEDS = [3, 17];
/** Inside one core of the anchored grid (23, 18), near the middle: 394 µm a side, so that few glands reach into others. */
const REGION = { x: 23 * 2176 + 300, y: 18 * 2176 + 300, width: 1576, height: 1576 };
const LEAST_F1 = { nuclei: 0.7, glands: 0.6 };

test('F1 on unseen seeds: nuclei ≥ 0.70, glands ≥ 0.60', async ({ page, site }, info) => {
  test.setTimeout(600_000);
  const totals: Record<keyof typeof LEAST_F1, Matches> = { nuclei: noMatches, glands: noMatches };
  await openEosin(page, site);
  for (const seed of SEEDS) {
    await page.evaluate((seed) => window.eosin.open(`phantom:${seed}`), seed);
    await analyse(page, { region: REGION });
    for (const kind of ['nuclei', 'glands'] as const) {
      const rings = async (truthIn?: typeof REGION) => (await objectsIn(page, kind, truthIn)).map(({ ring }) => ring);
      const truth = await rings(REGION);
      expect(truth.length, `${kind} that seed ${seed} has`).toBeGreaterThan(kind === 'nuclei' ? 200 : 2);
      const matches = match(await rings(), truth, REGION, kind === 'nuclei' ? 1 : 4);
      console.log(`phantom:${seed} ${kind}: F1 ${f1Of(matches).toFixed(3)} ${JSON.stringify(matches)}`);
      totals[kind] = add(totals[kind], matches);
    }
  }
  for (const kind of ['nuclei', 'glands'] as const) {
    info.annotations.push({ type: `F1 of ${kind}`, description: f1Of(totals[kind]).toFixed(3) });
    console.log(`all seeds, ${kind}: F1 ${f1Of(totals[kind]).toFixed(3)}`);
    expect(f1Of(totals[kind]), kind).toBeGreaterThanOrEqual(LEAST_F1[kind]);
  }
});

import { expect, test } from 'vitest';
import { FieldGrid } from './field-grid.ts';
import { Glands } from './glands.ts';
import { Plan } from './plan.ts';

test('from afar there are the glands of the truth, as large as they are, near follicles and tears too', () => {
  const plan = new Plan(1);
  const coarse = new FieldGrid(plan.anatomy, 64);
  const far = new Glands(plan.anatomy.seed, plan.frame, coarse, { detail: 0.35, exact: plan.glands });
  let all = 0;
  for (let y = 2000; y < 18_000; y += 4000) {
    for (let x = 2500; x < 22_500; x += 5000) {
      const area = { x, y, width: 1500, height: 1500 };
      const truth = new Map(plan.glands.touching(area).map((gland) => [gland.seed, gland]));
      const seen = new Map(far.touching(area).map((gland) => [gland.seed, gland]));
      expect([...seen.keys()].filter((seed) => !truth.has(seed))).toEqual([]);
      for (const [seed, { bounds }] of seen)
        expect(bounds.width / (truth.get(seed)?.bounds.width ?? 0)).toBeCloseTo(1, 0);
      expect(seen.size).toBeGreaterThanOrEqual(truth.size - 1); // one that is just large enough
      all += truth.size;
    }
  }
  expect(all).toBeGreaterThan(400);
});

// Learning on a real slide: labels, heads, encoders side by side, attention; what was done is there after a reload.
import type { Page } from '@playwright/test';
import { expect, openEosin, sharedFile, test } from './site.ts';

const CMU = 'CMU-1-Small-Region.svs';
/** Epidermis above, dermis below. */
const REGION = { x: 300, y: 300, width: 1570, height: 1570 }; // 7 × 7 patches of 112 µm

interface Embedded {
  readonly set: string;
  readonly rows: number;
  readonly seconds: number;
}

const embed = (page: Page, encoder: string): Promise<Embedded> =>
  page.evaluate(
    async ([id, region]) => {
      const began = performance.now();
      const { set, rows } = await window.eosin.embed({ encoder: id, region });
      return { set, rows, seconds: (performance.now() - began) / 1000 };
    },
    [encoder, REGION] as const,
  );

test('open, embed, label 40 patches, train, predict, compare four blocks of two encoders, reload, go on', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${CMU}`);
  const open = () => page.evaluate((url) => window.eosin.open(url), `${slideHost.url}${CMU}`);
  await openEosin(page, site, 'device=wasm');
  await open();
  const first = await embed(page, 'resnet18-simclr');
  expect(first.rows).toBeGreaterThanOrEqual(45);

  const learnt = await page.evaluate(async (set) => {
    const { boxes, rows } = window.eosin.features(set);
    // Which half of the region a patch lies in: what is above differs from what is below, and everybody can check it.
    const order = Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => (boxes[4 * a + 1] ?? 0) - (boxes[4 * b + 1] ?? 0),
    );
    window.eosin.label(set, order.slice(0, 20), 'Above');
    window.eosin.label(set, order.slice(-20), 'Below');
    const head = await window.eosin.trainHead({ set, block: 'block3', folds: 5 });
    const { classes, probabilities } = await window.eosin.predict(head.head, set);
    const right = [...order.slice(0, 20), ...order.slice(-20)].filter(
      (row, i) => (probabilities[2 * row] ?? 0) > 0.5 === i < 20,
    ).length;
    return { head, classes, right, similar: window.eosin.neighbours(set, order[0] ?? 0, 5) };
  }, first.set);
  expect(learnt.classes).toEqual(['Above', 'Below']);
  expect(learnt.head.macroF1).toBeGreaterThan(0.5); // better than a guess on blocks that were left out
  expect(learnt.head.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(learnt.right).toBeGreaterThanOrEqual(32);
  expect(learnt.similar).toHaveLength(5);

  const second = await embed(page, 'resnet18-imagenet-distilled');
  expect(second.rows).toBe(first.rows);
  const compared = await page.evaluate(
    async ([a, b]) => {
      const sets = [
        ...['block1', 'block2', 'block3', 'block4'].map((block) => ({ set: a, block })),
        ...['block1', 'block2', 'block3'].map((block) => ({ set: b, block })),
      ];
      const { matrix } = await window.eosin.cka(sets);
      const ranked = await window.eosin.rankEncoders({ sets: [a, b] });
      const other = await window.eosin.trainHead({ set: b });
      return { matrix: [...matrix], ranked, otherLabels: other.confusion.flat().reduce((sum, n) => sum + n, 0) };
    },
    [first.set, second.set] as const,
  );
  for (let i = 0; i < 7; i++) expect(compared.matrix[8 * i]).toBeCloseTo(1, 5);
  expect(compared.matrix.every((value) => value > 0 && value < 1 + 1e-6)).toBe(true);
  expect(compared.ranked).toHaveLength(7);
  expect(compared.ranked[0]?.secondsPerPatch).toBeGreaterThan(0);
  expect(compared.otherLabels).toBe(40); // labels hold for every encoder

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await open();
  const again = await embed(page, 'resnet18-simclr');
  expect(again.rows).toBe(first.rows);
  info.annotations.push({
    type: 'embedding',
    description: `${first.seconds.toFixed(1)} s, again ${again.seconds.toFixed(1)} s`,
  });
  const trained = await page.evaluate((set) => window.eosin.trainHead({ set, block: 'block3', folds: 5 }), again.set);
  expect(trained.macroF1).toBeCloseTo(learnt.head.macroF1, 6); // the same features, labels and folds, bit for bit
  expect(trained.confusion).toEqual(learnt.head.confusion);
});

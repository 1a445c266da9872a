// Bags of several slides, whose features come from the disk; labels and bags outlive the window.
import { expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { Random } from '#learn/random.ts';
import { overPort } from '#learn/testing/over-port.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import { encodeRows } from '../kept-learning/feature-rows.ts';
import { type FeaturesOf, LearningShelf } from '../kept-learning/learning-shelf.ts';
import { createLearnStore } from '../stores/learn-store.ts';
import { BagDesk } from './bag-desk.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';

const encoder = parsePatchManifest(simclr);
const waits = new AbortController();
const ROWS = 30;

const ofSlide = (k: number): FeaturesOf => ({
  fingerprint: `slide${k}`,
  encoder: { id: encoder.id, sha256: encoder.sha256 },
  mpp: { x: mpp(0.5), y: mpp(0.5) },
  stridePx: undefined,
});

/** Features of a slide onto the shelf; those of odd slides hold a few patches that the others have not. */
async function embedded(shelf: LearningShelf, k: number): Promise<void> {
  const random = new Random(k + 1);
  const set = new FeatureSet(encoder);
  for (let row = 0; row < ROWS; row++) {
    const box = { x: 224 * row, y: 0, width: 224, height: 224 };
    const isTold = k % 2 === 1 && row < 5;
    const outputs = set.blocks.map(({ name, channels }) => {
      const data = Float32Array.from({ length: channels }, (_, c) => (isTold && c % 8 === 0 ? 3 : 0) + random.normal());
      return [name, { dims: [1, channels], data }] as const;
    });
    set.add(`${box.x},0,224`, box, Object.fromEntries(outputs));
  }
  const log = await shelf.features(ofSlide(k), waits);
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    row,
    box: { x: 224 * row, y: 0, width: 224, height: 224 },
  }));
  await log.append(encodeRows(set, rows), waits);
  log[Symbol.dispose]();
}

function bench(shelf: LearningShelf) {
  const store = createLearnStore();
  const learnt = new Learnt();
  const desk = new LearnDesk(overPort(), 512e6);
  const bags = new BagDesk({ store, shelf: async () => shelf, desk: () => desk, learnt, openSet: () => undefined });
  return { store, learnt, bags, [Symbol.dispose]: () => desk[Symbol.dispose]() };
}

const asked = { encoder, block: 'block3', gated: false, topK: 0, folds: 4 };

test('attention learns from slides that are not open, patients are left out together', async () => {
  const shelf = new LearningShelf(memoryStorage());
  for (let k = 0; k < 12; k++) await embedded(shelf, k);
  using first = bench(shelf);
  await first.bags.open();
  for (let k = 0; k < 12; k++) {
    first.bags.add(`slide ${k}`, ofSlide(k), ROWS);
    const id = first.store.getState().bags.at(-1)?.id ?? '';
    first.bags.set(id, { label: k % 2 === 1 ? 'tumour' : 'none', group: `patient ${k >> 2}` });
  }
  const found = await first.bags.train(asked, waits);
  expect(found).toMatchObject({ classes: ['none', 'tumour'], bags: 12, isByGroup: true, block: 'block3' });
  expect(found.auc).toBeGreaterThan(0.9);
  expect(first.learnt.attention(found.model).encoder.sha256).toBe(encoder.sha256);
});

test('a bag that is added again keeps its label; what cannot be learnt is said', async () => {
  const shelf = new LearningShelf(memoryStorage());
  await embedded(shelf, 0);
  using desk = bench(shelf);
  const { bags, store } = desk;
  await bags.open();
  await expect(bags.train(asked, waits)).rejects.toThrow(/none of .* has a label/);
  bags.add('a', ofSlide(0), ROWS);
  bags.set(store.getState().bags[0]?.id ?? '', { label: 'tumour' });
  bags.add('a', ofSlide(0), ROWS + 5);
  expect(store.getState().bags).toMatchObject([{ name: 'a', label: 'tumour', patches: ROWS + 5 }]);
  await expect(bags.train(asked, waits)).rejects.toThrow(/The bags/); // one class only
  bags.add('gone', ofSlide(7), ROWS);
  bags.set(store.getState().bags[1]?.id ?? '', { label: 'none' });
  await expect(bags.train(asked, waits)).rejects.toThrow(/The bag gone: its features are not on this disk/);
  bags.remove(store.getState().bags[1]?.id ?? '');
  expect(store.getState().bags).toHaveLength(1);
});

test('bags are kept', async () => {
  const storage = memoryStorage();
  const shelf = new LearningShelf(storage);
  using first = bench(shelf);
  await first.bags.open();
  first.bags.add('a', ofSlide(3), ROWS);
  first.bags.set(first.store.getState().bags[0]?.id ?? '', { label: 'tumour', group: 'p' });
  await first.bags.written();
  first.bags.close();
  using next = bench(shelf);
  await expect
    .poll(async () => {
      await next.bags.open();
      return next.store.getState().bags;
    })
    .toMatchObject([{ name: 'a', label: 'tumour', group: 'p', patches: ROWS }]);
});

test('folders of pictures are bags: labelled by where they lay, kept, and learnt from with the window closed in between', async () => {
  const shelf = new LearningShelf(memoryStorage());
  using first = bench(shelf);
  await first.bags.open();
  const random = new Random(9);
  const folder = (k: number): FeatureSet => {
    const set = new FeatureSet(encoder);
    for (let row = 0; row < 6; row++) {
      const outputs = set.blocks.map(({ name, channels }) => {
        const isTold = k % 2 === 1 && row < 2;
        const data = Float32Array.from(
          { length: channels },
          (_, c) => (isTold && c % 8 === 0 ? 3 : 0) + random.normal(),
        );
        return [name, { dims: [1, channels], data }] as const;
      });
      set.add(`picture ${row}`, { x: 100 * row, y: 0, width: 100, height: 100 }, Object.fromEntries(outputs));
    }
    return set;
  };
  for (let k = 0; k < 10; k++)
    await first.bags.addPictures(`folder ${k}`, k % 2 === 1 ? 'tumour' : 'none', ofSlide(100 + k), folder(k), waits);
  expect(first.store.getState().bags[1]).toMatchObject({ name: 'folder 1', label: 'tumour', patches: 6 });
  const found = await first.bags.train({ ...asked, folds: 5 }, waits);
  await first.bags.written();
  first.bags.close();
  using next = bench(shelf);
  await expect
    .poll(async () => {
      await next.bags.open();
      return next.store.getState().bags.length;
    })
    .toBe(10);
  const again = await next.bags.train({ ...asked, folds: 5 }, waits); // from the disk alone
  expect([again.auc, again.classes]).toEqual([found.auc, ['none', 'tumour']]);
});

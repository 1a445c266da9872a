// The console that learns, on features whose classes a test knows: patches on a grid, the left half of one class.
import { describe, expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { Random } from '#learn/random.ts';
import { overPort } from '#learn/testing/over-port.ts';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import { KeptFeatures } from '../attention/kept-features.ts';
import { Labels } from './labels.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';

const encoder = parsePatchManifest(simclr);
const { signal } = new AbortController();
const waits = { signal };
const [COLS, ROWS, SIDE] = [16, 12, 224];
const isLeft = (row: number): boolean => row % COLS < COLS / 2;

function bench({ noise = 0.3, seed = 1, sha256 = encoder.sha256 } = {}) {
  const kept = new KeptFeatures();
  const random = new Random(seed);
  /** @param wider px that patches reach further on all sides: those of another encoder about the same centres */
  const make = (only: (row: number) => boolean = () => true, of = { ...encoder, sha256 }, wider = 0): FeatureSet => {
    const set = new FeatureSet(of);
    for (let row = 0; row < COLS * ROWS; row++) {
      if (!only(row)) continue;
      const [x, y] = [SIDE * (row % COLS), SIDE * Math.floor(row / COLS)];
      const side = isLeft(row) ? 1 : -1;
      const block = (channels: number, turned: number) => ({
        dims: [1, channels],
        // The class in a few channels; where a patch lies in others, so that neighbours are alike.
        data: Float32Array.from({ length: channels }, (_, c) => {
          const signalOf =
            c % 4 === 0 ? side : c % 4 === 1 ? Math.sin(x / 900 + turned) : c % 4 === 2 ? Math.cos(y / 900) : 0;
          return signalOf + noise * random.normal();
        }),
      });
      const outputs = { block1: block(64, 0), block2: block(128, 1), block3: block(256, 2), block4: block(512, 3) };
      const box = { x: x - wider, y: y - wider, width: SIDE + 2 * wider, height: SIDE + 2 * wider };
      set.add(`${box.x},${box.y},${box.width}`, box, outputs);
    }
    return set;
  };
  const named = (features: FeatureSet): string =>
    kept.name(
      'patches',
      features,
      Uint32Array.from({ length: features.rows }, (_, i) => i),
    ).name;
  const labels = new Labels();
  const learnt = new Learnt();
  const desk = new LearnDesk(overPort(), 512e6);
  const headsOf = () => ({ bring: () => undefined });
  const console = new LearnConsole({ kept: () => kept, labelsOf: () => labels, headsOf, learnt, desk: () => desk });
  return { console, labels, learnt, kept, make, named, [Symbol.dispose]: () => desk[Symbol.dispose]() };
}

const some = (left: boolean, count: number): number[] =>
  Array.from({ length: COLS * ROWS }, (_, row) => row)
    .filter((row) => isLeft(row) === left)
    .filter((_, i, all) => i % Math.floor(all.length / count) === 0)
    .slice(0, count);

describe('a head', () => {
  test('learns from labels by place, is judged on blocks it has not seen, and colours the rest', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const set = named(make());
    console.label(set, some(true, 20), 'Left');
    console.label(set, some(false, 20), 'Right');
    const head = await console.trainHead({ set, block: 'block3' }, waits);
    expect(head.classes).toEqual(['Left', 'Right']);
    expect(head.macroF1).toBeGreaterThan(0.9);
    expect(head.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(head.ci[0]).toBeLessThanOrEqual(head.macroF1);
    const said = await console.predict(head.head, set, waits);
    const right = Array.from({ length: COLS * ROWS }, (_, row) =>
      (said.probabilities[2 * row] ?? 0) > 0.5 === isLeft(row) ? 1 : 0,
    ).reduce((sum: number, hit) => sum + hit, 0);
    expect(right / (COLS * ROWS)).toBeGreaterThan(0.95);
  });

  test('of the same labels, plan and seed is the same; labels hold for another encoder of the same patches', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const [one, two] = [named(make()), named(make())];
    for (const left of [true, false]) console.label(one, some(left, 10), left ? 'Left' : 'Right');
    const asked = { set: one, block: 'block2', hidden: 16, augmentation: 'mixup', seed: 3 };
    const [a, b] = [await console.trainHead(asked, waits), await console.trainHead(asked, waits)];
    expect((await console.predict(a.head, one, waits)).probabilities).toEqual(
      (await console.predict(b.head, one, waits)).probabilities,
    );
    expect((await console.trainHead({ set: two }, waits)).macroF1).toBeGreaterThan(0.8);
  });

  test('of two labels is a head without a figure', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const set = named(make());
    console.label(set, [0], 'Left');
    console.label(set, [15], 'Right');
    const head = await console.trainHead({ set }, waits);
    expect([head.macroF1, ...head.ci]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect((await console.predict(head.head, set, waits)).probabilities).toHaveLength(2 * COLS * ROWS);
  });

  test('what it cannot learn from, or not read, is a sentence', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const set = named(make());
    await expect(console.trainHead({ set }, waits)).rejects.toThrow(/The labels/);
    console.label(set, some(true, 6), 'Left');
    await expect(console.trainHead({ set }, waits)).rejects.toThrow(/all 6 are of one class/);
    console.label(set, some(false, 6), 'Right');
    await expect(console.trainHead({ set, block: 'block9' }, waits)).rejects.toThrow(/none named block9/);
    await expect(console.trainHead({ set, augmentation: 'magic' }, waits)).rejects.toThrow(/noise or mixup/);
    await expect(console.trainHead({ set, folds: 0 }, waits)).rejects.toThrow(
      'The folds: 0. Give how many, from 2 on.',
    );
    await expect(console.trainHead({ set, seed: Number.NaN }, waits)).rejects.toThrow('The seed: NaN.');
    const bags = [{ set, label: 'a' }];
    await expect(console.trainAttention({ bags, topK: -1 }, waits)).rejects.toThrow('The top patches: -1.');
    expect(() => console.neighbours(set, 0, Number.NaN)).toThrow('The neighbours: NaN. Give how many, from 1 on.');
    expect(() => console.label(set, [COLS * ROWS], 'Left')).toThrow(/rows 0 to 191/);
    const { head } = await console.trainHead({ set }, waits);
    const changed = named(make(undefined, { ...encoder, sha256: 'f'.repeat(64) }));
    await expect(console.predict(head, changed, waits)).rejects.toThrow(/another version of resnet18-simclr/);
    await expect(console.predict('head-9', set, waits)).rejects.toThrow(/none named head-9/);
  });

  test('an abort ends its training', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const set = named(make());
    for (const left of [true, false]) console.label(set, some(left, 30), left ? 'Left' : 'Right');
    const controller = new AbortController();
    const training = console.trainHead({ set, hidden: 64 }, controller);
    controller.abort(new Error('changed a label'));
    const meanwhile = console.trainHead({ set }, waits); // waits for the same features
    await expect(training).rejects.toThrow('changed a label');
    expect((await meanwhile).macroF1).toBeGreaterThan(0.8);
    expect((await console.trainHead({ set }, waits)).macroF1).toBeGreaterThan(0.8);
  });
});

describe('encoders side by side', () => {
  test('CKA over the patches that all have: 1 with itself, symmetric', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const [whole, part] = [named(make()), named(make((row) => row % 3 > 0))];
    const asked = [
      { set: whole, block: 'block1' },
      { set: part, block: 'block1' },
      { set: part, block: 'block4' },
    ];
    const { matrix } = await console.cka(asked, waits);
    for (let i = 0; i < 3; i++) expect(matrix[4 * i]).toBeCloseTo(1, 6);
    expect(matrix[1]).toBeCloseTo(matrix[3] ?? 0, 9);
    expect(matrix[1]).toBeGreaterThan(0.8); // the same features but for noise
    const none = named(make((row) => row < 3));
    await expect(console.cka([{ set: none }, { set: named(make((row) => row > 100)) }], waits)).rejects.toThrow(
      /different patches/,
    );
  });

  test('CKA of encoders whose windows differ in size is over the centres that they share', async () => {
    using desk = bench();
    const { console, make, named } = desk;
    const [own, wide] = [named(make((row) => row !== 7)), named(make((row) => row % 3 > 0, encoder, 12.3))];
    const { matrix } = await console.cka(
      [
        { set: own, block: 'block1' },
        { set: wide, block: 'block1' },
      ],
      waits,
    );
    expect(matrix[1]).toBeGreaterThan(0.8);
  });

  test('are ranked best first, block by block', async () => {
    using desk = bench();
    const { console, make, named, kept } = desk;
    const features = make();
    const set = named(features);
    kept.spent(features, 19.2, COLS * ROWS);
    const ranked = await console.rankEncoders({ sets: [set] }, waits);
    expect(ranked.map(({ block }) => block).sort()).toEqual(['block1', 'block2', 'block3', 'block4']);
    const scores = ranked.map(({ proxyScore }) => proxyScore);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(ranked[0]?.secondsPerPatch).toBeCloseTo(0.1);
    expect(scores[0]).toBeGreaterThan(0.6);
  });

  test('similar patches: most similar first, none of them itself', () => {
    using desk = bench({ noise: 0.01 });
    const { console, make, named } = desk;
    const set = named(make());
    const found = console.neighbours(set, 20, 10);
    expect(found).toHaveLength(10);
    expect(found.every(({ row }) => row !== 20 && isLeft(row) === isLeft(20))).toBe(true);
    expect(found.map(({ similarity }) => similarity)).toEqual(
      found.map(({ similarity }) => similarity).sort((a, b) => b - a),
    );
    expect(() => console.neighbours(set, -1, 3)).toThrow(/rows 0 to/);
  });
});

test('attention learns from bags, and says where it looked', async () => {
  using desk = bench();
  const { console, make, named } = desk;
  const set = named(make());
  const rows = Array.from({ length: COLS * ROWS }, (_, row) => row);
  // Bags of one class hold a few patches of the left half, the others none.
  const random = new Random(4);
  const bags = Array.from({ length: 16 }, (_, i) => {
    const right = rows.filter((row) => !isLeft(row) && random.below(2) === 0);
    const left = rows.filter((row) => isLeft(row) && random.below(8) === 0);
    return { set, rows: i % 2 === 0 ? right : [...right, ...left], label: i % 2 === 0 ? 'none' : 'some' };
  });
  const found = await console.trainAttention({ bags, block: 'block3', folds: 4 }, waits);
  expect(found.auc).toBeGreaterThan(0.9);
  expect(found.curve).toHaveLength(10);
  expect(found.curve.at(-1)?.loss).toBeLessThan(found.curve[0]?.loss ?? 0);
  const said = await console.attend(found.model, set, undefined, waits);
  expect(Object.keys(said.prediction)).toEqual(['none', 'some']);
  expect(said.top.slice(0, 20).every(isLeft)).toBe(true);
  const without = await console.attend(found.model, set, rows.filter(isLeft), waits);
  expect(without.prediction.some).toBeLessThan(said.prediction.some ?? 0);
  await expect(console.attend(found.model, set, rows, waits)).rejects.toThrow(/every one is left out/);
});

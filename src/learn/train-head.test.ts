import { describe, expect, test } from 'vitest';
import { USUAL } from './augment.ts';
import { scalingOf, taken } from './features.ts';
import { predict } from './head.ts';
import { accuracy, confusionOf, largest } from './scores.ts';
import { finished } from './steps.ts';
import { clouds, testKernel } from './testing/made-up.ts';
import { type Labelled, part, trainHead, USUAL_HEAD } from './train-head.ts';

const kernel = testKernel();
const rowsOf = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const train = (labelled: Labelled, plan: Partial<typeof USUAL_HEAD> = {}) =>
  finished(trainHead(kernel, labelled, { ...USUAL_HEAD, ...plan }));
const right = (labelled: Labelled, plan: Partial<typeof USUAL_HEAD> = {}): number => {
  const { head } = train(part(labelled, rowsOf(0, 300)), plan);
  const test = part(labelled, rowsOf(300, labelled.labels.length));
  const said = largest(predict(kernel, head, test.features), labelled.classes);
  return accuracy(confusionOf(test.labels, said, labelled.classes), labelled.classes);
};
const failure = (labelled: Labelled): string => {
  try {
    train(labelled);
    return '';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : '';
  }
};

describe('a head', () => {
  const easy = clouds({ rows: 600, cols: 40, classes: 3, apart: 1.4 });

  test.each([0, 16])('with %d hidden learns what can be told apart', (hidden) => {
    expect(right(easy, { hidden })).toBeGreaterThan(0.95);
  });

  test('learns nothing where there is nothing', () => {
    expect(right(clouds({ rows: 600, cols: 40, classes: 3, apart: 0 }))).toBeLessThan(0.45);
  });

  test('what no line can part needs the hidden layer', () => {
    const { features, ...rest } = clouds({ rows: 900, cols: 4, classes: 2, apart: 0 });
    const labels = rest.labels.map((_, i) => {
      const [a, b] = [features.values[4 * i] ?? 0, features.values[4 * i + 1] ?? 0];
      return a > 20 === b > 20 ? 1 : 0;
    });
    const plan = { rate: 0.02, patience: 20, epochs: 100 };
    expect(right({ ...rest, features, labels }, { ...plan, hidden: 0 })).toBeLessThan(0.65);
    expect(right({ ...rest, features, labels }, { ...plan, hidden: 16 })).toBeGreaterThan(0.9);
  });

  test.each(['none', 'noise', 'mixup'] as const)('the same seed gives the same bits, another does not: %s', (name) => {
    const plan = { hidden: 8, augmentation: USUAL[name], epochs: 5 };
    const [a, b, c] = [1, 1, 2].map((seed) => train(easy, { ...plan, seed }).head.layers[0]?.weight);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test('a rare class is not passed over', () => {
    const all = clouds({ rows: 3_000, cols: 16, classes: 2, apart: 0.6 });
    const rare = part(
      all,
      rowsOf(0, 3_000).filter((row) => all.labels[row] === 0 || row < 200),
    );
    const { head } = train(rare);
    const said = largest(predict(kernel, head, all.features), 2);
    const table = confusionOf(all.labels, said, 2);
    expect((table[3] ?? 0) / 1_500).toBeGreaterThan(0.75); // of all of the rare class
  });

  test('stops early, and keeps memory to itself', () => {
    const bytes = kernel.bytes;
    const { epochs, heldBack } = train(clouds({ rows: 200, cols: 100, classes: 2, apart: 0.2 }), { hidden: 32 });
    expect(heldBack.length).toBeLessThan(USUAL_HEAD.epochs);
    expect(epochs).toBe(heldBack.indexOf(Math.min(...heldBack)) + 1);
    for (let round = 0; round < 3; round++) train(easy, { epochs: 3 });
    expect(kernel.bytes).toBe(bytes);
  });

  test('calibrated probabilities mean what they say', () => {
    const all = clouds({ rows: 2_400, cols: 60, classes: 2, apart: 0.25 });
    const { head } = train(part(all, rowsOf(0, 400)), { hidden: 32 });
    expect(head.isCalibrated).toBe(true);
    const test = part(all, rowsOf(400, 2_400));
    const errorOf = (temperature: number): number => {
      const sure = predict(kernel, { ...head, temperature }, test.features);
      let [said, hits] = [0, 0];
      for (let i = 0; i < test.labels.length; i++) {
        const best = (sure[2 * i] ?? 0) > 0.5 ? 0 : 1;
        said += sure[2 * i + best] ?? 0;
        hits += best === test.labels[i] ? 1 : 0;
      }
      return Math.abs(said - hits) / test.labels.length;
    };
    expect(errorOf(head.temperature)).toBeLessThan(0.06);
    expect(errorOf(head.temperature / 4)).toBeGreaterThan(0.1);
  });
});

describe('few and bad labels', () => {
  const easy = clouds({ rows: 60, cols: 8, classes: 3, apart: 2 });

  test('two labels train, uncalibrated', () => {
    const { head } = train(part(easy, Uint32Array.of(0, 1)));
    expect(head.isCalibrated).toBe(false);
    const said = largest(predict(kernel, head, taken(easy.features, [0, 1])), 3);
    expect([...said]).toEqual([0, 1]);
  });

  test('a class of one group only trains, with nothing to hold back', () => {
    const groups = Uint32Array.from(easy.labels, (label, i) => (label === 2 ? 0 : 1 + (i % 6)));
    expect(train({ ...easy, groups }).head.isCalibrated).toBe(false);
  });

  test('one class only', () => {
    expect(failure(part(easy, Uint32Array.of(0, 3, 6)))).toBe(
      'The labels: all 3 are of one class. Label patches of at least one more class.',
    );
  });

  test('all patches equal', () => {
    const values = new Float32Array(60 * 8).fill(0.1);
    expect(failure({ ...easy, features: { ...easy.features, values } })).toContain(
      'all 60 patches have the same features',
    );
  });

  test('features that are no number, or of another width', () => {
    const values = Float32Array.from(easy.features.values);
    values[8 * 5 + 3] = Number.NaN;
    expect(failure({ ...easy, features: { ...easy.features, values } })).toContain('patch 5 has one that is no number');
    const { head } = train(easy);
    expect(() => predict(kernel, head, { values: new Float32Array(9), rows: 1, cols: 9 })).toThrow(
      'they are 9 wide, and this was trained on 8',
    );
  });

  test('a constant feature is left alone', () => {
    const values = easy.features.values.map((value, i) => (i % 8 === 0 ? 1e6 : value));
    const scaling = scalingOf({ ...easy.features, values });
    expect(scaling.deviation[0]).toBe(1);
    expect(right({ ...clouds({ rows: 600, cols: 8, classes: 3, apart: 2 }) })).toBeGreaterThan(0.9);
  });

  test('more memory than allowed is said', () => {
    const small = testKernel(200_000);
    const large = clouds({ rows: 1_000, cols: 100, classes: 2, apart: 1 });
    expect(() => finished(trainHead(small, large, { ...USUAL_HEAD, batch: 1_000 }))).toThrow('Take fewer patches');
  });
});

import { describe, expect, test } from 'vitest';
import { pooled as shown } from '#analysis/attention.ts';
import {
  type AttentionLayers,
  type AttentionModel,
  AttentionNetwork,
  attend,
  firstAttention,
} from './attention-network.ts';
import type { Layer } from './dense.ts';
import { scalingOf, standardise } from './features.ts';
import { Kernel } from './kernel/kernel.ts';
import { Random } from './random.ts';
import { auc } from './scores.ts';
import { finished } from './steps.ts';
import { goldenFloats, goldens } from './testing/goldens.ts';
import { testKernel } from './testing/made-up.ts';
import { type Bag, sayOf, trainAttention, USUAL_ATTENTION, validateAttention } from './train-attention.ts';

const kernel = testKernel();

function goldenBags(): Bag[] {
  const { rows, cols, labels } = goldens().attention;
  const all = goldenFloats('bags');
  let at = 0;
  return rows.map((count, i) => {
    const values = all.slice(at, at + count * cols);
    at += values.length;
    return { name: `bag ${i}`, features: { values, rows: count, cols }, label: labels[i] ?? 0, group: undefined };
  });
}

function goldenStart(): AttentionLayers {
  const { tensors } = goldens().attention;
  const all = goldenFloats('attention-start');
  const found = new Map<string, Float32Array<ArrayBuffer>>();
  let at = 0;
  for (const [name, shape] of Object.entries(tensors)) {
    const length = shape.reduce((product, side) => product * side, 1);
    found.set(name, all.slice(at, at + length));
    at += length;
  }
  const layer = (name: string): Layer => {
    const [outputs = 0, inputs = 0] = tensors[`${name}.weight`] ?? [];
    return {
      inputs,
      outputs,
      weight: found.get(`${name}.weight`) ?? new Float32Array(),
      bias: found.get(`${name}.bias`),
    };
  };
  return {
    'tail.0': layer('tail.0'),
    'tail.2': layer('tail.2'),
    'attention.0': layer('attention.0'),
    'attention.gate': undefined,
    'attention.2': layer('attention.2'),
    classifier: layer('classifier'),
    adapter: undefined,
  };
}

const together = (bags: readonly Bag[]) => {
  const values = Float32Array.from(bags.flatMap(({ features }) => [...features.values]));
  const cols = bags[0]?.features.cols ?? 1;
  return { values, rows: values.length / cols, cols };
};

describe('attention', () => {
  test('learns step by step as PyTorch does: logits, and the AUC of bags left out', () => {
    const { learnt, orders, rate, decay, logits, labels, auc: expected } = goldens().attention;
    const bags = goldenBags();
    using _ = kernel.scope();
    const scaling = scalingOf(together(bags.slice(0, learnt)));
    const network = new AttentionNetwork(kernel, goldenStart());
    let t = 0;
    for (const [epoch, order] of orders.entries())
      for (const index of order) {
        using __ = kernel.scope();
        const { features, label } = bags[index] ?? { features: together([]), label: 0 };
        const x = kernel.from(features.values, features.rows, features.cols);
        standardise(kernel.view(x), features.cols, scaling);
        network.learn(x, label, 1, { t: ++t, rate: rate * (1 - epoch / orders.length), decay });
      }
    const model: AttentionModel = { inputs: 12, classes: 2, scaling, layers: network.layers() };
    const said = bags.slice(learnt).map(({ features }) => sayOf(kernel, model, features).logits);
    for (const [i, expectedLogits] of logits.entries())
      for (const [k, value] of expectedLogits.entries())
        expect(Math.abs(value - (said[i]?.[k] ?? 9))).toBeLessThan(5e-3); // 320 steps of float32
    const score = auc(
      labels.slice(learnt),
      said.map((found) => (found[1] ?? 0) - (found[0] ?? 0)),
    );
    expect(Math.abs(score - expected)).toBeLessThan(0.01);
  });

  test.each([false, true])('with our own start and order the AUC is about the same, gated: %s', (gated) => {
    const { learnt, auc: expected } = goldens().attention;
    const bags = goldenBags();
    const { model, curve } = finished(trainAttention(kernel, bags.slice(0, learnt), { ...USUAL_ATTENTION, gated }));
    const out = bags.slice(learnt);
    const scores = out.map(({ features }) => sayOf(kernel, model, features).probabilities[1] ?? 0);
    expect(
      auc(
        out.map(({ label }) => label),
        scores,
      ),
    ).toBeGreaterThan(expected - 0.06);
    expect(curve.learnt.at(-1)).toBeLessThan((curve.learnt[0] ?? 0) / 2);
  });

  test.each([
    [false, false],
    [true, false],
    [true, true],
  ])('gradients are those of the loss by finite differences; gated: %s, adapter: %s', (gated, hasAdapter) => {
    // Of plain Adam's first step only the sign of the gradient shows; the loss must fall along every layer by itself.
    const random = new Random(5);
    const cols = 6;
    const bag = Float32Array.from({ length: 9 * cols }, () => random.normal());
    const base = firstAttention(cols, 3, gated, 2);
    const draw = (inputs: number, outputs: number): Layer => ({
      inputs,
      outputs,
      weight: Float32Array.from({ length: inputs * outputs }, () => 0.3 * random.normal()),
      bias: new Float32Array(outputs),
    });
    const layers = { ...base, adapter: hasAdapter ? { down: draw(cols, 4), up: draw(4, cols) } : undefined };
    const plain = new Kernel({ module: undefined, limitBytes: 64e6 });
    const lossOf = (of: AttentionLayers): number => {
      using _ = plain.scope();
      const scaling = { mean: new Float32Array(cols), deviation: new Float32Array(cols).fill(1) };
      const said = sayOf(plain, { inputs: cols, classes: 3, scaling, layers: of }, { values: bag, rows: 9, cols });
      return -Math.log(said.probabilities[1] ?? 0);
    };
    using _ = plain.scope();
    const network = new AttentionNetwork(plain, layers);
    network.learn(plain.from(bag, 9, cols), 1, 1, { t: 1, rate: 1e-4, decay: 0 });
    const after = network.layers();
    const before = lossOf(layers);
    let checked = 0;
    for (const name of ['tail.0', 'tail.2', 'attention.0', 'attention.gate', 'attention.2', 'classifier'] as const) {
      if (!layers[name]) continue;
      expect(lossOf({ ...layers, [name]: after[name] }), name).toBeLessThan(before);
      checked++;
    }
    if (layers.adapter && after.adapter)
      for (const name of ['down', 'up'] as const) {
        const adapter = { ...layers.adapter, [name]: after.adapter[name] };
        expect(lossOf({ ...layers, adapter }), name).toBeLessThan(before);
        checked++;
      }
    expect(checked).toBe(5 + (gated ? 1 : 0) + (hasAdapter ? 2 : 0));
  });

  test('what is kept of each patch pools to the same prediction that the workbench shows', () => {
    const bags = goldenBags();
    const { model } = finished(trainAttention(kernel, bags.slice(0, 20), { ...USUAL_ATTENTION, epochs: 2 }));
    const features = bags[21]?.features ?? together([]);
    const { prediction } = shown(attend(kernel, model, features), undefined);
    const said = sayOf(kernel, model, features).probabilities;
    expect(prediction?.[1]).toBeCloseTo(said[1] ?? 9, 6);
  });

  test('the second stage goes on from the first and lowers its loss', () => {
    const bags = goldenBags().slice(0, 40);
    const plan = { ...USUAL_ATTENTION, epochs: 4 };
    const first = finished(trainAttention(kernel, bags, plan));
    const both = finished(trainAttention(kernel, bags, { ...plan, topK: 8 }));
    expect(both.curve.learnt.slice(0, 4)).toEqual(first.curve.learnt);
    expect(both.model.layers.adapter?.up.weight.some((value) => value !== 0)).toBe(true);
    const loss = (model: AttentionModel): number =>
      bags.reduce(
        (sum, { features, label }) => sum - Math.log(sayOf(kernel, model, features).probabilities[label] ?? 0),
        0,
      );
    expect(loss(both.model)).toBeLessThan(loss(first.model));
  });

  test('cross-validation leaves whole patients out', () => {
    const bags = goldenBags()
      .slice(0, 40)
      .map((bag, i) => ({ ...bag, group: Math.floor(i / 4) }));
    const found = finished(validateAttention(kernel, bags, { ...USUAL_ATTENTION, epochs: 6 }, { folds: 4, seed: 1 }));
    for (const [i, fold] of found.fold.entries()) expect(fold).toBe(found.fold[i - (i % 4)]);
    expect(found.auc).toBeGreaterThan(0.7);
    expect(found.interval[0]).toBeLessThanOrEqual(found.auc);
    expect(found.interval[1]).toBeGreaterThanOrEqual(found.auc);
    expect(found.curves).toHaveLength(4);
    expect(found.curves[0]?.leftOut).toHaveLength(6);
    expect(found.frozen).toBeUndefined();
    const plan = { ...USUAL_ATTENTION, epochs: 6, topK: 8 };
    const both = finished(validateAttention(kernel, bags, plan, { folds: 4, seed: 1 }));
    expect(both.frozen).toEqual({ auc: found.auc, interval: found.interval }); // the same folds, weights and order
    expect(both.probabilities).not.toEqual(found.probabilities);
  });
});

describe('bad bags', () => {
  const [a, b] = goldenBags();
  const train = (...bags: (Bag | undefined)[]) =>
    finished(
      trainAttention(
        kernel,
        bags.flatMap((bag) => bag ?? []),
        USUAL_ATTENTION,
      ),
    );
  const empty = { values: new Float32Array(), rows: 0, cols: 12 };

  test('an empty one', () => {
    expect(() => train(a, b && { ...b, features: empty })).toThrow('The bag bag 1: it holds no patch');
  });
  test('of one class only', () => {
    expect(() => train(a, a)).toThrow('The bags: all 2 are of one class');
    expect(() => train(a)).toThrow('The bags: there is one');
  });
  test('of another width', () => {
    const wide = { values: new Float32Array(26).fill(1), rows: 2, cols: 13 };
    expect(() => train(a, b && { ...b, features: wide })).toThrow(
      'its features are 13 wide, and those of the first 12',
    );
  });
  test('with what is no number', () => {
    const values = Float32Array.from(b?.features.values ?? []);
    values[30] = Number.POSITIVE_INFINITY;
    expect(() => train(a, b && { ...b, features: { ...b.features, values } })).toThrow(
      'patch 2 has one that is no number',
    );
  });
});

import { describe, expect, test } from 'vitest';
import { allRows, learnJourney, SCENE } from './testing/journey.ts';
import { clouds } from './testing/made-up.ts';
import { overPort } from './testing/over-port.ts';
import { USUAL_ATTENTION } from './train-attention.ts';
import { USUAL_HEAD } from './train-head.ts';

const { signal } = new AbortController();

const scene = () => clouds(SCENE);
const endless = { ...USUAL_HEAD, epochs: 1e6, patience: 1e6 };

describe('the learn worker', () => {
  test('trains, predicts, compares and finds as the calling thread would', async () => {
    using learn = overPort();
    const found = await learnJourney(learn, signal);
    expect(found.head).toEqual(found.expected);
    expect(found.right).toBeGreaterThan(0.95);
    expect(found.cka).toEqual(found.expectedCka);
    expect(found.cka[1]).toBeGreaterThan(0);
    expect(found.nearest).toHaveLength(5);
  });

  test('an abort ends the work, and what waits behind it goes on', async () => {
    using learn = overPort();
    const { features, labels, classes } = scene();
    await learn.keep('a', features, { signal });
    const of = { set: 'a', rows: allRows, labels, classes, groups: undefined };
    const controller = new AbortController();
    let told = 0;
    const running = learn.run('trainHead', (tell) => ({ of, plan: endless, tell }), {
      signal: controller.signal,
      onProgress: () => {
        if (++told === 2) controller.abort(new Error('changed a label'));
      },
    });
    const next = learn.run('trainHead', (tell) => ({ of, plan: { ...USUAL_HEAD, epochs: 3 }, tell }), { signal });
    await expect(running).rejects.toThrow('changed a label');
    expect((await next).head.classes).toBe(3); // never, if the first went on
    expect(told).toBe(2);
  });

  test('similar patches do not wait for a training', async () => {
    using learn = overPort();
    const { features, labels, classes } = scene();
    await learn.keep('a', features, { signal });
    const of = { set: 'a', rows: allRows, labels, classes, groups: undefined };
    const controller = new AbortController();
    const running = learn.run('trainHead', (tell) => ({ of, plan: endless, tell }), { signal: controller.signal });
    const found = await learn.ask('nearest', { set: 'a', row: 0, k: 3 }, { signal });
    expect(found.rows).toHaveLength(3);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  test('features move; a part of a larger array is copied', async () => {
    using learn = overPort();
    const { features } = scene();
    const part = features.values.subarray(0, 10 * 32);
    await learn.keep('part', { values: part, rows: 10, cols: 32 }, { signal });
    expect(features.values.length).toBe(SCENE.rows * SCENE.cols);
    await learn.keep('all', features, { signal });
    expect(features.values.length).toBe(0);
  });

  test('attention over sets and parts of them', async () => {
    using learn = overPort();
    const { features, labels } = scene();
    await learn.keep('a', features, { signal });
    const bags = Array.from({ length: 12 }, (_, i) => ({
      name: `region ${i}`,
      set: 'a',
      rows: allRows.filter((row) => (row >> 5) % 12 === i && labels[row] !== (i % 2 ? 0 : 1)),
      label: i % 2,
      group: undefined,
    }));
    const plan = { ...USUAL_ATTENTION, epochs: 3 };
    const found = await learn.run('validateAttention', (tell) => ({ bags, plan, folds: { folds: 3, seed: 1 }, tell }), {
      signal,
    });
    expect(found.auc).toBeGreaterThan(0.8);
    const { model } = await learn.run('trainAttention', (tell) => ({ bags, plan, tell }), { signal });
    const attended = await learn.ask('attend', { model, set: 'a' }, { signal });
    expect(attended.attention).toHaveLength(SCENE.rows);
    expect(new Set(attended.attention).size).toBeGreaterThan(100);
  });
});

describe('what cannot be', () => {
  test('a set that is not here', async () => {
    using learn = overPort();
    await expect(learn.ask('nearest', { set: 'gone', row: 0, k: 1 }, { signal })).rejects.toThrow(
      'The features: there are none named gone. Embed the region again.',
    );
  });

  test('labels of patches that the set does not have', async () => {
    using learn = overPort();
    await learn.keep('a', scene().features, { signal });
    const of = { set: 'a', rows: Uint32Array.of(0, 999), labels: Uint8Array.of(0, 1), classes: 2, groups: undefined };
    const asked = learn.run('trainHead', (tell) => ({ of, plan: USUAL_HEAD, tell }), { signal });
    await expect(asked).rejects.toMatchObject({ failure: { tag: 'BadInput', seen: 'patch 999 is labelled, of 400' } });
  });

  test('100,000 patches on a small machine: said, and what was held stays', async () => {
    using learn = overPort(20e6);
    await learn.keep('a', scene().features, { signal });
    const large = { values: new Float32Array(100_000 * 64), rows: 100_000, cols: 64 };
    await expect(learn.keep('b', large, { signal })).rejects.toThrow('needs 27 MB of memory, and may use 1');
    expect((await learn.ask('nearest', { set: 'a', row: 0, k: 2 }, { signal })).rows).toHaveLength(2);
    const { heldBytes } = await learn.ask('drop', { set: 'a' }, { signal });
    expect(heldBytes).toBe(0);
  });

  test('features that are no number, before anything is done with them', async () => {
    using learn = overPort();
    const { features } = scene();
    features.values[33] = Number.NaN;
    await expect(learn.keep('a', features, { signal })).rejects.toThrow('patch 1 has one that is no number');
  });
});

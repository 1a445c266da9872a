import { expect, test } from 'vitest';
import { GrowingCurve } from './growing-curve.ts';

test('a curve grows by epoch, and is the mean of the folds that have come', () => {
  const growing = new GrowingCurve();
  expect(growing.curve()).toEqual([]);
  growing.add({ done: 0.5, total: 2, loss: 0.8, lossLeftOut: 0.9 });
  growing.add({ done: 1, total: 2, loss: 0.6, lossLeftOut: 0.7 });
  growing.add({ done: 1.5, total: 2, loss: 0.4, lossLeftOut: 0.5 });
  expect(growing.curve()).toEqual([
    { epoch: 1, loss: expect.closeTo(0.6), valLoss: expect.closeTo(0.7) },
    { epoch: 2, loss: 0.6, valLoss: 0.7 },
  ]);
});

import { expect, test } from 'vitest';
import type { LoadedModel, PatchOutputs, RunOptions } from '#inference/model.ts';
import { manifest, signal } from '../testing/run-bench.ts';
import { asKept, comingModel } from './coming-model.ts';

test('once it is loaded it computes, and takes back what it lent', async () => {
  const before = asKept(manifest, 'wasm', manifest.input.window);
  const patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
  const options: RunOptions = { signal, shared: true };
  const given: PatchOutputs = {};
  const asked: RunOptions[] = [];
  const back: PatchOutputs[] = [];
  const loaded: LoadedModel = {
    ...before,
    run: async (_, how) => {
      asked.push(how);
      return given;
    },
    giveBack: (outputs) => void back.push(outputs),
  };
  const model = comingModel(before, Promise.resolve(loaded));
  await expect(model.run(patch, options)).rejects.toMatchObject({ failure: { tag: 'Unexpected' } });
  await model.ready;
  const outputs = await model.run(patch, options);
  model.giveBack(outputs);
  expect([asked, back]).toEqual([[options], [given]]);
});

import { expect, test } from 'vitest';
import type { LoadedModel, PatchOutputs, RunOptions } from '#inference/model.ts';
import { manifest, signal } from '../testing/run-bench.ts';
import { asKept, comingModel } from './coming-model.ts';

test('once it is loaded it computes, and takes back what it lent', async () => {
  const before = asKept(manifest, 'wasm', manifest.input.window);
  const patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
  const options: RunOptions = { signal, reused: true };
  const given: PatchOutputs = {};
  const asked: RunOptions[] = [];
  const lent = new ArrayBuffer(4);
  const back: ArrayBufferLike[] = [];
  const loaded: LoadedModel = {
    ...before,
    run: async (_, how) => {
      asked.push(how);
      return given;
    },
    giveBack: (memory) => void back.push(...memory),
  };
  const model = comingModel(before, Promise.resolve(loaded));
  await expect(model.run(patch, options)).rejects.toMatchObject({ failure: { tag: 'Unexpected' } });
  await model.ready;
  expect(await model.run(patch, options)).toBe(given);
  model.giveBack([lent]);
  expect([asked, back]).toEqual([[options], [lent]]);
});

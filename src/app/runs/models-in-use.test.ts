import { expect, test } from 'vitest';
import type { JudgedModel, Patch } from '#inference/model.ts';
import { model, signal } from '../testing/run-bench.ts';
import { ModelsInUse } from './models-in-use.ts';

const patch: Patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };

/** Models by name, and which of them are loaded. */
function shelf() {
  const alive: string[] = [];
  let loads = 0;
  const load = (name: string) => async (): Promise<JudgedModel> => {
    loads++;
    alive.push(name);
    return { ...model, [Symbol.dispose]: () => void alive.splice(alive.indexOf(name), 1) };
  };
  return { alive, load, loads: () => loads };
}

test('the last few stay, the longest unused one is released', async () => {
  const { alive, load, loads } = shelf();
  const models = new ModelsInUse(2);
  for (const name of ['a', 'b', 'a', 'c']) await models.get(name, load(name), { signal });
  expect([alive.toSorted(), loads()]).toEqual([['a', 'c'], 3]);
});

test('one that computes is not the longest unused, however long ago it was asked for', async () => {
  const { alive, load } = shelf();
  const models = new ModelsInUse(2);
  const ofRun = await models.get('run', load('run'), { signal });
  for (const name of ['a', 'b', 'c', 'd']) {
    await models.get(name, load(name), { signal });
    await ofRun.run(patch, { signal });
  }
  expect(alive.toSorted()).toEqual(['d', 'run']);
});

test('asked for twice at once, it is loaded once; where the first one fails or leaves, for the other', async () => {
  const { alive, load, loads } = shelf();
  const models = new ModelsInUse(2);
  const both = await Promise.all([models.get('a', load('a'), { signal }), models.get('a', load('a'), { signal })]);
  expect([both[0] === both[1], loads(), alive]).toEqual([true, 1, ['a']]);

  const failing = models.get('b', () => Promise.reject(new Error('no network')), { signal });
  const second = models.get('b', load('b'), { signal });
  await expect(failing).rejects.toThrow('no network');
  expect((await second).manifest).toBe(model.manifest);

  const mine = new AbortController();
  void models.get('c', () => new Promise(() => undefined), { signal });
  const left = models.get('c', load('c'), mine);
  mine.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
});

test('what a network lent comes back to it', async () => {
  const given = new ArrayBuffer(4);
  const back: ArrayBufferLike[] = [];
  const lends: JudgedModel = { ...model, giveBack: (memory) => void back.push(...memory) };
  const ofRun = await new ModelsInUse(2).get('run', async () => lends, { signal });
  ofRun.giveBack([given]);
  expect(back).toEqual([given]);
});

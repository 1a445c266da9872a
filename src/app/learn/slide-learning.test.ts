// What was learnt on a slide goes into a session and comes out of it elsewhere: nothing is embedded anew, nobody's labels are lost.
import { expect, test } from 'vitest';
import { memoryStorage } from '#storage/open-storage.ts';
import { attentionBench, manifest } from '../attention/testing/attention-bench.ts';
import { DrawnObjects } from '../drawn-objects.ts';
import { learningIn, partsOfLearning } from '../files/session-learning.ts';
import { FoundObjects } from '../found-objects.ts';
import { LearningShelf } from '../kept-learning/learning-shelf.ts';
import { setAttentionLayer } from '../stores/layers-store.ts';
import { LearnSession } from './learn-session.ts';
import { learningOfSlide, takeInLearning } from './slide-learning.ts';

const waits = { signal: new AbortController().signal };

async function window(storage = memoryStorage()) {
  const shelf = new LearningShelf(storage);
  const bench = await attentionBench(async () => shelf);
  const found = new FoundObjects(() => undefined);
  const { session: attention, needs } = bench;
  const learn = new LearnSession({ ...needs, attention, found, drawn: new DrawnObjects(found) });
  return { ...bench, ...needs, learn, attention };
}

/** As a session file holds it. */
async function through(one: Awaited<ReturnType<typeof window>>) {
  const parts = partsOfLearning(await learningOfSlide(one, waits));
  const read = await learningIn(new Map(parts.map(({ name, blob }) => [name, blob])));
  if (!read) throw new Error('nothing was learnt');
  return { parts, read };
}

async function filled() {
  const one = await window();
  await one.learn.open();
  await one.attention.compute('view');
  one.attention.leaveOut(Float64Array.of(0, 0, 300, 0, 300, 300, 0, 300));
  const set = one.learn.sets.of('resnet18-simclr');
  one.learn.labels.addClass('Tumour');
  one.learn.labels.addClass('Stroma');
  one.learn.labels.label(['0,0', '448.2,224.1'], 1);
  return { one, set };
}

test('labels, features, attention and what was left out are in another window as they were', async () => {
  const { one, set } = await filled();
  const { read } = await through(one);
  const other = await window();
  expect(await takeInLearning(other, read, waits)).toEqual([]);
  expect(other.learn.kept()).toEqual(one.learn.kept());
  const again = other.learn.sets.of('resnet18-simclr');
  expect(again?.features.boxes).toEqual(set?.features.boxes);
  for (const { name } of set?.features.blocks ?? [])
    expect(again?.features.values(name)).toEqual(set?.features.values(name));
  const [mine, theirs] = [one, other].map(({ stores }) => stores.attention.getState());
  expect(theirs?.findings).toEqual(mine?.findings);
  expect(theirs?.pieces).toEqual(mine?.pieces);
  expect(other.embedded()).toBe(0);
  await other.attention.compute('view'); // all of it is there
  expect(other.embedded()).toBe(0);
  // The same once more changes nothing.
  expect(await takeInLearning(other, read, waits)).toEqual([]);
  expect((await through(other)).read.labels).toEqual(read.labels);
});

test('attention of a second model comes along where the two are compared', async () => {
  const { one } = await filled();
  const second = { ...manifest, id: 'second', sha256: 'f'.repeat(64) };
  const withSecond = ({ stores }: typeof one) =>
    stores.models.setState(({ manifests }) => ({ manifests: [...manifests, second] }));
  withSecond(one);
  const { set, model, encoder } = one.attention.work.bag(undefined);
  const attended = one.attention.work.kept.attended(set, model);
  if (!attended) throw new Error('nothing was attended');
  one.attention.work.kept.keepAttended(set, second, { ...attended, attention: attended.attention.slice().reverse() });
  one.stores.attention.setState({ compare: 'second', how: 'difference' });
  setAttentionLayer(one.stores.layers, { shown: true });
  const less = one.attention.difference();
  expect(less?.values.some((value) => value > 0)).toBe(true);

  const { read } = await through(one);
  expect(read.compared).toMatchObject({ model: { id: 'second' }, encoder: { id: encoder.id } });
  const other = await window();
  withSecond(other);
  expect(await takeInLearning(other, read, waits)).toEqual([]);
  expect(other.attention.knows('second')).toBe(true);
  setAttentionLayer(other.stores.layers, { shown: true });
  other.stores.attention.setState({ compare: 'second', how: 'difference' });
  expect(other.attention.difference()?.values).toEqual(less?.values);
  expect(other.embedded()).toBe(0);

  const third = await window(); // it has no such model
  expect(await takeInLearning(third, read, waits)).toEqual([
    expect.stringContaining('Attention by second was left out'),
  ]);
  expect(third.attention.knows('second')).toBe(false);
});

test('it outlives that window, too', async () => {
  const { one } = await filled();
  const { read } = await through(one);
  const storage = memoryStorage();
  const other = await window(storage);
  await takeInLearning(other, read, waits);
  other.learn.forget();
  other.attention.forget();
  await expect
    .poll(async () => {
      const next = await window(storage);
      await next.learn.open();
      return [next.learn.kept().labels.length, next.learn.sets.of('resnet18-simclr')?.rows.length];
    })
    .toEqual([2, 16]);
});

test('labels that are there stay, and what models here do not know is told', async () => {
  const { one } = await filled();
  const { read } = await through(one);
  const other = await window();
  await other.learn.open();
  other.learn.labels.addClass('Mine');
  other.learn.labels.label(['0,0'], 0);
  other.stores.models.setState({ manifests: [] });
  expect(await takeInLearning(other, read, waits)).toEqual([
    expect.stringMatching(/^Labels that are on this slide here already stay/),
    expect.stringMatching(/^Embeddings of resnet18-simclr were left out/),
    expect.stringMatching(/^Attention by attention-crc was left out/),
  ]);
  expect(other.learn.labels.classes.map(({ name }) => name)).toEqual(['Mine']);
});

test('nothing learnt is no part; a part that is damaged is told', async () => {
  const empty = await window();
  expect(partsOfLearning(await learningOfSlide(empty, waits))).toEqual([]);
  expect(await learningIn(new Map())).toBeUndefined();
  const { one } = await filled();
  const { parts } = await through(one);
  for (const { name, blob } of parts) {
    for (const changed of [undefined, blob.slice(0, blob.size - 3), new Blob(['{"labels": 3}'])]) {
      const others = parts.filter((part) => part.name !== name).map((part) => [part.name, part.blob] as const);
      const damaged = new Map(changed ? [...others, [name, changed] as const] : others);
      if (name === 'learning.json' && !changed) continue; // then there is nothing to read
      await expect(learningIn(damaged), name).rejects.toMatchObject({ failure: { tag: 'BadInput' } });
    }
  }
});

const states = ({ learn, stores }: Awaited<ReturnType<typeof window>>) => ({
  labels: learn.kept().labels.length,
  rows: learn.sets.of('resnet18-simclr')?.rows.length ?? 0,
  attention: stores.attention.getState().findings !== undefined,
});
const NOTHING = { labels: 0, rows: 0, attention: false };

test.each(['open', 'sets.restore', 'keeper.takeIn'] as const)(
  'a slide that takes the place of the other during %s gets nothing of it',
  async (during) => {
    const { one } = await filled();
    const { read } = await through(one);
    const other = await window();
    const { learn, attention, slides } = other;
    const leaving = async (): Promise<void> => {
      learn.forget(); // as the window does when another slide opens
      await slides.open('phantom:2', waits);
    };
    if (during === 'open') {
      const open = learn.open.bind(learn);
      learn.open = async () => {
        await open();
        await leaving();
      };
    } else if (during === 'sets.restore') {
      const restore = learn.sets.restore.bind(learn.sets);
      learn.sets.restore = async (within) => {
        await leaving();
        return restore(within);
      };
    } else {
      const takeIn = attention.keeper.takeIn.bind(attention.keeper);
      attention.keeper.takeIn = async (...asked) => {
        await takeIn(...asked);
        await leaving();
      };
    }
    await expect(takeInLearning(other, read, waits)).rejects.toMatchObject({ name: 'AbortError' });
    expect(states(other)).toEqual(NOTHING);
  },
);

test('a signal that is aborted ends it before anything more comes', async () => {
  const { one } = await filled();
  const { read } = await through(one);
  const other = await window();
  const left = new AbortController();
  const why = new DOMException('The slide was closed.', 'AbortError');
  const taking = takeInLearning(other, read, { signal: left.signal });
  left.abort(why);
  await expect(taking).rejects.toBe(why);
  expect(states(other)).toEqual(NOTHING);
});

test('two at once come one after the other, all of it once; one that fails does not hold the next', async () => {
  const { one } = await filled();
  const { read } = await through(one);
  const other = await window();
  const left = AbortSignal.abort();
  const [first, second, third] = await Promise.allSettled([
    takeInLearning(other, read, { signal: left }),
    takeInLearning(other, read, waits),
    takeInLearning(other, read, waits),
  ]);
  expect([first?.status, second, third]).toEqual([
    'rejected',
    { status: 'fulfilled', value: [] },
    { status: 'fulfilled', value: [] },
  ]);
  expect(states(other)).toEqual(states(one));
  expect((await through(other)).read.labels).toEqual(read.labels);
});

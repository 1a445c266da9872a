// Attention networks that were learnt here, on a disk that outlives the window.
import { expect, test } from 'vitest';
import { type AttentionModel, attend, firstAttention } from '#learn/attention-network.ts';
import { uniformLayer } from '#learn/dense.ts';
import { Random } from '#learn/random.ts';
import { testKernel } from '#learn/testing/made-up.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import { LearningShelf } from './learning-shelf.ts';
import { type KeptNetwork, MOST_NETWORKS, NetworkKeeper } from './network-keeper.ts';

const { signal } = new AbortController();
const waits = { signal };
const INPUTS = 6;

function network(seed: number, { gated = false, isAdapted = false } = {}): KeptNetwork {
  const random = new Random(seed);
  const adapter = isAdapted
    ? { down: uniformLayer(INPUTS, 4, random), up: uniformLayer(4, INPUTS, random) }
    : undefined;
  const model: AttentionModel = {
    inputs: INPUTS,
    classes: 2,
    scaling: {
      mean: Float32Array.from({ length: INPUTS }, () => random.normal()),
      deviation: Float32Array.from({ length: INPUTS }, () => 1 + random.next()),
    },
    layers: { ...firstAttention(INPUTS, 2, gated, seed), adapter },
  };
  return {
    encoder: { id: 'resnet18-simclr', sha256: 'a'.repeat(64) },
    classes: [
      { name: 'none', color: '#ff7a1a' },
      { name: 'tumour', color: '#1fa2ff' },
    ],
    model,
    summary: {
      block: 'block3',
      gated,
      topK: isAdapted ? 64 : 0,
      auc: 0.9,
      interval: [0.8, 1],
      frozen: isAdapted ? { auc: 0.88, interval: [0.8, 0.95] } : undefined,
      curve: [{ epoch: 1, loss: 0.7, valLoss: 0.7 }],
      classes: ['none', 'tumour'],
      bags: 12,
      isByGroup: true,
    },
  };
}

test.each([
  [false, false],
  [true, false],
  [true, true],
])('is there in the next window, bit for bit; gated: %s, adapted: %s', async (gated, isAdapted) => {
  const shelf = new LearningShelf(memoryStorage());
  const kept = network(3, { gated, isAdapted });
  await new NetworkKeeper(async () => shelf).keep(kept, 1_000, waits);
  const [back] = await new NetworkKeeper(async () => shelf).restore(waits);
  expect(back?.network).toEqual(kept);
  const kernel = testKernel();
  const features = { values: Float32Array.from({ length: 5 * INPUTS }, (_, i) => Math.sin(i)), rows: 5, cols: INPUTS };
  expect(attend(kernel, back?.network.model ?? kept.model, features)).toEqual(attend(kernel, kept.model, features));
});

test('the oldest first; more than there is room for leave; one that is removed is gone; a damaged one is left out', async () => {
  const storage = memoryStorage();
  const shelf = new LearningShelf(storage);
  const keeper = new NetworkKeeper(async () => shelf);
  for (let k = 0; k < MOST_NETWORKS + 2; k++) await keeper.keep(network(k), 1_000 + k, waits);
  const names = async (): Promise<string[]> => (await keeper.restore(waits)).map(({ name }) => name);
  expect(await names()).toHaveLength(MOST_NETWORKS);
  expect((await names())[0]).toBe('network-1002');
  await keeper.remove('network-1002', waits);
  expect((await names())[0]).toBe('network-1003');
  const other = await storage.create('network-5000', new TextEncoder().encode('{"schema":9}'), {
    signal,
    neededBytes: 0,
  });
  await other.append(new Uint8Array(4), waits);
  other[Symbol.dispose]();
  expect(await names()).not.toContain('network-5000');
});

test('without a disk nothing is kept, and nothing fails', async () => {
  const keeper = new NetworkKeeper(async () => undefined);
  expect(await keeper.keep(network(1), 1, waits)).toBeUndefined();
  expect(await keeper.restore(waits)).toEqual([]);
});

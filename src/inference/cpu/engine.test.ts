import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { KernelSpace, type OpenHelpers } from './kernel-space.ts';
import { kernelsOf } from './kernels.ts';
import type { Network, Operator, Output } from './network.ts';
import { workOf } from './steps.ts';
import { convOf, first, networkOf, pictureOf, randomFrom } from './testing/networks.ts';
import { type Planes, plain, plainShares, planesOf } from './testing/plain.ts';

/** Every map of a network, computed plainly. */
function plainly({ operators }: Network, picture: Float32Array, width: number, height: number): Map<string, Planes> {
  const maps = new Map([['image', planesOf(3, width, height, (i) => picture[i] ?? 0)]]);
  for (const operator of operators)
    maps.set(
      operator.output,
      plain(operator, (name) => maps.get(name) ?? planesOf(0, 0, 0, () => 0)),
    );
  return maps;
}

/** The largest difference, as a share of the largest value. */
function difference(seen: ArrayLike<number> | undefined, wanted: ArrayLike<number> | undefined): number {
  let [most, apart] = [0, 0];
  expect(seen?.length).toBe(wanted?.length);
  for (let i = 0; i < (wanted?.length ?? 0); i++) {
    most = Math.max(most, Math.abs(wanted?.[i] ?? 0));
    apart = Math.max(apart, Math.abs((seen?.[i] ?? Number.NaN) - (wanted?.[i] ?? 0)));
  }
  expect(most).toBeGreaterThan(0);
  return apart / most;
}

/** A network of a first map and this operator beside the same computed plainly. */
function operatorDifference(operator: Operator, channels: number, [width, height]: readonly [number, number]): number {
  const out = operator.kind === 'conv' ? operator.weights.outChannels : channels;
  const outputs: Record<string, Output> = { out: { kind: 'maps', maps: [{ map: operator.output, channels: out }] } };
  const network = networkOf([first(channels), operator], outputs);
  const picture = pictureOf(width, height);
  const seen = new Engine(network, new KernelSpace()).run(picture, { width, height }, ['out']).get('out');
  const wanted = plainly(network, picture, width, height).get('out');
  expect(seen?.dims).toEqual([1, wanted?.channels, wanted?.height, wanted?.width]);
  return difference(seen?.data, wanted?.values);
}

const SUMS = 3e-6; //      float32 against float64, sums of some hundred terms
const WINOGRAD = 2e-5; //  its larger constants cost a digit (Lavin & Gray, section 5)
const from = { input: 'first', output: 'out' } as const;

describe('as plain TypeScript does', () => {
  test.each([
    [1, 1, 0, [8, 8], [5, 7], SUMS],
    [1, 1, 0, [12, 20], [37, 11], SUMS], // no whole panels
    [1, 2, 0, [16, 8], [9, 6], SUMS],
    [3, 2, 1, [8, 16], [13, 9], SUMS],
    [3, 1, 0, [8, 8], [7, 9], SUMS], //     without a margin: squares, not Winograd
    [2, 2, 0, [5, 3], [8, 10], SUMS],
    [5, 1, 2, [4, 8], [6, 5], SUMS],
    [3, 1, 1, [8, 8], [4, 4], WINOGRAD], // one tile, all of it a border
    [3, 1, 1, [8, 8], [1, 1], WINOGRAD],
    [3, 1, 1, [16, 24], [13, 7], WINOGRAD],
    [3, 1, 1, [32, 16], [31, 30], WINOGRAD],
    [3, 1, 1, [6, 10], [22, 17], WINOGRAD],
    [3, 1, 1, [64, 64], [53, 19], WINOGRAD], // several units, tiles inside and on borders in one
  ] as const)(
    'a convolution of side %d, stride %d, margin %d, %j channels, %j px',
    (side, stride, pad, channels, size, limit) => {
      const conv = convOf({ ...from, side, stride, pad, channels });
      expect(operatorDifference(conv, channels[0], size)).toBeLessThan(limit);
      const finished = convOf({ ...from, side, stride, pad, channels, relu: true });
      expect(operatorDifference(finished, channels[0], size)).toBeLessThan(limit);
    },
  );

  test.each([
    [7, 2, 3],
    [4, 2, 1],
    [3, 1, 1],
    [1, 1, 0],
  ])('a convolution of the picture, side %d, stride %d, margin %d', (side, stride, pad) => {
    const conv = convOf({ input: 'image', output: 'out', side, stride, pad, channels: [3, 12], ofPicture: true });
    for (const size of [
      [16, 12],
      [107, 9],
    ] as const)
      expect(operatorDifference(conv, 12, size)).toBeLessThan(SUMS);
  });

  test.each([
    ['most', 3, 2, 1],
    ['most', 2, 2, 0],
    ['most', 3, 1, 1],
    ['mean', 4, 4, 0],
    ['mean', 3, 2, 0],
  ] as const)('pooling, %s of side %d, stride %d, margin %d', (kind, side, stride, pad) => {
    for (const size of [
      [16, 16],
      [13, 10],
    ] as const)
      expect(operatorDifference({ kind, ...from, side, stride, pad }, 12, size)).toBeLessThan(SUMS);
  });

  test.each([2, 3, 4])('bilinear, %d times as large', (scale) => {
    for (const size of [
      [1, 1],
      [2, 5],
      [13, 9],
    ] as const)
      for (const finish of [{}, { relu: true }])
        expect(operatorDifference({ kind: 'resize', ...from, scale, ...finish }, 8, size)).toBeLessThan(SUMS);
  });

  test('sums of maps, taken over by an operator or alone', () => {
    const size = [11, 6] as const;
    for (const relu of [false, true]) {
      expect(operatorDifference({ kind: 'copy', ...from, add: 'first', relu }, 8, size)).toBeLessThan(SUMS);
      for (const [side, limit] of [
        [1, SUMS],
        [3, WINOGRAD],
        [5, SUMS],
      ] as const) {
        const pad = (side - 1) / 2;
        const conv = convOf({ ...from, side, stride: 1, pad, channels: [8, 8], add: 'first', relu });
        expect(operatorDifference(conv, 8, size)).toBeLessThan(limit);
      }
    }
  });

  test('the mean of a whole map', () => {
    const network = networkOf([first(20), { kind: 'mean of all', ...from }], {
      rows: { kind: 'pooled', of: { map: 'out', channels: 20 } },
    });
    const picture = pictureOf(15, 13);
    const seen = new Engine(network, new KernelSpace()).run(picture, { width: 15, height: 13 }, ['rows']).get('rows');
    expect(seen?.dims).toEqual([1, 20]);
    expect(difference(seen?.data, plainly(network, picture, 15, 13).get('out')?.values)).toBeLessThan(SUMS);
  });

  test.each([
    [1, 0, 3],
    [1, 1, 4],
    [2, 0, 3],
    [2, 1, 3],
    [3, 0, 3],
    [4, 0, 3],
    [4, 1, 3],
  ])('shares of classes from blocks of %d, from channel %d on, of %d', (block, from, count) => {
    const channels = (from + count + 1) * block ** 2;
    const of = { map: 'first', block, from, count };
    const network = networkOf([first(channels)], {
      shares: { kind: 'shares', of: { of, kept: count } },
      packed: { kind: 'packed', planes: [{ of, kept: 3 }] },
    });
    const [width, height] = [7, 5];
    const picture = pictureOf(width, height);
    const made = new Engine(network, new KernelSpace()).run(picture, { width, height }, ['shares', 'packed']);
    const map = plainly(network, picture, width, height).get('first');
    const wanted = plainShares(map ?? planesOf(0, 0, 0, () => 0), block, from, count);
    expect(made.get('shares')?.dims).toEqual([1, count, height * block, width * block]);
    expect(difference(made.get('shares')?.data, wanted.values)).toBeLessThan(SUMS);
    const { dims, data = [] } = made.get('packed') ?? {};
    expect(dims).toEqual([1, 1, height * block, width * block]);
    const plane = wanted.width * wanted.height;
    for (const [i, value] of data.entries())
      for (const c of [0, 1, 2]) {
        const share = wanted.values[c * plane + i] ?? 0;
        expect(Math.abs(((value >> (8 * c)) & 255) - 255 * share)).toBeLessThan(0.501); // rounded, once
      }
  });
});

/** Steps of all kinds, and maps whose places are used again. */
const mixed = networkOf(
  [
    convOf({ input: 'image', output: 'a', side: 7, stride: 2, pad: 3, channels: [3, 16], ofPicture: true, relu: true }),
    { kind: 'most', input: 'a', output: 'b', side: 3, stride: 2, pad: 1 },
    convOf({ input: 'b', output: 'c', side: 3, stride: 1, pad: 1, channels: [16, 16], relu: true }),
    convOf({ input: 'c', output: 'd', side: 3, stride: 1, pad: 1, channels: [16, 16], add: 'b', relu: true }),
    { kind: 'resize', input: 'd', output: 'e', scale: 2, add: 'a' },
    convOf({ input: 'e', output: 'f', side: 1, stride: 1, pad: 0, channels: [16, 48] }),
  ],
  {
    packed: { kind: 'packed', planes: [{ of: { map: 'f', block: 4, from: 0, count: 3 }, kept: 3 }] },
    features: { kind: 'maps', maps: [{ map: 'e', channels: 16 }] },
  },
);
const MIXED_SIZE = { width: 104, height: 96 };
const picture = pictureOf(MIXED_SIZE.width, MIXED_SIZE.height);
const alone = new Engine(mixed, new KernelSpace()).run(picture, MIXED_SIZE, ['packed', 'features']);

describe('a network', () => {
  test('is right where memory is used again, at every size, in any order of sizes', () => {
    const engine = new Engine(mixed, new KernelSpace());
    for (const [width, height] of [
      [104, 96],
      [32, 48],
      [200, 64],
      [104, 96],
    ] as const) {
      const seen = engine.run(pictureOf(width, height), { width, height }, ['features']).get('features');
      const wanted = plainly(mixed, pictureOf(width, height), width, height).get('e');
      expect(difference(seen?.data, wanted?.values)).toBeLessThan(WINOGRAD);
    }
  });

  test('computes what is asked for and nothing else, and gives copies', () => {
    const engine = new Engine(mixed, new KernelSpace());
    const made = engine.run(picture, MIXED_SIZE, ['features']);
    expect([...made.keys()]).toEqual(['features']);
    const before = [...(made.get('features')?.data ?? [])];
    engine.run(pictureOf(32, 32), { width: 32, height: 32 }, ['packed']);
    expect([...(made.get('features')?.data ?? [])]).toEqual(before);
    expect(made.get('features')?.data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  test.each([1, 2, 3])('gives the same bytes whoever computes which unit, in any order: seed %d', (seed) => {
    const random = randomFrom(seed);
    /** Takes units of its own choice, as threads do, before the engine's own thread begins. */
    const helpers: OpenHelpers = (module, memory) => ({
      count: 1,
      started: Promise.resolve(),
      join({ steps, tally }, [scratch = 0]) {
        const kernels = kernelsOf(module, memory);
        steps.forEach((step, i) => {
          const { units, compute } = workOf(step);
          const order = Array.from({ length: units }, (_, unit) => ({ unit, key: random() }));
          for (const { unit } of order.sort((a, b) => a.key - b.key)) compute(kernels, unit, scratch);
          tally.set([units, units], 2 * i);
        });
      },
      [Symbol.dispose]: () => undefined,
    });
    const space = new KernelSpace({ helpers });
    const engine = new Engine(mixed, space);
    expect(space.threads).toBe(2);
    const made = engine.run(picture, MIXED_SIZE, ['packed', 'features']);
    for (const [name, { data }] of alone) expect(made.get(name)?.data).toEqual(data);
  });
});

import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { KernelSpace, type OpenHelpers } from './kernel-space.ts';
import type { Network, Output } from './network.ts';
import { convOf, first, networkOf, pictureOf } from './testing/networks.ts';

const SIZE = { width: 48, height: 32 };
const picture = pictureOf(SIZE.width, SIZE.height);

/** A first map and a 3 × 3 over it; no two numbers of channels give the same. */
function network(channels: number): Network {
  const out: Output = { kind: 'maps', maps: [{ map: 'second', channels }] };
  const conv = { input: 'first', output: 'second', side: 3, stride: 1, pad: 1, relu: true } as const;
  return networkOf([first(channels), convOf({ ...conv, channels: [channels, channels] })], { out });
}

const run = (engine: Engine, size = SIZE) =>
  engine.run(size === SIZE ? picture : pictureOf(size.width, size.height), size, ['out']).get('out')?.data;
const alone = (channels: number) => run(new Engine(network(channels), new KernelSpace()));

const noCrew = () => {
  const seen = { opened: 0, disposed: 0, memories: new Set<WebAssembly.Memory>() };
  const helpers: OpenHelpers = (_module, memory) => {
    seen.opened++;
    seen.memories.add(memory);
    const [count, started] = [0, Promise.resolve()];
    return { count, started, join: () => undefined, [Symbol.dispose]: () => void seen.disposed++ };
  };
  return { seen, helpers };
};

describe('networks that share a memory', () => {
  test('compute what each computes alone, in any order and at any size, while others come and go', () => {
    const space = new KernelSpace();
    const [a, b] = [new Engine(network(8), space), new Engine(network(16), space)];
    expect(run(a)).toEqual(alone(8));
    expect(run(b)).toEqual(alone(16));
    run(b, { width: 96, height: 80 });
    const c = new Engine(network(24), space); // where the maps of b were
    expect([run(a), run(c), run(b)]).toEqual([alone(8), alone(24), alone(16)]);
    a[Symbol.dispose]();
    const d = new Engine(network(4), space); // in the gap that a left, which holds its weights still
    expect([run(c), run(d), run(b)]).toEqual([alone(24), alone(4), alone(16)]);
  });

  test('have one memory and one crew, which go with the last of them and come again with the next', () => {
    const { seen, helpers } = noCrew();
    const space = new KernelSpace({ helpers });
    expect([space.bytes, seen.opened]).toEqual([0, 0]);
    const engines = [8, 16, 24, 32].map((channels) => new Engine(network(channels), space));
    for (const engine of engines) run(engine);
    expect([seen.opened, seen.memories.size]).toEqual([1, 1]);
    for (const engine of engines.slice(1)) engine[Symbol.dispose]();
    engines[1]?.[Symbol.dispose](); // twice is once
    expect(seen.disposed).toBe(0);
    engines[0]?.[Symbol.dispose]();
    expect([space.bytes, seen.disposed]).toEqual([0, 1]);
    const again = new Engine(network(16), space);
    expect([run(again), seen.opened]).toEqual([alone(16), 2]);
  });

  test('take no more, however many are loaded one after the other', () => {
    const space = new KernelSpace();
    const stays = new Engine(network(8), space);
    const sizes: number[] = [];
    for (let k = 0; k < 40; k++) {
      using engine = new Engine(network([16, 24, 32][k % 3] ?? 16), space);
      run(engine);
      run(stays);
      sizes.push(space.bytes);
    }
    expect(sizes.at(-1)).toBe(sizes[2]);
  });
});

test('a memory that does not grow refuses the network, and is let go of where no other is there', () => {
  const { seen, helpers } = noCrew();
  const space = new KernelSpace({ helpers });
  expect(() => space.take(3 * 2 ** 30)).toThrow(RangeError);
  expect([space.bytes, seen.opened, seen.disposed]).toEqual([0, 1, 1]);
  const engine = new Engine(network(8), space);
  expect(() => space.take(3 * 2 ** 30)).toThrow(RangeError);
  expect(run(engine)).toEqual(alone(8));
});

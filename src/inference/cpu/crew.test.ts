import { expect, test } from 'vitest';
import { tallyFor, work } from './crew.ts';
import { Engine } from './engine.ts';
import { KernelSpace, type OpenHelpers } from './kernel-space.ts';
import { type Kernels, kernelsOf } from './kernels.ts';
import type { Output } from './network.ts';
import { first, networkOf, pictureOf } from './testing/networks.ts';

const SIZE = { width: 8, height: 8 };
const out: Output = { kind: 'maps', maps: [{ map: 'first', channels: 8 }] };
const network = networkOf([first(8)], { out });

const breaking = (kernels: Kernels, calls: string[]): Kernels => {
  const fails = (name: string) => () => {
    calls.push(name);
    throw new RangeError(`${name} went beyond the memory`);
  };
  return { ...kernels, squares: fails('squares'), gemm: fails('gemm'), spread: fails('spread') };
};

test('a unit that fails is told by who did it, and at once by all that would wait for it; nobody takes another', () => {
  const calls: string[] = [];
  const said: string[] = [];
  const helpers: OpenHelpers = (module, memory) => ({
    count: 1,
    started: Promise.resolve(),
    join({ steps }, [scratch = 0]) {
      const broken = breaking(kernelsOf(module, memory), calls);
      const shift = { steps, tally: tallyFor(steps, true) };
      for (let thread = 0; thread < 3; thread++) {
        try {
          work(shift, broken, scratch);
        } catch (thrown) {
          said.push(thrown instanceof Error ? thrown.message : String(thrown));
        }
      }
    },
    [Symbol.dispose]: () => undefined,
  });
  using engine = new Engine(network, new KernelSpace({ helpers }));
  engine.run(pictureOf(SIZE.width, SIZE.height), SIZE, ['out']);
  expect(said).toEqual([`${calls[0]} went beyond the memory`, ...Array(2).fill('a thread beside this one failed')]);
  expect(calls).toHaveLength(1);
});

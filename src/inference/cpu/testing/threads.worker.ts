// One network on so many threads, each time a new engine; answers with the bytes of its outputs.
import { type Port, serve } from '#channel/channel.ts';
import type { Shift } from '../crew.ts';
import { Engine } from '../engine.ts';
import { KernelSpace, type OpenHelpers } from '../kernel-space.ts';
import { helpersFor } from '../open-helpers.ts';
import { readNetwork } from '../read-network.ts';
import { workOf } from '../steps.ts';
import type { ThreadsCalls } from './threads-calls.ts';

declare const self: Port;

const PATIENCE_MS = 30_000;

/** Returns when all units are done, of which this thread does none. */
function untilDone({ steps, tally }: Shift): void {
  steps.forEach((step, i) => {
    const { units } = workOf(step);
    const done = 2 * i + 1;
    for (let count = Atomics.load(tally, done); count < units; count = Atomics.load(tally, done))
      if (Atomics.wait(tally, done, count, PATIENCE_MS) === 'timed-out') throw new Error('no helper computes');
  });
}

const oneAfterTheOther = (open: OpenHelpers | undefined): OpenHelpers => {
  if (!open) throw new Error('there are no helpers');
  return (module, memory) => {
    const helpers = open(module, memory);
    let runs = 0;
    return {
      started: helpers.started,
      get count() {
        return helpers.count;
      },
      join(shift, scratch) {
        const only: number[] = [];
        const turn = runs++ % helpers.count;
        only[turn] = scratch[turn] ?? 0;
        helpers.join(shift, only);
        untilDone(shift);
      },
      [Symbol.dispose]: () => helpers[Symbol.dispose](),
    };
  };
};

serve<ThreadsCalls>(self, {
  async run({ onnx, input, outputs, picture, side, threads, times, byOneHelper }) {
    const network = readNetwork(onnx, input, outputs);
    if (!network) throw new Error('the graph is not known');
    const helpers = helpersFor(threads);
    const space = new KernelSpace({ helpers: byOneHelper ? oneAfterTheOther(helpers) : helpers });
    using engine = new Engine(network, space);
    await space.started;
    const runs = Array.from({ length: times }, () =>
      [...engine.run(picture, { width: side, height: side }, outputs).values()].map(({ data }) => data),
    );
    return { threads: space.threads, runs };
  },
});

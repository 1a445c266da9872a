// One network on so many threads, each time a new engine; answers with the bytes of its outputs.
import { type Port, serve } from '#channel/channel.ts';
import { Engine } from '../engine.ts';
import { helpersFor } from '../open-helpers.ts';
import { readNetwork } from '../read-network.ts';
import type { ThreadsCalls } from './threads-calls.ts';

declare const self: Port;

serve<ThreadsCalls>(self, {
  run({ onnx, input, outputs, picture, side, threads, times }) {
    const network = readNetwork(onnx, input, outputs);
    if (!network) throw new Error('the graph is not known');
    using engine = new Engine({ network, helpers: helpersFor(threads) });
    const runs = Array.from({ length: times }, () =>
      [...engine.run(picture, { width: side, height: side }, outputs).values()].map(({ data }) => data),
    );
    return { threads: engine.threads, runs };
  },
});

import * as ort from 'onnxruntime-web/webgpu';
import { type Port, serve } from '#channel/channel.ts';
import { KernelSpace } from '#inference/cpu/kernel-space.ts';
import { helpersFor } from '#inference/cpu/open-helpers.ts';
import { openOwnSession } from '#inference/cpu/own-session.ts';
import { usualOutputs } from '#inference/outputs.ts';
import type { OwnCalls } from './own-calls.ts';

declare const self: Port;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

serve<OwnCalls>(self, {
  async measure({ manifest, onnx, values, side, threads, repeats }) {
    const session = await openOwnSession({
      ort,
      manifest,
      onnx,
      space: new KernelSpace({ helpers: helpersFor(threads) }),
    });
    if (!session) throw new Error(`Eosin’s own kernels do not know ${manifest.id}.`);
    const seconds = [];
    for (let i = 0; i <= repeats; i++) {
      await turn();
      const feeds = { [manifest.input.name]: new ort.Tensor('float32', values.slice(), [1, 3, side, side]) };
      const started = performance.now();
      await session.run(feeds, usualOutputs(manifest));
      if (i > 0) seconds.push((performance.now() - started) / 1000);
    }
    await session.release();
    return { seconds };
  },
});

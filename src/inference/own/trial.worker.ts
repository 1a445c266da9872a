// Runs an added model before it has golden files: on the processor, whose results are what any other device is held against.
import * as ort from 'onnxruntime-web/webgpu';
import { moved, type Port, serve } from '#channel/channel.ts';
import { EosinError } from '#errors/failure.ts';
import { configureOrt } from '../ort-files.ts';
import type { TrialCalls } from './trial-calls.ts';

declare const self: Port;

configureOrt(ort);
serve<TrialCalls>(self, {
  run: async ({ onnx, input, side, patches, outputs }) => {
    const session = await created(onnx);
    const found: Float32Array<ArrayBuffer>[][] = [];
    const seconds: number[] = [];
    for (const patch of patches) {
      const began = performance.now();
      const results = await session.run({ [input]: new ort.Tensor('float32', patch, [1, 3, side, side]) }, outputs);
      seconds.push((performance.now() - began) / 1000);
      found.push(outputs.map((name) => Float32Array.from(floatsOf(results[name], name))));
    }
    await session.release();
    const timed = seconds.length > 1 ? seconds.slice(1) : seconds; // the first warms up
    const mean = timed.reduce((sum, each) => sum + each, 0) / Math.max(1, timed.length);
    const buffers = found.flatMap((each) => each.map(({ buffer }) => buffer));
    return moved({ outputs: found, seconds: mean }, buffers);
  },
});

async function created(onnx: Uint8Array<ArrayBuffer>): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(onnx, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  } catch (cause) {
    const seen = `the runtime cannot open it (${cause instanceof Error ? cause.message.slice(0, 200) : String(cause)})`;
    const todo = 'Export it with opset 17 or so, in float32.';
    throw new EosinError({ tag: 'ModelInvalid', model: 'This model', seen, todo }, { cause });
  }
}

function floatsOf(tensor: ort.Tensor | undefined, name: string): Float32Array {
  const data = tensor?.data;
  if (data instanceof Float32Array) return data;
  const seen = `its output ${name} is ${tensor ? tensor.type : 'missing'}`;
  throw new EosinError({ tag: 'ModelInvalid', model: 'This model', seen, todo: 'Export it in float32.' });
}

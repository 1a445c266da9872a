// One model in the native runtime, fed from memory: `node run.mjs MODEL.onnx INPUT WINDOW OUTPUTS PROVIDER THREADS REPEATS`,
// where PROVIDER is cpu or webgpu. Prints { seconds: [...] }, without the first run, which warms up.
import * as ort from 'onnxruntime-node';

const [, , model, input, window, outputs, provider, threads, repeats] = process.argv;
const side = Number(window);
// The same numbers as bench/pages/runtime.ts.
const values = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * 12.9898) * 2);
const session = await ort.InferenceSession.create(model, {
  executionProviders: [provider],
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const seconds = [];
for (let i = 0; i <= Number(repeats); i++) {
  const feeds = { [input]: new ort.Tensor('float32', values, [1, 3, side, side]) };
  const started = performance.now();
  await session.run(feeds, outputs.split(','));
  if (i > 0) seconds.push((performance.now() - started) / 1000);
}
await session.release();
console.log(JSON.stringify({ seconds }));

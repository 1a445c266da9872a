import { expect, test } from 'vitest';
import type { DeviceState } from '../stores/run-store.ts';
import { difference, sinceWords, trustFacts, trustWords } from './trust-words.ts';

const gpu: DeviceState = {
  device: 'webgpu',
  name: 'Iris Xe',
  whyNotGpu: undefined,
  maxDifference: 0.0004,
  tolerance: 0.01,
  verdict: 'trusted',
  why: undefined,
  precision: 'fp16',
  since: 0,
  model: 'cerberus-lite',
  sha256: '00',
};
const wrong = 'Iris Xe gave wrong numbers (all zero), so WebAssembly computes instead.';
const onWasm: DeviceState = { ...gpu, device: 'wasm', name: 'WebAssembly, 2 threads', precision: 'fp32' };

test('a GPU that is right says by how much', () => {
  expect(trustWords(gpu)).toEqual({
    tone: 'good',
    headline: 'This GPU computes correctly in half precision',
    sentence: 'A test patch ran first: it is off by 0.0004, the limit is 0.01.',
    todo: undefined,
  });
  expect(trustWords({ ...onWasm, whyNotGpu: 'No adapter.' }).headline).toBe('The processor computes correctly');
});

test('each way to fall back says which, and what to do', () => {
  const drifted = trustWords({ ...gpu, precision: 'fp32', verdict: 'fell back' });
  expect(drifted).toMatchObject({ tone: 'warn', headline: 'Half precision drifts on this GPU', todo: undefined });
  const handedOver = trustWords({ ...onWasm, verdict: 'fell back', why: wrong, whyNotGpu: wrong });
  expect(handedOver.headline).toBe('This GPU gave wrong numbers, or failed');
  expect(handedOver.sentence).toContain('Eosin uses the processor instead');
  expect(handedOver.todo).toContain('check again');
  const ownWrong = 'Eosin’s own kernels gave wrong numbers (all zero), so the runtime’s compute instead.';
  const onRuntime = trustWords({ ...onWasm, verdict: 'fell back', why: ownWrong, whyNotGpu: 'No adapter.' });
  expect(onRuntime.headline).toBe('Eosin’s own kernels gave wrong numbers, or failed');
  const noRoom = 'Eosin’s own kernels did not start (no room), so the runtime’s compute instead.';
  const notStarted = { ...onWasm, verdict: 'fell back', why: noRoom, whyNotGpu: 'No adapter.' } as const;
  expect(trustWords(notStarted).headline).toContain('or failed');
  expect(trustFacts(notStarted, new Date(), true)).toContainEqual(['Seen', noRoom]);
  expect(onRuntime.sentence).toContain('ONNX Runtime computes instead');
  const refused = trustWords({ ...onWasm, verdict: 'refused', maxDifference: 0.7 });
  expect(refused).toMatchObject({
    tone: 'bad',
    sentence: expect.stringContaining('off by 0.7000, the limit is 0.01. N'),
  });
  const zeros = trustWords({ ...onWasm, verdict: 'refused', maxDifference: Infinity });
  expect(zeros.sentence).toMatch(/^What it gave can be no answer/);
});

test('the same sentence stands once in the facts', () => {
  const facts = trustFacts({ ...onWasm, verdict: 'fell back', why: wrong, whyNotGpu: wrong }, new Date(), true);
  expect(facts.filter(([, value]) => value === wrong)).toEqual([['Seen', wrong]]);
  expect(facts).toContainEqual(['Provider', 'WebAssembly, full precision (fp32)']);
});

test('one thread has its reason where the host sends no headers for more', () => {
  const namesOn = (device: DeviceState, isolated: boolean): string[] =>
    trustFacts(device, new Date(), isolated).map(([name]) => name);
  expect(namesOn(onWasm, false)).toContain('Threads');
  expect(namesOn(onWasm, true)).not.toContain('Threads');
  expect(namesOn(gpu, false)).not.toContain('Threads');
});

test('differences and times', () => {
  expect([0, 0.00000032, 0.25].map(difference)).toEqual(['0', '3.2e−7', '0.2500']);
  const now = new Date(2026, 10, 26, 16, 0);
  expect(sinceWords(new Date(2026, 10, 26, 14, 2), now)).toBe('14:02 today');
  expect(sinceWords(new Date(2026, 10, 25, 9, 5), now)).toBe('25 Nov 2026, 09:05');
});

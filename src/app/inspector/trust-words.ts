// What the test patch showed, in words: the verdict, how far off it was, and what to do where a device was wrong.
import type { DeviceState } from '../stores/run-store.ts';
import { providerOf } from './provider.ts';

export interface TrustWords {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly headline: string; //          without its full stop
  readonly sentence: string; //          what was measured
  readonly todo: string | undefined; //  where there is something to do
}

const PRECISION = { fp32: 'full precision (fp32)', fp16: 'half precision (fp16)' } as const;

/** 0.0004; 3.2e-7 where four decimals would read 0. */
export const difference = (off: number): string =>
  off === 0 ? '0' : off < 0.0001 ? off.toExponential(1).replace('-', '−') : off.toFixed(4);

/** Zeros and no numbers differ from the golden patch by infinity. */
const offBy = (off: number, tolerance: number): string =>
  Number.isFinite(off)
    ? `It is off by ${difference(off)}, the limit is ${tolerance}.`
    : 'What it gave can be no answer.';

export function trustWords({
  device,
  verdict,
  maxDifference,
  tolerance,
  precision,
  why,
  whyNotGpu,
}: DeviceState): TrustWords {
  const measured = `A test patch ran first: it is off by ${difference(maxDifference)}, the limit is ${tolerance}.`;
  if (verdict === 'refused') {
    return {
      tone: 'bad',
      headline: 'This device gave wrong numbers on the test patch',
      sentence: `${offBy(maxDifference, tolerance)} Nothing is computed with this model.`,
      todo: 'Where the processor alone was chosen under Analyse, choose the GPU too; else update the browser, or copy the model’s files again. Then check again.',
    };
  }
  if (verdict === 'fell back' && device === 'webgpu') {
    return {
      tone: 'warn',
      headline: 'Half precision drifts on this GPU',
      sentence: `Eosin computes in full precision instead. ${measured}`,
      todo: undefined,
    };
  }
  if (verdict === 'fell back' && why !== whyNotGpu) {
    return {
      tone: 'warn',
      headline: 'Eosin’s own kernels gave wrong numbers, or failed',
      sentence: `ONNX Runtime computes instead, which is slower. With it the test patch is off by ${difference(maxDifference)}, the limit is ${tolerance}.`,
      todo: 'Update the browser, then check again.',
    };
  }
  if (verdict === 'fell back') {
    return {
      tone: 'warn',
      headline: 'This GPU gave wrong numbers, or failed',
      sentence: `Eosin uses the processor instead, which is slower. There the test patch is off by ${difference(maxDifference)}, the limit is ${tolerance}.`,
      todo: 'Update the graphics driver or the browser, start the browser anew, then check again.',
    };
  }
  const who = device === 'webgpu' ? 'This GPU' : 'The processor';
  const how = precision === 'fp16' ? ' in half precision' : '';
  return { tone: 'good', headline: `${who} computes correctly${how}`, sentence: measured, todo: undefined };
}

const ONE_THREAD =
  'one: the host of this page does not send the two headers that allow several (COOP same-origin, COEP require-corp)';

/**
 * Name and value, in the order of the card. How far off the test patch was is in the sentence above them.
 * @param isolated whether the page's host lets it share memory between threads
 */
export function trustFacts(device: DeviceState, now: Date, isolated: boolean): readonly (readonly [string, string])[] {
  const { name, precision, since, whyNotGpu, why } = device;
  return [
    ['Device', name],
    ['Provider', `${providerOf(device)}, ${PRECISION[precision]}`],
    ...(device.device === 'wasm' && !isolated ? ([['Threads', ONE_THREAD]] as const) : []),
    ['Verdict', device.verdict],
    ['Since', sinceWords(new Date(since), now)],
    ...(why ? ([['Seen', why]] as const) : []),
    ...(whyNotGpu && whyNotGpu !== why ? ([['Not the GPU', whyNotGpu]] as const) : []),
  ];
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }); // each takes long to make
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** '14:02 today', '26 Nov 2026, 14:02': a verdict that was kept may be of another day. */
export function sinceWords(at: Date, now: Date): string {
  const time = TIME.format(at);
  return at.toDateString() === now.toDateString() ? `${time} today` : `${DAY.format(at)}, ${time}`;
}

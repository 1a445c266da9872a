// How a model takes its seat in a worker: which device, in which precision, with which window, and what its golden patch
// said there. The order is always the same: load, the golden patch, and on a GPU what is fastest.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import { type Candidate, candidatesOf, fastest, isWorthHalf, type Measured } from './choose.ts';
import type { PatchManifest } from './manifest.ts';
import type { DeviceReport, Precision } from './model.ts';
import type { GpuFound, InferenceCalls, LoadCall, ModelSource } from './protocol.ts';
import type { Realm } from './realm.ts';
import { type Choice, type KeptVerdict, Remembered, type TrustStore } from './trust-store.ts';
import { wasmReport } from './wasm-report.ts';

export interface Sitting {
  readonly realm: Realm;
  readonly key: number;
  readonly source: ModelSource<PatchManifest>;
  readonly kept: TrustStore;
  /** The golden patch runs whatever is kept: after a loss, a replaced worker, or because somebody wants to know. */
  readonly anew: boolean;
  now(): number; // ms since 1970
}

export interface Seat {
  readonly realm: Realm;
  readonly report: DeviceReport;
  readonly choice: Choice;
  readonly own: boolean; // Eosin's own kernels compute
}

/** A device that must not compute this model: part of a sentence. */
export interface NotTrusted {
  readonly deviceName: string;
  readonly wrong: string;
}

// For measuring on the first use of a model on a GPU. Warm-ups compile shaders, and count.
const BUDGET_SECONDS = 4;

/** What was asked before WASM, or would have been faster there, and does not compute. */
export interface PassedOver {
  readonly whyNotGpu: string; //             a sentence, with the next two
  readonly fellBack: boolean; //             the GPU was tried, and left for it
  readonly whyNotOwn: string | undefined; // Eosin's own kernels are not asked
}

/**
 * Eosin's own kernels where they know the graph and its golden patch comes out right, else the runtime's.
 * @throws EosinError ModelWrong where even these are wrong; ModelInvalid, TimedOut, WorkerDied
 */
export async function sitOnWasm(sitting: Sitting, passed: PassedOver, waits: Waits): Promise<Seat> {
  const { realm, source } = sitting;
  const { input, sha256 } = source.manifest;
  const device = passed.whyNotOwn === undefined ? 'own' : 'wasm';
  const loaded = await load(sitting, { device, software: false, precision: 'fp32' }, waits);
  const remembered = new Remembered(sitting.kept, sha256, loaded.adapter);
  const kept = keptVerdict(sitting, remembered, 'fp32');
  // There is no device after the runtime's WASM: what was refused there is seen again each time.
  const stands = kept && (loaded.own || !kept.wrong) ? kept : undefined;
  const verdict = stands ?? (await judged(sitting, remembered, 'fp32', waits));
  if (loaded.own && verdict.wrong) {
    const whyNotOwn = `Eosin’s own kernels gave wrong numbers (${verdict.wrong}), so the runtime’s compute instead.`;
    return sitOnWasm(sitting, { ...passed, whyNotOwn }, waits);
  }
  const whyNotOwn = loaded.whyNotOwn ?? passed.whyNotOwn;
  const report = wasmReport(source.manifest, { deviceName: loaded.name, verdict, ...passed, whyNotOwn });
  const choice = { precision: 'fp32', window: input.window, batch: 1 } as const; // batches give WASM nothing
  return { realm, choice, report, own: loaded.own ?? false };
}

/** Measuring was too much for a GPU. What is kept makes the next sitting a modest one. */
export class TooMuch extends Error {}

/**
 * A GPU that is found wrong ends its worker, which is then not trusted to run WASM either.
 * @param software an adapter that computes on the CPU will do; nothing is measured on it
 * @throws EosinError NoGpu, and whatever else ends the worker; TooMuch
 */
export async function sitOnGpu(sitting: Sitting, software: boolean, waits: Waits): Promise<Seat | NotTrusted> {
  const gpu = await sitting.realm.call('gpu', { software }, waits);
  return new GpuSitting(sitting, gpu, software, waits).sit();
}

class GpuSitting {
  readonly #sitting: Sitting;
  readonly #gpu: GpuFound;
  readonly #software: boolean;
  readonly #waits: Waits;
  readonly #remembered: Remembered;
  readonly #known = new Map<Precision, KeptVerdict>();
  #loaded: Precision | undefined;
  #elementsPerPx = 0;
  #whyNotHalf: string | undefined; // a sentence; only where fp16 was wrong

  constructor(sitting: Sitting, gpu: GpuFound, software: boolean, waits: Waits) {
    this.#sitting = sitting;
    this.#gpu = gpu;
    this.#software = software;
    this.#waits = waits;
    this.#remembered = new Remembered(sitting.kept, sitting.source.manifest.sha256, gpu.adapter);
  }

  async sit(): Promise<Seat | NotTrusted> {
    const kept = this.#remembered.choice();
    const half = kept?.precision === 'fp16' && (await this.#isRight('fp16'));
    if (!half) {
      const { wrong } = await this.#verdict('fp32');
      if (wrong) return this.#refused(wrong);
    }
    const choice = kept ? ({ ...kept, precision: half ? 'fp16' : 'fp32' } as const) : await this.#choose();
    this.#remembered.keepChoice(choice);
    await this.#load(choice.precision);
    await this.#call('batch', { key: this.#sitting.key, batch: choice.batch });
    return { realm: this.#sitting.realm, choice, report: await this.#report(choice.precision), own: false };
  }

  #refused(wrong: string): NotTrusted {
    const device = this.#gpu.name;
    const model = this.#sitting.source.manifest.id;
    if (this.#loaded) this.#sitting.realm.end({ tag: 'ModelWrong', model, device, seen: wrong });
    return { deviceName: device, wrong };
  }

  async #report(precision: Precision): Promise<DeviceReport> {
    const { maxDifference, since } = await this.#verdict(precision);
    const why = precision === 'fp32' ? this.#whyNotHalf : undefined;
    const { tolerance } = this.#sitting.source.manifest.golden;
    return {
      device: 'webgpu',
      deviceName: this.#gpu.name,
      whyNotGpu: undefined,
      trust: { verdict: why ? 'fell back' : 'trusted', precision, maxDifference, since, tolerance, why },
    };
  }

  /** The first use of this model on this GPU. fp32 was found right, and is loaded. */
  async #choose(): Promise<Choice> {
    const { manifest } = this.#sitting.source;
    const modest = { precision: 'fp32', window: manifest.input.window, batch: 1 } as const;
    if (this.#gpu.software) return modest;
    // A device that a measurement is too much for, or a tab that ends over it, is not measured again.
    this.#remembered.keepChoice(modest);
    try {
      return await this.#measured(modest);
    } catch (thrown) {
      this.#waits.signal.throwIfAborted();
      throw new TooMuch('Measuring was too much for the GPU.', { cause: thrown });
    }
  }

  async #measured(modest: Choice): Promise<Choice> {
    const { manifest } = this.#sitting.source;
    const began = performance.now();
    const full = await this.#fastest('fp32', [modest], began);
    const half =
      this.#mayBeHalf() && (await this.#isRight('fp16')) ? await this.#fastest('fp16', [modest], began) : full;
    const precision = half !== full && isWorthHalf(full, half) ? 'fp16' : 'fp32';
    await this.#load(precision);
    const [, ...others] = candidatesOf(manifest, {
      bytesPerPx: this.#elementsPerPx * (precision === 'fp16' ? 2 : 4),
      limits: this.#gpu.limits,
    });
    const { window, batch } = await this.#fastest(precision, [modest, ...others], began);
    return { precision, window, batch };
  }

  /** The time that went by since `began` is taken off the budget. */
  async #fastest(precision: Precision, candidates: readonly Candidate[], began: number): Promise<Measured> {
    await this.#load(precision);
    const { key, source } = this.#sitting;
    const found = await fastest(candidates, {
      margin: source.manifest.input.margin,
      budgetSeconds: BUDGET_SECONDS - (performance.now() - began) / 1000,
      now: () => performance.now(),
      time: async ({ window, batch }) => (await this.#call('time', { key, window, batch })).seconds,
    });
    if (!found) throw new EosinError({ tag: 'Unexpected', reason: 'Nothing was measured.' });
    return found;
  }

  #mayBeHalf(): boolean {
    return this.#gpu.half && this.#sitting.source.manifest.input.multiple % 2 === 0;
  }

  /** Whether fp16 computes it well enough. A graph without a form in fp16, or one the runtime does not take, has not. */
  async #isRight(precision: 'fp16'): Promise<boolean> {
    try {
      const { wrong } = await this.#verdict(precision);
      if (wrong) this.#whyNotHalf = `In fp16 ${this.#gpu.name} is not exact enough (${wrong}), so it computes in fp32.`;
      return !wrong;
    } catch (thrown) {
      if (failureOf(thrown).tag !== 'ModelInvalid') throw thrown;
      this.#loaded = undefined;
      return false;
    }
  }

  async #verdict(precision: Precision): Promise<KeptVerdict> {
    const known = this.#known.get(precision);
    if (known) return known;
    let verdict = keptVerdict(this.#sitting, this.#remembered, precision);
    if (!verdict) {
      await this.#load(precision);
      verdict = await judged(this.#sitting, this.#remembered, precision, this.#waits);
    }
    this.#known.set(precision, verdict);
    return verdict;
  }

  async #load(precision: Precision): Promise<void> {
    if (this.#loaded === precision) return;
    this.#loaded = undefined;
    const asked = { device: 'webgpu', software: this.#software, precision } as const;
    this.#elementsPerPx = (await load(this.#sitting, asked, this.#waits)).elementsPerPx;
    this.#loaded = precision;
  }

  #call<W extends 'batch' | 'time'>(work: W, input: InferenceCalls[W]['in']): Promise<InferenceCalls[W]['out']> {
    return this.#sitting.realm.call(work, input, this.#waits);
  }
}

const load = ({ realm, key, source }: Sitting, asked: Omit<LoadCall, 'key' | 'source'>, waits: Waits) =>
  realm.call('load', { key, source, ...asked }, waits);

/** What the golden patch said of it on an earlier visit, where that may stand. */
const keptVerdict = ({ anew }: Sitting, remembered: Remembered, precision: Precision): KeptVerdict | undefined =>
  anew ? undefined : remembered.verdict(precision);

/** What the golden patch says of what is loaded; kept. */
async function judged(
  { realm, key, source, now }: Sitting,
  remembered: Remembered,
  precision: Precision,
  waits: Waits,
): Promise<KeptVerdict> {
  const verdict = { ...(await realm.call('judge', { key, golden: source.golden }, waits)), since: now() };
  remembered.keepVerdict(precision, verdict);
  return verdict;
}

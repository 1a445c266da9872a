// A model in the tab. It finds its device, and finds one again after the worker was replaced: WebGPU is asked for first,
// and WASM is our own second question, so that what computed is always known.

import { movable } from '#channel/movable.ts';
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import { loadTwice } from './load-twice.ts';
import type { PatchManifest } from './manifest.ts';
import type { Composer, DeviceReport, JudgedModel, Patch, PatchOutputs, RunOptions } from './model.ts';
import type { DeviceWanted } from './open-inference.ts';
import { outputBytes, usualOutputs } from './outputs.ts';
import { closeImages, imagesOf } from './patch-images.ts';
import type { ModelSource } from './protocol.ts';
import type { Realm } from './realm.ts';
import { canShare, RoundMemory } from './round-memory.ts';
import { type Seat, type Sitting, sitOnGpu, sitOnWasm, TooMuch } from './sitting.ts';
import type { TrustStore } from './trust-store.ts';

export interface TabModelParts {
  readonly key: number;
  readonly source: ModelSource<PatchManifest>;
  readonly device: DeviceWanted;
  readonly composer: Composer | undefined; // lent
  readonly kept: TrustStore; //               lent
  realm(): Promise<Realm>;
  /** Memory can be shared; by default where the page is isolated. */
  readonly shared?: boolean;
  now(): number; // ms since 1970
}

// A GPU that is lost this often is left alone: each loss costs a new worker and a golden patch.
const MOST_LOSSES = 2;
// Between two answers of a GPU: after a longer silence the machine may have slept, and a device that died meanwhile may hand
// back zeros as success, so that the golden patch comes first.
const SILENCE_MS = 60_000;
const MOST_IDLE = 4; // outputs: one is written, one waits, two are made objects of
// A worker starts in no less, whatever was measured.
const LEAST_START_MS = 300;

export class TabModel implements JudgedModel {
  readonly #parts: TabModelParts;
  readonly #life = new AbortController(); // aborted by dispose
  #seat: Promise<Seat> | undefined;
  #now: Seat | undefined; // what #seat came to
  #last: Seat | undefined; // outlives its realm, until the next is found
  #startMs = LEAST_START_MS; // from asking for a worker to computing in it
  readonly #lost = new WeakSet<Realm>(); // counted in #losses or #ownFailures: patches that waited together lose one device
  #losses = 0;
  /** Why the GPU is not asked again, a sentence; it was wrong, or lost too often. */
  #gpuGivenUp: string | undefined;
  /** Why Eosin's own kernels are not asked again, a sentence. */
  #ownGivenUp: string | undefined;
  #ownFailures = 0;
  #heard = 0; // ms, the last sign of life of the device
  #rejudging: Promise<void> | undefined;
  readonly #memory: RoundMemory;

  constructor(parts: TabModelParts) {
    this.#parts = parts;
    this.#memory = new RoundMemory(MOST_IDLE, parts.shared ?? canShare());
  }

  get manifest() {
    return this.#parts.source.manifest;
  }

  get report(): DeviceReport {
    return this.#lastSeat().report;
  }

  get window(): number {
    return this.#lastSeat().choice.window;
  }

  /** A GPU's batch waits complete while the one before it computes. */
  get ahead(): number {
    return 2 * this.#lastSeat().choice.batch;
  }

  /** Resolves once a device computes this model, its golden patch seen. */
  async ready(waits: Waits): Promise<void> {
    await this.#seated(waits);
  }

  async judgeAgain({ signal }: Waits): Promise<DeviceReport> {
    signal.throwIfAborted();
    this.#life.signal.throwIfAborted();
    this.#gpuGivenUp = undefined;
    this.#losses = 0;
    this.#ownGivenUp = undefined;
    this.#ownFailures = 0;
    await unlessAborted(this.#sitDown(true), signal);
    return this.report;
  }

  async run(patch: Patch, options: RunOptions): Promise<PatchOutputs> {
    using _working = this.#memory.working();
    try {
      const seat = await this.#seated(options);
      if (seat.own) return await this.#runOnOwn(seat, patch, options);
      if (seat.report.device === 'wasm') return await this.#runOn(seat, patch, options);
      try {
        await this.#afterSilence(seat, options);
        const found = await this.#runOn(seat, patch, options);
        await this.#afterSilence(seat, options);
        return found;
      } catch (thrown) {
        if (!options.signal.aborted) this.#countLoss(failureOf(thrown), seat);
        throw thrown;
      }
    } finally {
      closeImages(patch); // no more than stubs once transferred
    }
  }

  [Symbol.dispose](): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(new EosinError(this.#released()));
    const seat = this.#now;
    if (!seat || seat.realm.ended) return;
    const { signal } = new AbortController();
    seat.realm.call('release', { key: this.#parts.key }, { signal }).catch(() => undefined); // a worker that ended has released it
  }

  #released(): Failure {
    return { tag: 'UseAfterDispose', label: `The model ${this.manifest.name}` };
  }

  #lastSeat(): Seat {
    if (!this.#last) throw new EosinError({ tag: 'Unexpected', reason: `${this.manifest.name} is not ready yet.` });
    return this.#last;
  }

  giveBack(memory: Iterable<ArrayBufferLike>): void {
    for (const each of memory) this.#memory.giveBack(each);
  }

  async #runOn({ realm, report, own }: Seat, patch: Patch, options: RunOptions): Promise<PatchOutputs> {
    const { signal, outputs, views } = options;
    const { key, composer } = this.#parts;
    const names = outputs ?? usualOutputs(this.manifest);
    if (report.device === 'webgpu' || !composer)
      return (
        await realm.call('run', { key, patch, outputs: names, views }, { signal, transfer: imagesOf(patch), views })
      ).outputs;
    const values = await composer.compose(patch, this.manifest.input, { signal });
    const composed = { size: patch.size, values };
    const into = own && options.reused ? this.#memory.take(outputBytes(this.manifest, patch.size, names)) : undefined;
    const transfer = movable(into ? [values.buffer, into] : [values.buffer]);
    const found = await realm.call(
      'run',
      { key, patch: composed, outputs: names, into, views },
      { signal, transfer, views },
    );
    composer.giveBack(found.values ?? values); // of a run that failed or was left they may still be read
    return found.outputs;
  }

  /** Kernels that fail again and again are left for the runtime's. */
  async #runOnOwn(seat: Seat, patch: Patch, options: RunOptions): Promise<PatchOutputs> {
    try {
      return await this.#runOn(seat, patch, options);
    } catch (thrown) {
      const isFault = ['Unexpected', 'ModelWrong', 'TimedOut'].includes(failureOf(thrown).tag);
      if (isFault && !options.signal.aborted && !seat.realm.overtaken && !this.#lost.has(seat.realm)) {
        this.#lost.add(seat.realm);
        if (++this.#ownFailures >= MOST_LOSSES)
          this.#ownGivenUp = `Eosin’s own kernels failed ${this.#ownFailures} times (${whatHappened(thrown)}), so the runtime’s compute instead.`;
      }
      throw thrown;
    }
  }

  /** @throws EosinError ModelWrong where the GPU is no longer what it was */
  async #afterSilence(seat: Seat, { signal }: Waits): Promise<void> {
    const now = this.#parts.now();
    const silent = now - this.#heard > SILENCE_MS;
    this.#heard = now;
    if (silent) {
      this.#rejudging = this.#rejudge(seat).finally(() => (this.#rejudging = undefined));
      this.#rejudging.catch(() => undefined); // told to all that wait for it, if any
    }
    if (this.#rejudging !== undefined) await unlessAborted(this.#rejudging, signal);
  }

  async #rejudge(seat: Seat): Promise<void> {
    const { realm, report } = seat;
    const { key, source } = this.#parts;
    const { signal } = this.#life;
    const { wrong, maxDifference } = await realm.call('judge', { key, golden: source.golden }, { signal });
    const since = this.#parts.now();
    this.#heard = since;
    if (!wrong) {
      if (this.#last === seat)
        this.#last = { ...seat, report: { ...report, trust: { ...report.trust, maxDifference, since } } };
      return;
    }
    const failure = { tag: 'ModelWrong', model: this.manifest.id, device: report.deviceName, seen: wrong } as const;
    realm.end(failure);
    throw new EosinError(failure);
  }

  async #seated({ signal }: Waits): Promise<Seat> {
    signal.throwIfAborted();
    this.#life.signal.throwIfAborted();
    const sitting = this.#seat && !this.#now?.realm.ended ? this.#seat : this.#sitDown(false);
    const seat = await unlessAborted(sitting, signal);
    await unlessAborted(seat.realm.settled(this.#startMs), signal);
    return seat.realm.ended ? this.#seated({ signal }) : seat;
  }

  #sitDown(anew: boolean): Promise<Seat> {
    this.#now = undefined;
    const seat = this.#sit(anew);
    this.#seat = seat;
    seat.then(
      (found) => {
        if (this.#seat !== seat) return;
        this.#now = found;
        this.#last = found;
        this.#heard = this.#parts.now();
      },
      () => this.#seat === seat && (this.#seat = undefined),
    );
    return seat;
  }

  async #sit(anew: boolean): Promise<Seat> {
    const { signal } = this.#life;
    const whyNotGpu = await this.#tryGpu(anew);
    if (typeof whyNotGpu !== 'string') return whyNotGpu;
    return loadTwice(async () => {
      const began = performance.now();
      const sitting = await this.#sitting(anew);
      const passed = { whyNotGpu, fellBack: this.#gpuGivenUp !== undefined, whyNotOwn: this.#ownGivenUp };
      const seat = await sitOnWasm(sitting, passed, { signal });
      this.#startMs = Math.max(LEAST_START_MS, performance.now() - began);
      return seat;
    }, signal);
  }

  /** The golden patch runs again in every worker after the first, save where one was only busy: the processor is the same. */
  async #sitting(anew: boolean): Promise<Sitting> {
    const { key, source, kept, now } = this.#parts;
    const before = this.#last;
    const realm = await this.#parts.realm();
    const busy = before?.report.device === 'wasm' && before.realm.overtaken && before.realm.number + 1 === realm.number;
    return { realm, key, source, kept, now, anew: anew || (realm.number > 0 && !busy) };
  }

  /** A seat on the GPU, or the sentence why there is none. */
  async #tryGpu(anew: boolean): Promise<Seat | string> {
    const { device } = this.#parts;
    if (device === 'wasm') return 'WebAssembly was asked for.';
    if (this.#gpuGivenUp) return this.#gpuGivenUp;
    const { signal } = this.#life;
    const sit = async () => sitOnGpu(await this.#sitting(anew), device === 'webgpu', { signal });
    try {
      const found = await sit().catch((thrown: unknown) => {
        if (thrown instanceof TooMuch) return sit();
        throw thrown;
      });
      if ('report' in found) return found;
      const { deviceName, wrong } = found;
      return (this.#gpuGivenUp = `${deviceName} gave wrong numbers (${wrong}), so WebAssembly computes instead.`);
    } catch (thrown) {
      this.#life.signal.throwIfAborted();
      const failure = failureOf(thrown);
      if (failure.tag === 'NoGpu') return sentence(failure.reason);
      if (failure.tag === 'Unreachable') throw thrown; // the network's fault, not the GPU's
      return (this.#gpuGivenUp = `The GPU did not get through the golden patch: ${whatHappened(thrown)}`);
    }
  }

  #countLoss(failure: Failure, { realm, report }: Seat): void {
    if (failure.tag !== 'DeviceLost' && failure.tag !== 'TimedOut' && failure.tag !== 'ModelWrong') return;
    if (this.#lost.has(realm)) return;
    this.#lost.add(realm);
    this.#losses++;
    if (this.#losses < MOST_LOSSES) return;
    this.#gpuGivenUp = `${report.deviceName} failed ${this.#losses} times in this session, so WebAssembly computes instead.`;
  }
}

const sentence = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
const whatHappened = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

// A model in the tab. It finds its device, and finds one again after the worker was replaced: WebGPU is asked for first,
// and WASM is our own second question, so that what computed is always known.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import { loadTwice } from './load-twice.ts';
import type { PatchManifest } from './manifest.ts';
import type { DeviceReport, LoadedModel, Patch, PatchOutputs, RunOptions } from './model.ts';
import type { DeviceWanted } from './open-inference.ts';
import { usualOutputs } from './outputs.ts';
import type { Loaded, ModelSource } from './protocol.ts';
import type { Realm } from './realm.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TabModelParts {
  readonly key: number;
  readonly source: ModelSource<PatchManifest>;
  readonly device: DeviceWanted;
  realm(): Promise<Realm>;
}

interface Seat {
  readonly realm: Realm;
  readonly report: DeviceReport;
}

// A GPU that is lost this often is left alone: each loss costs a new worker and a golden patch.
const MOST_LOSSES = 2;

export class TabModel implements LoadedModel {
  readonly #parts: TabModelParts;
  readonly #life = new AbortController(); // aborted by dispose
  #seat: Promise<Seat> | undefined;
  #now: Seat | undefined;
  #report: DeviceReport | undefined; // outlives its seat, until the next is found
  readonly #lost = new WeakSet<Realm>(); // counted in #losses: patches that waited together lose one device
  #losses = 0;
  /** Why the GPU is not asked again, a sentence; it was wrong, or lost too often. */
  #gpuGivenUp: string | undefined;

  constructor(parts: TabModelParts) {
    this.#parts = parts;
  }

  get manifest() {
    return this.#parts.source.manifest;
  }

  get report(): DeviceReport {
    if (!this.#report) throw new EosinError({ tag: 'Unexpected', reason: `${this.manifest.name} is not ready yet.` });
    return this.#report;
  }

  /** Resolves once a device computes this model, its golden patch seen. */
  async ready(waits: Waits): Promise<void> {
    await this.#seated(waits);
  }

  async run(patch: Patch, { signal, outputs = usualOutputs(this.manifest) }: RunOptions): Promise<PatchOutputs> {
    try {
      const { realm, report } = await this.#seated({ signal });
      try {
        return await realm.call('run', { key: this.#parts.key, patch, outputs }, { signal, transfer: imagesOf(patch) });
      } catch (thrown) {
        if (report.device === 'webgpu' && !signal.aborted) this.#countLoss(failureOf(thrown), realm, report.deviceName);
        throw thrown;
      }
    } finally {
      for (const { image } of patch.tiles) if ('close' in image) image.close(); // no more than a stub once transferred
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

  async #seated({ signal }: Waits): Promise<Seat> {
    signal.throwIfAborted();
    this.#life.signal.throwIfAborted();
    if (!this.#seat || this.#now?.realm.ended) {
      this.#now = undefined;
      const seat = this.#sit();
      this.#seat = seat;
      seat.then(
        (found) => {
          this.#now = found;
          this.#report = found.report;
        },
        () => this.#seat === seat && (this.#seat = undefined),
      );
    }
    const seat = await unlessAborted(this.#seat, signal);
    await unlessAborted(seat.realm.settled(), signal);
    return seat.realm.ended ? this.#seated({ signal }) : seat;
  }

  async #sit(): Promise<Seat> {
    const whyNotGpu = await this.#tryGpu();
    if (typeof whyNotGpu !== 'string') return whyNotGpu;
    const { realm, loaded } = await loadTwice(() => this.#load('wasm'), this.#life.signal);
    const { id, golden } = this.manifest;
    if (loaded.wrong)
      throw new EosinError({ tag: 'ModelWrong', model: id, device: loaded.deviceName, seen: loaded.wrong });
    return {
      realm,
      report: {
        device: 'wasm',
        deviceName: loaded.deviceName,
        whyNotGpu,
        trust: {
          verdict: this.#gpuGivenUp ? 'fell back' : 'trusted',
          precision: 'fp32',
          maxDifference: loaded.maxDifference,
          tolerance: golden.tolerance,
          why: this.#gpuGivenUp,
        },
      },
    };
  }

  /** A seat on the GPU, or the sentence why there is none. */
  async #tryGpu(): Promise<Seat | string> {
    if (this.#parts.device === 'wasm') return 'WebAssembly was asked for.';
    if (this.#gpuGivenUp) return this.#gpuGivenUp;
    try {
      const { realm, loaded } = await this.#load('webgpu');
      const { deviceName, maxDifference, wrong } = loaded;
      if (wrong) {
        return (this.#gpuGivenUp = `${deviceName} gave wrong numbers (${wrong}), so WebAssembly computes instead.`);
      }
      const { tolerance } = this.manifest.golden;
      const trust = { verdict: 'trusted', precision: 'fp32', maxDifference, tolerance, why: undefined } as const;
      return { realm, report: { device: 'webgpu', deviceName, whyNotGpu: undefined, trust } };
    } catch (thrown) {
      this.#life.signal.throwIfAborted();
      const failure = failureOf(thrown);
      if (failure.tag === 'NoGpu') return sentence(failure.reason);
      if (failure.tag === 'Unreachable') throw thrown; // the network's fault, not the GPU's
      return (this.#gpuGivenUp = `The GPU did not get through the golden patch: ${whatHappened(thrown)}`);
    }
  }

  async #load(device: 'webgpu' | 'wasm'): Promise<{ realm: Realm; loaded: Loaded }> {
    const { key, source, device: wanted } = this.#parts;
    const { signal } = this.#life;
    const realm = await this.#parts.realm();
    const loaded = await realm.call('load', { key, source, device, software: wanted === 'webgpu' }, { signal });
    // A wrong GPU is not only useless: its realm is not trusted to run WASM beside it.
    if (loaded.wrong)
      realm.end({ tag: 'ModelWrong', model: this.manifest.id, device: loaded.deviceName, seen: loaded.wrong });
    return { realm, loaded };
  }

  #countLoss(failure: Failure, realm: Realm, deviceName: string): void {
    if (failure.tag !== 'DeviceLost' && failure.tag !== 'TimedOut' && failure.tag !== 'ModelWrong') return;
    if (this.#lost.has(realm)) return;
    this.#lost.add(realm);
    this.#losses++;
    if (this.#losses < MOST_LOSSES) return;
    this.#gpuGivenUp = `${deviceName} failed ${this.#losses} times in this session, so WebAssembly computes instead.`;
  }
}

const sentence = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
const whatHappened = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** What moves with a patch: the same picture may be named twice. */
function imagesOf({ tiles }: Patch): Transferable[] {
  return [...new Set(tiles.map(({ image }) => ('rgba' in image ? image.rgba.buffer : image)))];
}

// An attention network or a head in the tab. It has no device to find: WASM computes it, in whatever worker there is by then.

import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { loadTwice } from './load-twice.ts';
import type { RowsManifest } from './manifest.ts';
import type { DeviceReport, LoadedRows, PatchOutputs, RunOptions } from './model.ts';
import type { InferenceCalls, ModelSource } from './protocol.ts';
import type { Realm } from './realm.ts';
import { wasmReport } from './wasm-report.ts';

export interface TabRowsParts {
  readonly key: number;
  readonly source: ModelSource<RowsManifest>;
  realm(): Promise<Realm>;
}

const WHY_WASM = 'A network this small is faster on the processor.';

export class TabRows implements LoadedRows {
  readonly #parts: TabRowsParts;
  #realm: Promise<Realm> | undefined;
  #now: Realm | undefined; // what #realm came to
  #report: DeviceReport | undefined;
  #disposed = false;

  constructor(parts: TabRowsParts) {
    this.#parts = parts;
  }

  get manifest(): RowsManifest {
    return this.#parts.source.manifest;
  }

  get report(): DeviceReport {
    if (!this.#report) throw new EosinError({ tag: 'Unexpected', reason: `${this.manifest.name} is not ready yet.` });
    return this.#report;
  }

  /** Resolves once its golden features were seen. @throws EosinError ModelWrong, ModelInvalid, TimedOut, WorkerDied */
  async ready({ signal }: Waits): Promise<void> {
    await unlessAborted(this.#seated(), signal);
  }

  async run(features: Float32Array, { signal, outputs }: RunOptions): Promise<PatchOutputs> {
    signal.throwIfAborted();
    const realm = await unlessAborted(this.#seated(), signal);
    await unlessAborted(realm.settled(), signal); // after a patch that was cancelled, the worker may be replaced
    if (realm.ended) return this.run(features, { signal, ...(outputs && { outputs }) });
    const names = outputs ?? this.manifest.outputs.map(({ name }) => name);
    const copy = Float32Array.from(features);
    return realm.call(
      'runRows',
      { key: this.#parts.key, features: copy, outputs: names },
      { signal, transfer: [copy.buffer] },
    );
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { signal } = new AbortController();
    const release = (realm: Realm): unknown =>
      realm.ended || realm.call('release', { key: this.#parts.key }, { signal }).catch(() => undefined);
    this.#realm?.then(release, () => undefined); // also what is still loading; a worker that ended has released it
  }

  #seated(): Promise<Realm> {
    if (this.#disposed) throw new EosinError({ tag: 'UseAfterDispose', label: `The model ${this.manifest.name}` });
    if (this.#realm && !this.#now?.ended) return this.#realm;
    this.#now = undefined;
    const sitting = this.#sit();
    this.#realm = sitting;
    sitting.catch(() => {
      if (this.#realm === sitting) this.#realm = undefined;
    });
    return sitting;
  }

  async #sit(): Promise<Realm> {
    const { key, source } = this.#parts;
    const { signal } = new AbortController(); // it is loaded for all who wait
    const load = async (): Promise<{ realm: Realm; loaded: InferenceCalls['loadRows']['out'] }> => {
      const realm = await this.#parts.realm();
      return { realm, loaded: await realm.call('loadRows', { key, source }, { signal }) };
    };
    const { realm, loaded } = await loadTwice(load, signal);
    const { name: deviceName, ...said } = loaded;
    const verdict = { ...said, since: Date.now() };
    this.#report = wasmReport(this.manifest, { deviceName, whyNotGpu: WHY_WASM, verdict });
    this.#now = realm;
    return realm;
  }
}

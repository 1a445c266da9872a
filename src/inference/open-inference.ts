// The main thread's side of inference: downloads models, owns the one worker, decides where a model computes.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import { type DownloadOptions, downloadModel, type Network } from './download.ts';
import type { Composer, JudgedModel, LoadedRows } from './model.ts';
import { patchManifest, rowsManifest } from './parse-manifest.ts';
import { type InferenceWorker, type Patience, Realm } from './realm.ts';
import { TabModel } from './tab-model.ts';
import { TabRows } from './tab-rows.ts';
import { memoryStore, type TrustStore } from './trust-store.ts';

export type DeviceWanted = 'auto' | 'webgpu' | 'wasm';

export interface LoadOptions extends DownloadOptions {
  /** 'auto': a real GPU, else WASM. 'webgpu' takes an adapter that computes on the CPU too. Default 'auto'. */
  readonly device?: DeviceWanted;
}

export interface Inference extends Disposable {
  /**
   * Downloads a model, opens it and runs its golden patch.
   * @param base URL of the model's folder, relative to the page or absolute
   * @throws EosinError NotFound, Unreachable, ModelInvalid, ModelHash, ModelWrong (refused: even WASM is wrong),
   *   TimedOut, WorkerDied; the signal's reason, at once
   */
  load(base: string, options: LoadOptions): Promise<JudgedModel>;
  /** The same for an attention network or a head, which reads features. @throws as load */
  loadRows(base: string, options: DownloadOptions): Promise<LoadedRows>;
}

export interface InferenceParts {
  spawn(): InferenceWorker;
  /** The page's address, which relative model URLs start from. */
  readonly page: string;
  readonly network: Network;
  readonly patience?: Patience;
  /** Composes for WASM, beside the worker; without it the worker composes by itself. Owned from here on. */
  readonly composer?: Composer;
  /** Keeps verdicts and measured choices between visits; without it for this one. */
  readonly kept?: TrustStore;
}

const USUAL_PATIENCE: Patience = { loadSeconds: 120, runSeconds: 120, cancelSeconds: 2 };

export function openInference({
  spawn,
  page,
  network,
  patience = USUAL_PATIENCE,
  ...parts
}: InferenceParts): Inference {
  const { composer, kept = memoryStore() } = parts;
  let realm: Realm | undefined;
  let disposed = false;
  let lastKey = 0;

  /** The worker of now: a new one where the last has ended, and never one that still works at something cancelled. */
  const current = async (): Promise<Realm> => {
    await realm?.settled();
    if (disposed) throw new EosinError(gone);
    if (!realm || realm.ended) realm = new Realm(spawn(), patience, realm ? realm.number + 1 : 0);
    return realm;
  };

  const folderOf = (base: string): string => new URL(base.endsWith('/') ? base : `${base}/`, page).href;

  return {
    async load(base, { device = 'auto', ...options }) {
      options.signal.throwIfAborted();
      const source = await downloadModel(folderOf(base), network, options);
      const manifest = patchManifest(source.manifest);
      const key = ++lastKey;
      return ready(
        new TabModel({ key, source: { ...source, manifest }, device, realm: current, composer, kept, now: Date.now }),
        options,
      );
    },
    async loadRows(base, options) {
      options.signal.throwIfAborted();
      const source = await downloadModel(folderOf(base), network, options);
      const manifest = rowsManifest(source.manifest);
      return ready(new TabRows({ key: ++lastKey, source: { ...source, manifest }, realm: current }), options);
    },
    [Symbol.dispose]() {
      disposed = true;
      realm?.end(gone);
      composer?.[Symbol.dispose]();
    },
  };
}

/** The model itself, once it can be used; one that cannot is disposed. */
async function ready<M extends TabModel | TabRows>(model: M, waits: Waits): Promise<M> {
  try {
    await model.ready(waits);
    return model;
  } catch (thrown) {
    model[Symbol.dispose]();
    throw thrown;
  }
}

const gone: Failure = { tag: 'UseAfterDispose', label: 'Inference' };

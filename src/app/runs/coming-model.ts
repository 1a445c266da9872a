// The model of a run that goes on: what the run was begun with, until what computes now is loaded.
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { DeviceReport, LoadedModel } from '#inference/model.ts';

/** Says what computed once, and computes nothing. @param device of a run's header */
export function asKept(manifest: PatchManifest, device: string, window: number): LoadedModel {
  const computed = device.startsWith('webgpu') ? 'webgpu' : 'wasm';
  const report: DeviceReport = {
    device: computed,
    deviceName: computed === 'webgpu' ? 'WebGPU' : 'WebAssembly',
    whyNotGpu: undefined,
    trust: {
      verdict: 'trusted',
      precision: device.endsWith('fp16') ? 'fp16' : 'fp32',
      maxDifference: 0,
      tolerance: 0,
      why: undefined,
      since: 0,
    },
  };
  return {
    manifest,
    report,
    window,
    ahead: 1,
    run: () => Promise.reject(new EosinError({ tag: 'Unexpected', reason: 'A run that is shown computes nothing.' })),
    giveBack: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

export interface ComingModel extends LoadedModel {
  /** Rejects with what loading throws. */
  readonly ready: Promise<void>;
  /** Undefined until then. */
  readonly loaded: LoadedModel | undefined;
}

/** @param before stands for it until it is loaded; cores are cut by its window */
export function comingModel(before: LoadedModel, loading: Promise<LoadedModel>): ComingModel {
  let loaded: LoadedModel | undefined;
  const now = (): LoadedModel => loaded ?? before;
  const ready = loading.then((model) => {
    loaded = model;
  });
  ready.catch(() => undefined); // told to whoever waits for it, if anybody does
  return {
    manifest: before.manifest,
    window: before.window,
    get report() {
      return now().report;
    },
    get ahead() {
      return now().ahead;
    },
    get loaded() {
      return loaded;
    },
    ready,
    run: (patch, options) => now().run(patch, options),
    giveBack: (memory) => now().giveBack(memory),
    [Symbol.dispose]: () => undefined,
  };
}

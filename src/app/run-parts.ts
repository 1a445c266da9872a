// What a run needs, loaded when the first one starts: the runtime, post-processing, planning.

import type { JudgedModel, LoadedRows } from '#inference/model.ts';
import { modelFolder, network } from './models.ts';
import { once } from './once.ts';
import type { DeviceChoice } from './stores/settings-store.ts';

export interface ModelAsked {
  readonly signal: AbortSignal;
  readonly device: DeviceChoice;
  readonly onProgress: (bytes: number, total: number) => void;
}

export interface RunParts {
  readonly analyse: typeof import('#analysis/run.ts').analyse;
  readonly postprocess: import('#analysis/postprocess/postprocessor.ts').Postprocessor;
  /** The last few that were used are kept: a run's network, and the encoders beside it. The longest unused one goes. */
  model(id: string, asked: ModelAsked): Promise<JudgedModel>;
  /** Attention networks and heads: small, and kept. */
  rows(id: string, asked: Omit<ModelAsked, 'device'>): Promise<LoadedRows>;
}

const MODELS_KEPT = 4; // a network, two encoders, one to spare

/** Loads at the first call, and again where that failed. */
export const lazyRunParts = (): (() => Promise<RunParts>) => once(load);

async function load(): Promise<RunParts> {
  const [
    { analyse },
    { openPostprocess },
    { openInference },
    { spawnInference },
    { openComposer },
    { browserStorage, trustIn },
    { ModelsInUse },
  ] = await Promise.all([
    import('#analysis/run.ts'),
    import('#analysis/open-postprocess.ts'),
    import('#inference/open-inference.ts'),
    import('#inference/spawn-inference.ts'),
    import('#inference/open-composer.ts'),
    import('./runs/trust-in-browser.ts'),
    import('./runs/models-in-use.ts'),
  ]);
  const inference = openInference({
    spawn: spawnInference,
    composer: openComposer(),
    page: document.baseURI,
    network,
    kept: trustIn(browserStorage()),
  });
  const models = new ModelsInUse(MODELS_KEPT);
  const keptRows = new Map<string, LoadedRows>();
  return {
    analyse,
    postprocess: openPostprocess({ nucleiThreads: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 2)) }),
    model: (id, asked) => models.get(`${id} on ${asked.device}`, () => inference.load(modelFolder(id), asked), asked),
    async rows(id, asked) {
      const model = keptRows.get(id) ?? (await inference.loadRows(modelFolder(id), asked));
      keptRows.set(id, model);
      return model;
    },
  };
}

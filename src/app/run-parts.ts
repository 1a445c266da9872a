// What a run needs, loaded when the first one starts: the runtime, post-processing, planning.
import type { LoadedModel } from '#inference/model.ts';
import { modelFolder, network } from './models.ts';
import type { DeviceChoice } from './stores/settings-store.ts';

export interface ModelAsked {
  readonly signal: AbortSignal;
  readonly device: DeviceChoice;
  readonly onProgress: (bytes: number, total: number) => void;
}

export interface RunParts {
  readonly analyse: typeof import('#analysis/run.ts').analyse;
  readonly openJournal: typeof import('#analysis/journal.ts').openMemoryJournal;
  readonly postprocess: import('#analysis/postprocess/postprocessor.ts').Postprocessor;
  /** One model is kept; another model or device takes its place. */
  model(id: string, asked: ModelAsked): Promise<LoadedModel>;
}

/** Loads at the first call, and again where that failed. */
export function lazyRunParts(): () => Promise<RunParts> {
  let parts: Promise<RunParts> | undefined;
  return () => {
    parts ??= load().catch((thrown: unknown) => {
      parts = undefined;
      throw thrown;
    });
    return parts;
  };
}

async function load(): Promise<RunParts> {
  const [{ analyse }, { openMemoryJournal }, { openPostprocess }, { openInference }, { spawnInference }] =
    await Promise.all([
      import('#analysis/run.ts'),
      import('#analysis/journal.ts'),
      import('#analysis/open-postprocess.ts'),
      import('#inference/open-inference.ts'),
      import('#inference/spawn-inference.ts'),
    ]);
  const inference = openInference({ spawn: spawnInference, page: document.baseURI, network });
  let kept: { key: string; model: LoadedModel } | undefined;
  return {
    analyse,
    openJournal: openMemoryJournal,
    postprocess: openPostprocess({ nucleiThreads: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 2)) }),
    async model(id, asked) {
      const key = `${id} on ${asked.device}`;
      if (kept?.key === key) return kept.model;
      const model = await inference.load(modelFolder(id), asked);
      kept?.model[Symbol.dispose]();
      kept = { key, model };
      return model;
    },
  };
}

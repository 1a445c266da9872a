import type { InferenceWorker } from './realm.ts';

/** The worker file as the bundler knows it. Nothing of the runtime is loaded before this is called. */
export const spawnInference = (): InferenceWorker =>
  new Worker(new URL('./inference.worker.ts', import.meta.url), { type: 'module', name: 'inference' });

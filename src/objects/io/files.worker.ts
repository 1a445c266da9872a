import type { Port } from '#channel/channel.ts';
import { spawned } from '#channel/worker-set.ts';
import { serveFiles } from './serve-files.ts';

declare const self: Port;

serveFiles(self, () =>
  spawned(new Worker(new URL('./pack.worker.ts', import.meta.url), { type: 'module', name: 'eosin packing' })),
);

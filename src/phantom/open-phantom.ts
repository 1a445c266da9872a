// Synthetic slides in a browser tab: tiles come from a small pool of workers.
import { spawned } from '#channel/worker-set.ts';
import { PaintPool } from './paint-pool.ts';
import { createPhantom, type Phantom } from './phantom.ts';

/** Opens `phantom:SEED` without any input or output; disposing the slide stops its workers. */
export function openPhantom(
  seed: number,
  workers = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)),
): Phantom {
  const pool = new PaintPool(spawnPainter, workers);
  return createPhantom(
    seed,
    (of, at, waits) => pool.paint(of, at, waits),
    () => pool[Symbol.dispose](),
  );
}

const spawnPainter = () =>
  spawned(new Worker(new URL('./phantom.worker.ts', import.meta.url), { type: 'module', name: 'eosin sample' }));

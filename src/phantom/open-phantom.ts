// Synthetic slides in a browser tab: tiles come from a small pool of workers.
import { spawned } from '#channel/worker-set.ts';
import { withDecodedTiles } from '#slide/decoded-tiles.ts';
import { PaintPool } from './paint-pool.ts';
import { createPhantom, type Phantom } from './phantom.ts';

/** Painting a tile takes a tenth of a second and more, and the view and the patches of a run ask for the same ones. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** Opens `phantom:SEED` without any input or output; disposing the slide stops its workers. */
export function openPhantom(
  seed: number,
  workers = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)),
): Phantom {
  const pool = new PaintPool(spawnPainter, workers);
  const painted = createPhantom(seed, (of, at, waits) => pool.paint(of, at, waits));
  const kept = withDecodedTiles(painted, KEPT_BYTES);
  return {
    ...painted,
    readTile: kept.readTile,
    [Symbol.dispose]() {
      kept[Symbol.dispose]();
      pool[Symbol.dispose]();
    },
  };
}

const spawnPainter = () =>
  spawned(new Worker(new URL('./phantom.worker.ts', import.meta.url), { type: 'module', name: 'eosin sample' }));

import type { Waits } from '#channel/waits.ts';
import type { Rect } from '#units/rect.ts';
import type { CoreAt } from './core-at.ts';
import type { CoreMap } from './core-map.ts';
import type { LargeColumns, MosaicSetup } from './large.ts';
import { type PoolTask, poolObjects } from './pool.ts';
import { createPatchSteps, Mosaics } from './steps.ts';
import type { PatchFound, PatchTask } from './tasks.ts';

/** Maps → objects. Tasks are taken over: their buffers may move to another thread. */
export interface Postprocessor extends Disposable {
  /** Tasks worth giving at once. */
  readonly atOnce: number;
  /** @throws EosinError WorkerDied; the signal's reason */
  patch(task: PatchTask, waits: Waits): Promise<PatchFound>;
  /** The features move, the objects are copied. @returns [objects × channels] @throws EosinError WorkerDied; the signal's reason */
  pool(task: PoolTask, waits: Waits): Promise<Float32Array<ArrayBuffer>>;
  /** @throws EosinError WorkerDied; the signal's reason */
  openMosaic(setup: MosaicSetup, waits: Waits): Promise<Mosaic>;
}

/** The large objects of one run. Disposed when the run is over. */
export interface Mosaic extends Disposable {
  /** Takes the map over. */
  add(col: number, row: number, core: CoreMap, waits: Waits): Promise<void>;
  /** This core will not come. */
  skip(col: number, row: number, waits: Waits): Promise<void>;
  /** Cores around the planned ones that would complete glands of the region (level-0 px), once the planned are settled. */
  wanted(region: Rect, waits: Waits): Promise<readonly CoreAt[]>;
  /** All so far; with `final` what never came is taken as background. */
  collect(final: boolean, waits: Waits): Promise<LargeColumns>;
}

/** On the calling thread: Node, tests. */
export function inlinePostprocessor(): Postprocessor {
  const patchOf = createPatchSteps();
  const mosaics = new Mosaics();
  let last = 0;
  return {
    atOnce: 1,
    patch: async (task, { signal }) => {
      signal.throwIfAborted();
      return patchOf(task);
    },
    pool: async (task, { signal }) => {
      signal.throwIfAborted();
      return poolObjects(task);
    },
    openMosaic: async (setup, { signal }) => {
      signal.throwIfAborted();
      const id = ++last;
      mosaics.open(id, setup);
      return {
        add: async (col, row, core, waits) => {
          waits.signal.throwIfAborted();
          mosaics.add(id, col, row, core);
        },
        skip: async (col, row, waits) => {
          waits.signal.throwIfAborted();
          mosaics.skip(id, col, row);
        },
        wanted: async (region, waits) => {
          waits.signal.throwIfAborted();
          return mosaics.wanted(id, region);
        },
        collect: async (final, waits) => {
          waits.signal.throwIfAborted();
          return mosaics.collect(id, final);
        },
        [Symbol.dispose]: () => mosaics.close(id),
      };
    },
    [Symbol.dispose]: () => undefined,
  };
}

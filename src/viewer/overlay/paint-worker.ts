// The worker that paints heavy findings, started when it is first needed. Once it has died, nothing is painted there.
import { unhurried } from '#channel/waits.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import { headsOf } from '#objects/flat-map.ts';
import { type GridPatch, isSameGrid, type ValueGrid } from '#objects/grid.ts';
import type { Part } from '../viewer-api.ts';
import { buffersOfFar, type FarRows } from './far.ts';
import type { Tint } from './groups.ts';
import { buffersOfNear, type NearRows } from './near.ts';
import type { PaintAsked, Scope } from './paint-asked.ts';
import type { GridSent, PaintCalls, Picture } from './paint-calls.ts';
import { type Scene, swipedMaps } from './scene.ts';
import { SmallAnnotations } from './small-annotations.ts';
import type { RowsTaker } from './supply.ts';

const spawnPainter = (): Spawned =>
  spawned(new Worker(new URL('./paint.worker.ts', import.meta.url), { type: 'module', name: 'eosin overlay' }));

interface Grids {
  readonly grid: ValueGrid | undefined;
  readonly swipeGrid: ValueGrid | undefined;
}

const NO_GRIDS: Grids = { grid: undefined, swipeGrid: undefined };

/** Patches that go over together: some 100 kB, copied within a millisecond. */
const AT_ONCE = 16;

type Maps = Pick<Scene, 'grid' | 'patchMap' | 'swipe' | 'classMap' | 'analysed'>;

export class PaintWorker implements RowsTaker, Disposable {
  readonly #set = new WorkerSet<PaintCalls>(spawnPainter, 'The painting worker');
  /** Small ones of many are drawn otherwise: who has nothing for a lot to paint needs no code for it. */
  readonly annotations = new SmallAnnotations();
  readonly #onDead: () => void;
  readonly #numbers = new Map<GridPatch, number>(); // of the patches that the worker has
  #last = 0;
  #grids: Grids = NO_GRIDS;
  #maps: (PaintCalls['maps']['in'] & Pick<Scene, 'analysed'>) | undefined;

  /** @param onDead the worker could not be started, or died: what it held is gone */
  constructor(onDead: () => void) {
    this.#onDead = onDead;
  }

  near(part: Part, rows: NearRows | undefined): void {
    this.#send('near', { part, rows }, rows && buffersOfNear(rows));
  }

  far(part: Part, rows: FarRows | undefined): void {
    this.#send('far', { part, rows }, rows && buffersOfFar(rows));
  }

  tint(part: Part, scope: Scope, tint: Tint | undefined): void {
    this.#send('tint', { part, scope, tint }, tint && [tint.values.buffer]);
  }

  marks(part: Part, scope: Scope, marks: Uint8Array<ArrayBuffer> | undefined): void {
    this.#send('marks', { part, scope, marks }, marks && [marks.buffer]);
  }

  /**
   * Copies what the worker does not have yet. False where copying goes on in the next frame.
   * @param until ms, of performance.now(): copying goes on so long
   */
  maps({ grid, patchMap, swipe, classMap, analysed }: Maps, until: number): boolean {
    const { swipeMap, swipeGrid } = swipedMaps(swipe);
    if (!this.#giveGrids(grid?.grid, swipeGrid, until)) return false;
    const now = { patchMap: patchMap?.map, swipeMap, classMap };
    const had = this.#maps;
    const same = had?.patchMap === now.patchMap && had?.swipeMap === swipeMap && had?.classMap === classMap;
    if (!same) this.#send('maps', now);
    if (had?.analysed !== analysed) this.#send('analysed', analysed);
    this.#maps = { ...now, analysed };
    return true;
  }

  #giveGrids(grid: ValueGrid | undefined, swipeGrid: ValueGrid | undefined, until: number): boolean {
    if (isSameGrid(grid, this.#grids.grid) && isSameGrid(swipeGrid, this.#grids.swipeGrid)) return true;
    for (const each of [grid, swipeGrid]) if (each && !this.#givePatches(each, until)) return false;
    this.#grids = { grid, swipeGrid };
    const kept = new Set([...(grid?.patches ?? []), ...(swipeGrid?.patches ?? [])]);
    for (const patch of this.#numbers.keys()) if (!kept.has(patch)) this.#numbers.delete(patch);
    this.#send('grids', { grid: this.#sent(grid), swipeGrid: this.#sent(swipeGrid) });
    return true;
  }

  #sent(grid: ValueGrid | undefined): GridSent | undefined {
    if (!grid) return undefined;
    const { name, channels, patches } = grid;
    return { name, channels, numbers: Uint32Array.from(patches, (patch) => this.#numbers.get(patch) ?? 0) };
  }

  /** False where there are more. */
  #givePatches({ channels, patches }: ValueGrid, until: number): boolean {
    let some: GridPatch[] = [];
    for (const patch of patches) {
      if (this.#numbers.has(patch)) continue;
      this.#numbers.set(patch, ++this.#last);
      some.push(patch);
      if (some.length < AT_ONCE) continue;
      this.#sendPatches(some, channels.length);
      some = [];
      if (performance.now() > until) return false;
    }
    if (some.length > 0) this.#sendPatches(some, channels.length);
    return true;
  }

  #sendPatches(patches: readonly GridPatch[], channels: number): void {
    const values = new Float32Array(patches.reduce((sum, { cols, rows }) => sum + channels * cols * rows, 0));
    let at = 0;
    for (const { cols, rows, values: of } of patches) {
      values.set(of.subarray(0, channels * cols * rows), at);
      at += channels * cols * rows;
    }
    const heads = headsOf(patches);
    const numbers = Uint32Array.from(patches, (patch) => this.#numbers.get(patch) ?? 0);
    this.#send('patches', { numbers, heads, values, channels }, [heads.buffer, values.buffer, numbers.buffer]);
  }

  /** Undefined once the worker is dead. */
  async paint(asked: PaintAsked): Promise<Picture | undefined> {
    try {
      return await this.#member().channel.call('paint', asked, unhurried());
    } catch {
      this.#onDead();
      return undefined;
    }
  }

  forget(): void {
    this.#numbers.clear();
    this.#grids = NO_GRIDS;
    this.#maps = undefined;
    if (this.#set.members.length > 0) this.#send('forget', undefined);
  }

  #member() {
    return this.#set.members[0] ?? this.#set.start();
  }

  #send<K extends Exclude<keyof PaintCalls, 'paint'>>(
    call: K,
    input: PaintCalls[K]['in'],
    transfer: ArrayBuffer[] = [],
  ): void {
    this.#member()
      .channel.call(call, input, { ...unhurried(), transfer })
      .catch(() => this.#onDead());
  }

  [Symbol.dispose](): void {
    this.#set.close();
  }
}

// The worker that paints heavy findings, started when it is first needed. Once it has died, nothing is painted there.
import { unhurried } from '#channel/waits.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import type { ObjectKind } from '#objects/columns.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { buffersOfFar, type FarRows } from './far.ts';
import type { Tint } from './groups.ts';
import { buffersOfNear, type NearRows } from './near.ts';
import type { PaintAsked, Scope } from './paint-asked.ts';
import type { PaintCalls, Picture } from './paint-calls.ts';
import { type Scene, swipedMaps } from './scene.ts';
import type { RowsTaker } from './supply.ts';

const spawnPainter = (): Spawned =>
  spawned(new Worker(new URL('./paint.worker.ts', import.meta.url), { type: 'module', name: 'eosin overlay' }));

type Maps = Pick<Scene, 'grid' | 'patchMap' | 'swipe' | 'classMap' | 'analysed'>;

export class PaintWorker implements RowsTaker, Disposable {
  readonly #set = new WorkerSet<PaintCalls>(spawnPainter, 'The painting worker');
  readonly #onDead: () => void;
  readonly #numbers = new Map<GridPatch, number>(); // of the patches that the worker has
  #last = 0;
  #grid: ValueGrid | undefined;
  #maps: Maps | undefined;

  /** @param onDead the worker could not be started, or died: what it held is gone */
  constructor(onDead: () => void) {
    this.#onDead = onDead;
  }

  near(kind: ObjectKind, rows: NearRows | undefined): void {
    this.#send('near', { kind, rows }, rows && buffersOfNear(rows));
  }

  far(kind: ObjectKind, rows: FarRows | undefined): void {
    this.#send('far', { kind, rows }, rows && buffersOfFar(rows));
  }

  tint(kind: ObjectKind, scope: Scope, tint: Tint | undefined): void {
    this.#send('tint', { kind, scope, tint }, tint && [tint.values.buffer]);
  }

  marks(kind: ObjectKind, scope: Scope, marks: Uint8Array<ArrayBuffer> | undefined): void {
    this.#send('marks', { kind, scope, marks }, marks && [marks.buffer]);
  }

  /** Copies what the worker does not have yet. */
  maps({ grid, patchMap, swipe, classMap, analysed }: Maps): void {
    if (grid?.grid !== this.#grid) this.#sendGrid(grid?.grid);
    const had = this.#maps;
    const now = { patchMap: patchMap?.map, ...swipedMaps(swipe), classMap };
    const before = had && { patchMap: had.patchMap?.map, ...swipedMaps(had.swipe), classMap: had.classMap };
    this.#maps = { grid, patchMap, swipe, classMap, analysed };
    const same =
      before?.patchMap === now.patchMap &&
      before?.swipeMap === now.swipeMap &&
      before?.swipeGrid === now.swipeGrid &&
      before?.classMap === now.classMap;
    if (!same) this.#send('maps', now);
    if (had?.analysed !== analysed) this.#send('analysed', analysed);
  }

  #sendGrid(grid: ValueGrid | undefined): void {
    this.#grid = grid;
    const patches = new Set(grid?.patches);
    for (const patch of this.#numbers.keys()) if (!patches.has(patch)) this.#numbers.delete(patch);
    const added: [number, GridPatch][] = [];
    for (const patch of patches) {
      if (this.#numbers.has(patch)) continue;
      this.#numbers.set(patch, ++this.#last);
      added.push([this.#last, patch]);
    }
    const numbers = Uint32Array.from(this.#numbers.values());
    this.#send('grid', grid && { name: grid.name, channels: grid.channels, numbers, added });
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
    this.#grid = undefined;
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

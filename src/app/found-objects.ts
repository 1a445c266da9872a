// What the slide holds now: one object store a kind, the tissue map, the analysed area. A run replaces the objects in
// what it has finished; all else stays.

import { turn } from '#channel/turn.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { ObjectClass, ObjectColumns } from '#objects/columns.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { ObjectStore } from '#objects/store.ts';
import type { Point, Rect } from '#units/rect.ts';
import { AnalysedArea } from './analysed-area.ts';
import { NextBeat } from './beat.ts';
import type { Kept } from './slide-tabs.ts';
import type { ObjectLayer, RunLayer } from './stores/layers-store.ts';
import { initialObjects, type KindCounts, type ObjectsState, RUN_LAYERS } from './stores/objects-store.ts';

const REST = 8; //    times what a telling takes: a million nuclei must not keep the page busy
const TURN_MS = 8; // of sweeping, before others have their turn

const LARGE_KINDS = ['glands', 'lumina'] as const;
type LargeKind = (typeof LARGE_KINDS)[number];

/** What a run was asked to look at, level-0 px. */
export interface RunRegion {
  readonly isIn: (at: Point) => boolean;
  readonly areaIn: (part: Rect) => number; //            px² of a part of the slide that count
  readonly partsIn: (part: Rect) => readonly Rect[]; // where those lie, disjoint
}

export class FoundObjects {
  readonly #tell: (state: ObjectsState) => void;
  readonly #listeners = new Set<() => void>();
  readonly area = new AnalysedArea();
  #stores: Record<ObjectLayer, ObjectStore> = emptyStores();
  #computed = new Set<ObjectLayer>();
  #tissueClasses: readonly ObjectClass[] | undefined;
  #tissue = new Map<string, GridPatch>();
  #grid: ValueGrid | undefined; // of both; the same while they stay, so that what was painted of it stays too
  #previews: Rect[] = [];
  /** Of earlier runs, without those where this run has been. Undefined where there were none. */
  #earlier: Partial<Record<LargeKind, ObjectStore>> = {};
  #runs = 0; //      begun so far
  #version = 0;
  #tellMs = 0; //    what the last telling took, with all that follows from it
  readonly #beat = new NextBeat(() => this.#tellNow());

  /** `tell` gets the counts, at most four times a second. */
  constructor(tell: (state: ObjectsState) => void) {
    this.#tell = tell;
  }

  store(kind: ObjectLayer): ObjectStore {
    return this.#stores[kind];
  }

  /** Kinds that some run has looked for, or somebody brought. */
  has(kind: ObjectLayer): boolean {
    return this.#computed.has(kind);
  }

  tissueGrid(): ValueGrid | undefined {
    const channels = this.#tissueClasses;
    if (channels) this.#grid ??= { name: 'Tissue classes', channels, patches: [...this.#tissue.values()] };
    return this.#grid;
  }

  /** Calls after each telling; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What puts back all that runs have found; what people brought is kept elsewhere. Undefined where there is nothing. */
  keep(): Kept | undefined {
    const kinds = RUN_LAYERS.filter((kind) => this.#computed.has(kind));
    if (kinds.length === 0 && !this.#tissueClasses) return undefined;
    const stores = kinds.map((kind) => this.#stores[kind]);
    const [classes, tissue, area] = [this.#tissueClasses, this.#tissue, this.area.keep()];
    this.#tissue = new Map(); // given away: the next slide fills another
    this.#grid = undefined;
    for (const store of stores) store.rest();
    const bytes = stores.reduce((sum, store) => sum + store.bytes, 0);
    return {
      bytes,
      putBack: () => {
        for (const store of stores) if (store.kind !== 'annotations') this.#stores[store.kind] = store;
        for (const kind of kinds) this.#computed.add(kind);
        [this.#tissueClasses, this.#tissue, this.#grid] = [classes, tissue, undefined];
        area();
        this.#tellNow();
      },
    };
  }

  clear(): void {
    this.#stores = emptyStores();
    this.#computed.clear();
    this.#tissueClasses = undefined;
    this.#tissue.clear();
    this.#grid = undefined;
    this.#previews = [];
    this.area.clear();
    this.#tellNow();
  }

  /** Objects that somebody brings go beside those that are there (copied). */
  bring(objects: ObjectColumns): void {
    this.#computed.add(objects.kind);
    this.#stores[objects.kind].append(objects);
    this.#tellSoon();
  }

  /** A store that somebody filled, in the place of an empty one: taken over. */
  adopt(store: ObjectStore): void {
    store.rest();
    this.#computed.add(store.kind);
    this.#stores[store.kind] = store;
    this.#tellNow();
  }

  /** All that runs found goes, and this is there instead; objects are brought after it. What people brought stays. */
  startAnew(tissue: ValueGrid | undefined, kinds: readonly RunLayer[]): void {
    for (const kind of RUN_LAYERS) {
      this.#stores[kind] = new ObjectStore(kind);
      this.#computed.delete(kind);
    }
    for (const kind of kinds) this.#computed.add(kind);
    this.#tissueClasses = tissue?.channels;
    this.#grid = undefined;
    this.#tissue = new Map(tissue?.patches.map((patch) => [`${patch.x},${patch.y}`, patch]));
    this.area.clear();
    this.#tellNow();
  }

  /** Takes away the objects of a kind at just this centroid. */
  remove(kind: ObjectLayer, at: Point): void {
    this.#stores[kind].removeAt(at);
    this.#tellNow();
  }

  /** Somebody has changed a store: it is told now. */
  changed(): void {
    this.#tellNow();
  }

  beginRun(manifest: PatchManifest): void {
    this.#runs++;
    for (const kind of RUN_LAYERS) {
      const task = manifest.tasks[kind];
      if (!task) continue;
      this.#computed.add(kind);
      if (this.#stores[kind].classes.length === 0) this.#stores[kind] = new ObjectStore(kind, task.classes);
    }
    const tissue = manifest.outputs.find((output) => output.kind === 'grid');
    if (tissue?.kind === 'grid') this.#showTissueClasses(tissue.classes);
    this.#earlier = {};
    for (const kind of LARGE_KINDS) {
      const { columns } = this.#stores[kind];
      if (columns.count === 0) continue;
      const earlier = new ObjectStore(kind);
      earlier.replace(columns);
      this.#earlier[kind] = earlier;
    }
    this.#tellSoon();
  }

  /** Cells of other classes cannot stand in the same map. */
  #showTissueClasses(classes: readonly ObjectClass[]): void {
    const names = (of: readonly ObjectClass[] | undefined): string | undefined => of?.map(({ name }) => name).join();
    if (names(classes) !== names(this.#tissueClasses)) this.#tissue.clear();
    this.#tissueClasses = classes;
    this.#grid = undefined;
  }

  /**
   * One patch of the run is committed. `finished` is the part of its core that was asked for, level-0 px.
   * @param region what the run looks at: nuclei and map cells elsewhere stay, in the same core too
   * @param restMs how long telling may wait; none: to the next beat
   */
  commitPatch(
    finished: Rect,
    region: RunRegion,
    found: { nuclei: ObjectColumns | undefined; tissue: GridPatch | undefined },
    restMs?: number,
  ): void {
    for (const kind of LARGE_KINDS) this.#earlier[kind]?.removeWhere(finished);
    this.area.add(finished, region.areaIn, region.partsIn);
    this.#stores.nuclei.removeWhere(finished, (x, y) => region.isIn({ x, y }));
    if (found.nuclei) this.#stores.nuclei.append(found.nuclei);
    if (found.tissue) {
      const key = `${found.tissue.x},${found.tissue.y}`;
      this.#tissue.set(key, withEarlier(found.tissue, this.#tissue.get(key)));
      this.#grid = undefined;
    }
    this.#tellSoon(restMs);
  }

  /** Nuclei of a window that is looked at first, until patches are finished over it. What was found there before stays. */
  preview(core: Rect, nuclei: ObjectColumns): void {
    if (this.area.areaIn(core) > 0) return;
    this.#stores.nuclei.removeWhere(core);
    this.#stores.nuclei.append(nuclei);
    this.#previews.push(core);
    this.#tellSoon();
  }

  /** Where no patch was finished after all, nothing was found. */
  #endPreviews(): void {
    const outside = (x: number, y: number): boolean => this.area.areaIn({ x, y, width: 1e-3, height: 1e-3 }) === 0;
    for (const core of this.#previews) this.#stores.nuclei.removeWhere(core, outside);
    this.#previews = [];
  }

  /** All glands and lumina of the run so far; those of earlier runs stay where this run has not been. */
  replaceLarge(found: Record<LargeKind, ObjectColumns>, restMs?: number): void {
    for (const kind of LARGE_KINDS) {
      const earlier = this.#earlier[kind]?.columns;
      const kept = earlier && earlier.count > 0;
      this.#stores[kind].replace(kept ? earlier : found[kind]);
      if (kept) this.#stores[kind].append(found[kind]);
    }
    this.#tellSoon(restMs);
  }

  endRun(): void {
    this.#earlier = {};
    this.#endPreviews();
    void this.settled();
    this.#tellNow();
  }

  /**
   * Sweeps out what runs have removed, in turns that let others work: afterwards `columns` costs nothing. Left off when
   * another run begins.
   */
  async settled(): Promise<void> {
    const run = this.#runs;
    let since = performance.now();
    for (const store of Object.values(this.#stores)) {
      const before = store.version;
      for (const _step of store.settling()) {
        if (performance.now() - since < TURN_MS) continue;
        await turn();
        if (this.#runs !== run) return;
        since = performance.now();
      }
      store.rest();
      if (store.version !== before) this.#tellSoon(); // rows have other numbers
    }
  }

  #tellSoon(restMs = 0): void {
    this.#beat.ask(Math.max(restMs, REST * this.#tellMs));
  }

  #tellNow(): void {
    this.#beat.leave();
    const started = performance.now();
    const counts = (kind: ObjectLayer): KindCounts | undefined =>
      this.#computed.has(kind) ? this.#stores[kind].counts : undefined;
    this.#tell({
      ...initialObjects,
      version: ++this.#version,
      nuclei: counts('nuclei'),
      glands: counts('glands'),
      lumina: counts('lumina'),
      annotations: counts('annotations'),
      tissueClasses: this.#tissueClasses,
      areaPx: this.area.areaPx,
    });
    for (const listener of this.#listeners) listener();
    this.#tellMs = performance.now() - started;
  }
}

const emptyStores = (): Record<ObjectLayer, ObjectStore> => ({
  nuclei: new ObjectStore('nuclei'),
  glands: new ObjectStore('glands'),
  lumina: new ObjectStore('lumina'),
  annotations: new ObjectStore('annotations'),
});

/** Cells that this run did not look at (NaN) keep what an earlier run saw there. Of another grid nothing can be kept. */
function withEarlier(now: GridPatch, earlier: GridPatch | undefined): GridPatch {
  if (!earlier) return now;
  const sameGrid =
    earlier.cols === now.cols &&
    earlier.rows === now.rows &&
    earlier.cellWidth === now.cellWidth &&
    earlier.cellHeight === now.cellHeight &&
    earlier.values.length === now.values.length;
  if (!sameGrid) return now;
  return {
    ...now,
    values: now.values.map((value, i) => (Number.isNaN(value) ? (earlier.values[i] ?? Number.NaN) : value)),
  };
}

/** How many of these rows there are, by class. */
export function countsOf(columns: ObjectColumns, rows: Uint32Array): KindCounts {
  const byClass = columns.classes.map(() => 0);
  for (const i of rows) {
    const of = columns.classIndex[i] ?? 0;
    byClass[of] = (byClass[of] ?? 0) + 1;
  }
  return { count: rows.length, classes: columns.classes, byClass };
}

// What the slide holds now: one object store a kind, the tissue map, the analysed area. A run replaces the objects in
// what it has finished; all else stays.

import type { PatchManifest } from '#inference/manifest.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectClass } from '#objects/columns.ts';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { ObjectStore } from '#objects/store.ts';
import { contains, type Point, type Rect } from '#units/rect.ts';
import { AnalysedArea } from './analysed-area.ts';
import type { ObjectLayer } from './stores/layers-store.ts';
import { initialObjects, type KindCounts, OBJECT_LAYERS, type ObjectsState } from './stores/objects-store.ts';

const MIN_MS_BETWEEN_TELLING = 250; // UI.md: counts update at most four times a second

type LargeKind = 'glands' | 'lumina';

/** What a run was asked to look at, level-0 px. */
export interface RunRegion {
  readonly isIn: (at: Point) => boolean;
  readonly areaIn: (part: Rect) => number; // px² of a part of the slide that count
}

export class FoundObjects {
  readonly #tell: (state: ObjectsState) => void;
  readonly #listeners = new Set<() => void>();
  readonly area = new AnalysedArea();
  #stores: Record<ObjectLayer, ObjectStore> = emptyStores();
  #computed = new Set<ObjectLayer>();
  #tissueClasses: readonly ObjectClass[] | undefined;
  #tissue = new Map<string, GridPatch>();
  #earlier: Record<LargeKind, ObjectColumns> = {
    glands: emptyColumns('glands', []),
    lumina: emptyColumns('lumina', []),
  };
  #runRects: Rect[] = [];
  #version = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `tell` gets the counts, at most four times a second. */
  constructor(tell: (state: ObjectsState) => void) {
    this.#tell = tell;
  }

  store(kind: ObjectLayer): ObjectStore {
    return this.#stores[kind];
  }

  /** Kinds that some run has looked for. */
  has(kind: ObjectLayer): boolean {
    return this.#computed.has(kind);
  }

  tissueGrid(): ValueGrid | undefined {
    if (!this.#tissueClasses) return undefined;
    return { name: 'Tissue classes', channels: this.#tissueClasses, patches: [...this.#tissue.values()] };
  }

  /** Calls after each telling; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  clear(): void {
    this.#stores = emptyStores();
    this.#computed.clear();
    this.#tissueClasses = undefined;
    this.#tissue.clear();
    this.area.clear();
    this.#tellNow();
  }

  beginRun(manifest: PatchManifest): void {
    for (const kind of OBJECT_LAYERS) {
      const task = manifest.tasks[kind];
      if (!task) continue;
      this.#computed.add(kind);
      if (this.#stores[kind].columns.classes.length === 0) this.#stores[kind] = new ObjectStore(kind, task.classes);
    }
    const tissue = manifest.outputs.find((output) => output.kind === 'grid');
    if (tissue?.kind === 'grid') this.#showTissueClasses(tissue.classes);
    this.#earlier = { glands: this.#stores.glands.columns, lumina: this.#stores.lumina.columns };
    this.#runRects = [];
    this.#tellSoon();
  }

  /** Cells of other classes cannot stand in the same map. */
  #showTissueClasses(classes: readonly ObjectClass[]): void {
    const names = (of: readonly ObjectClass[] | undefined): string | undefined => of?.map(({ name }) => name).join();
    if (names(classes) !== names(this.#tissueClasses)) this.#tissue.clear();
    this.#tissueClasses = classes;
  }

  /**
   * One patch of the run is committed. `finished` is the part of its core that was asked for, level-0 px.
   * @param region what the run looks at: nuclei and map cells elsewhere stay, in the same core too
   */
  commitPatch(
    finished: Rect,
    region: RunRegion,
    found: { nuclei: ObjectColumns | undefined; tissue: GridPatch | undefined },
  ): void {
    this.#runRects.push(finished);
    this.area.add(finished, region.areaIn);
    this.#stores.nuclei.removeWhere(finished, (x, y) => region.isIn({ x, y }));
    if (found.nuclei) this.#stores.nuclei.append(found.nuclei);
    if (found.tissue) {
      const key = `${found.tissue.x},${found.tissue.y}`;
      this.#tissue.set(key, withEarlier(found.tissue, this.#tissue.get(key)));
    }
    this.#tellSoon();
  }

  /** All glands and lumina of the run so far; those of earlier runs stay where this run has not been. */
  replaceLarge(found: Record<LargeKind, ObjectColumns>): void {
    for (const kind of ['glands', 'lumina'] as const) {
      const earlier = this.#earlier[kind];
      const kept = outside(earlier, this.#runRects);
      this.#stores[kind].replace(kept.length === 0 ? found[kind] : rowsOf(earlier, kept));
      if (kept.length > 0) this.#stores[kind].append(found[kind]);
    }
    this.#tellSoon();
  }

  endRun(): void {
    this.#tellNow();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tellNow(), MIN_MS_BETWEEN_TELLING);
  }

  #tellNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = (kind: ObjectLayer): KindCounts | undefined =>
      this.#computed.has(kind) ? countsOf(this.#stores[kind].columns) : undefined;
    this.#tell({
      ...initialObjects,
      version: ++this.#version,
      nuclei: counts('nuclei'),
      glands: counts('glands'),
      lumina: counts('lumina'),
      tissueClasses: this.#tissueClasses,
      areaPx: this.area.areaPx,
    });
    for (const listener of this.#listeners) listener();
  }
}

const emptyStores = (): Record<ObjectLayer, ObjectStore> => ({
  nuclei: new ObjectStore('nuclei'),
  glands: new ObjectStore('glands'),
  lumina: new ObjectStore('lumina'),
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

/** Rows whose centroid lies in none of the rectangles. */
function outside({ count, centroid }: ObjectColumns, rects: readonly Rect[]): number[] {
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
    if (!rects.some((rect) => contains(rect, x, y))) rows.push(i);
  }
  return rows;
}

/** How many of a batch, by class; of those with their centroid in `within` where it is given. */
export function countsOf(columns: ObjectColumns, rows?: Uint32Array, within?: Rect): KindCounts {
  const byClass = columns.classes.map(() => 0);
  const n = rows?.length ?? columns.count;
  let count = 0;
  for (let k = 0; k < n; k++) {
    const i = rows ? (rows[k] ?? 0) : k;
    if (within && !contains(within, columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0)) continue;
    const of = columns.classIndex[i] ?? 0;
    byClass[of] = (byClass[of] ?? 0) + 1;
    count++;
  }
  return { count, classes: columns.classes, byClass };
}

// Objects of a file before they are on the slide: all of them get there, or none.
import { turn } from '#channel/turn.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { batchesOf, rowsOf } from '#objects/builder.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { ObjectStore } from '#objects/store.ts';
import type { Point } from '#units/rect.ts';
import type { FoundObjects } from '../found-objects.ts';
import { OBJECT_LAYERS, RUN_LAYERS } from '../stores/objects-store.ts';
import { withoutThose } from './already-there.ts';

const MOST_CLASSES = 255; //  of a kind: an index is a byte
const ROWS_AT_ONCE = 4000; // looked at, or onto the slide

/** Holds them in stores of its own; where the slide has none of a kind, that store is the slide's afterwards, uncopied. */
export class StagedObjects {
  readonly #stores: Map<ObjectKind, ObjectStore>;

  /** @param stores that are filled already: taken over */
  constructor(stores = new Map<ObjectKind, ObjectStore>()) {
    this.#stores = stores;
  }

  /** Those of a kind so far: a snapshot. */
  of(kind: ObjectKind): ObjectColumns | undefined {
    return this.#stores.get(kind)?.columns;
  }

  /** Nuclei, glands and lumina so far: snapshots. */
  ofRuns(): ObjectColumns[] {
    return RUN_LAYERS.flatMap((kind) => this.of(kind) ?? []);
  }

  /** Copied. */
  add(objects: ObjectColumns): void {
    if (objects.count === 0) return;
    const store = this.#stores.get(objects.kind) ?? new ObjectStore(objects.kind, objects.classes);
    this.#stores.set(objects.kind, store);
    store.append(objects);
  }

  /**
   * Those that the slide has not yet, to the bit: some came back with their tab. The page stays alive meanwhile.
   * @param slide aborts when the slide leaves the screen
   * @param isMeant of a centroid, level-0 px; all where left out
   */
  async addMissing(
    objects: ObjectColumns,
    found: FoundObjects,
    slide: Waits,
    isMeant: (at: Point) => boolean = () => true,
  ): Promise<void> {
    for (const part of batchesOf(objects, ROWS_AT_ONCE)) {
      const fresh = withoutThose(part, found.store(objects.kind));
      const at = (row: number): Point => ({ x: fresh.centroid[2 * row] ?? 0, y: fresh.centroid[2 * row + 1] ?? 0 });
      const rows = Array.from({ length: fresh.count }, (_, row) => row).filter((row) => isMeant(at(row)));
      this.add(rowsOf(fresh, rows));
      await turn();
      slide.signal.throwIfAborted();
    }
  }

  /**
   * Onto the slide. The page stays alive meanwhile.
   * @param slide aborts when the slide leaves the screen: nothing comes onto the next one
   * @throws EosinError BadInput where the slide would have too many classes: nothing has come then
   */
  async land(found: FoundObjects, slide: Waits): Promise<void> {
    for (const [kind, { classes }] of this.#stores) {
      const names = new Set([...found.store(kind).classes, ...classes].map(({ name }) => name));
      if (names.size <= MOST_CLASSES) continue;
      const seen = `the slide would have ${names.size} classes of ${kind}`;
      throw new EosinError({ tag: 'BadInput', what: 'The file', seen, todo: `Bring at most ${MOST_CLASSES}.` });
    }
    for (const kind of OBJECT_LAYERS) {
      const store = this.#stores.get(kind);
      if (!store) continue;
      if (found.store(kind).counts.count === 0) {
        found.adopt(store);
        continue;
      }
      for (const part of batchesOf(store.columns, ROWS_AT_ONCE)) {
        found.bring(part);
        await turn();
        slide.signal.throwIfAborted();
      }
    }
  }
}

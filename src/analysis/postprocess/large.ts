// Glands and lumina over the mosaic of all cores: no seam exists in it, whatever the order of the patches.
import type { ModelClass } from '#inference/manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { inReadingOrder } from '#objects/order.ts';
import { contains, type Point, type Rect } from '#units/rect.ts';
import { type AwaitedCores, awaitedCores } from './awaited-cores.ts';
import type { CoreAt, CoreSpan } from './core-at.ts';
import { type Edge, rowOf, sideOf } from './core-edges.ts';
import { meetsCrop, paintSeeds, paintValues } from './core-in-crop.ts';
import { bytesOf, type CoreMap } from './core-map.ts';
import { type Crop, GlandOutliner, OTHERS, type Outlined, OWN, type Shape } from './gland-crop.ts';
import { type GlandSettings, growSteps, isLargeSeed } from './gland-settings.ts';
import { SeedSets } from './seed-sets.ts';

const PROVISIONAL_PX = 4e6; // an unfinished gland is worked out again as it grows, up to this size of its window
const MOST_PX = 36e6; //       of a window: what is larger (6 mm a side with our networks) is no gland, and too much memory

export interface MosaicSetup extends GlandSettings {
  readonly side: number; //   mosaic px, side of a core
  readonly pxX: number; //    level-0 px a mosaic px
  readonly pxY: number;
  readonly glandClasses: readonly ModelClass[];
  readonly lumenClasses: readonly ModelClass[];
  /** Cores that will come, or be skipped. Only glands with seeds in these are told. */
  readonly cores: readonly CoreAt[] | CoreSpan;
  /** Cores that may come as surroundings, where glands reach over the others: see `wanted`. */
  readonly around?: readonly CoreAt[];
}

export interface LargeColumns {
  readonly glands: ObjectColumns;
  readonly lumina: ObjectColumns;
  /** Seeds that grew together over more than any gland's size, and have no outline. */
  readonly tooLarge: number;
}

interface Placed {
  readonly col: number;
  readonly row: number;
  readonly map: CoreMap;
  readonly firstId: number;
}

/** A window of the mosaic: mosaic px, the ends not included. */
interface Span {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** An outline and where the crop's corner lies, mosaic px. */
interface Placing extends Outlined {
  readonly x: number;
  readonly y: number;
}

/** The mosaic of one run. Patches may come in any order; memory is given back where everything around is finished. */
export class LargeObjects {
  readonly #setup: MosaicSetup;
  readonly #reach: number; //                           mosaic px around a gland's seeds that can matter to it
  readonly #outliner: GlandOutliner;
  readonly #sets = new SeedSets();
  readonly #placed = new Map<string, Placed>();
  readonly #pending: AwaitedCores;
  readonly #around: AwaitedCores; //                    that have not come
  readonly #own = new Set<number>(); //                 open roots with seeds in planned cores
  readonly #open = new Map<number, { stale: boolean }>(); // roots that may still change
  readonly #outlined = new Map<number, Placing>(); //        by root: what is known so far of open ones
  readonly #finished: { readonly glands: ColumnsBuilder; readonly lumina: ColumnsBuilder };
  #tooLarge = 0;

  constructor(setup: MosaicSetup) {
    this.#setup = setup;
    this.#reach = 2 * growSteps(setup) + 1;
    this.#outliner = new GlandOutliner(setup);
    this.#pending = awaitedCores(setup.cores);
    this.#around = awaitedCores(setup.around ?? []);
    this.#finished = this.#builders();
  }

  /** Cores whose maps are in memory. */
  get held(): number {
    return this.#placed.size;
  }

  /** Bytes of these maps. */
  get heldBytes(): number {
    return [...this.#placed.values()].reduce((sum, { map }) => sum + bytesOf(map), 0);
  }

  /** Takes the map over. */
  add(col: number, row: number, map: CoreMap): void {
    const { side } = this.#setup;
    const firstId = this.#sets.add(map.seeds, col * side, row * side);
    const placed: Placed = { col, row, map, firstId };
    const isOwn = !this.#around.has({ col, row });
    for (let k = 0; k < map.seeds.end.length; k++) {
      this.#open.set(firstId + k, { stale: true });
      if (isOwn) this.#own.add(firstId + k);
    }
    const left = this.#placed.get(keyOf(col - 1, row));
    const right = this.#placed.get(keyOf(col + 1, row));
    const above = this.#placed.get(keyOf(col, row - 1));
    const below = this.#placed.get(keyOf(col, row + 1));
    const last = side - 1;
    if (left) this.#join(sideOf(left, 'to', side), sideOf(placed, 'from', 0));
    if (right) this.#join(sideOf(placed, 'to', side), sideOf(right, 'from', 0));
    if (above) this.#join(rowOf(above, last), rowOf(placed, 0));
    if (below) this.#join(rowOf(placed, last), rowOf(below, 0));
    this.#placed.set(keyOf(col, row), placed);
    this.skip(col, row);
  }

  /** This core is settled: it came, or it never will. */
  skip(col: number, row: number): void {
    const { side } = this.#setup;
    this.#pending.delete({ col, row });
    this.#around.delete({ col, row });
    const core = { x0: col * side, y0: row * side, x1: (col + 1) * side, y1: (row + 1) * side };
    for (const [root, state] of this.#open) if (meet(this.#windowOf(root), core)) state.stale = true;
  }

  /**
   * All glands and lumina so far, the caller's own. With `final`, what never came is taken as background. What is finished
   * is only copied: the work is that of glands that changed. Rows are in reading order once nothing may change any more.
   */
  collect(final: boolean): LargeColumns {
    if (final) {
      this.#pending.clear();
      this.#around.clear();
    }
    this.#outline();
    this.#release();
    return this.#columns();
  }

  /**
   * Cores around the planned ones that would complete glands which, by what is known of them, lie in the region (level-0
   * px, by their centroid). To be asked once the planned ones are settled, and again once these came.
   */
  wanted(region: Rect): CoreAt[] {
    this.#outline();
    const found = new Map<string, CoreAt>();
    for (const root of this.#open.keys()) {
      if (!this.#isGland(root)) continue;
      const window = this.#windowOf(root);
      const at = this.#centroidOf(root, window);
      if (!contains(region, at.x, at.y)) continue;
      for (const [col, row] of this.#coresOf(window)) {
        if (this.#around.has({ col, row })) found.set(keyOf(col, row), { col, row });
      }
    }
    return [...found.values()];
  }

  /** Level-0 px; of its window where it has no outline yet. */
  #centroidOf(root: number, window: Span): Point {
    const { pxX, pxY } = this.#setup;
    const known = this.#outlined.get(root);
    return known
      ? { x: (known.x + known.gland.x) * pxX, y: (known.y + known.gland.y) * pxY }
      : { x: ((window.x0 + window.x1) / 2) * pxX, y: ((window.y0 + window.y1) / 2) * pxY };
  }

  #isGland(root: number): boolean {
    return this.#own.has(root) && isLargeSeed(this.#setup, this.#sets.area(root));
  }

  /** Works out what changed. */
  #outline(): void {
    for (const [root, state] of this.#open) {
      const window = this.#windowOf(root);
      const isComplete = this.#isSettled(window);
      if (!this.#isGland(root)) {
        if (isComplete) this.#close(root);
        continue;
      }
      const px = (window.x1 - window.x0) * (window.y1 - window.y0);
      if (isComplete && px > MOST_PX) {
        this.#tooLarge++;
        this.#outlined.delete(root);
        this.#close(root);
        continue;
      }
      if (!state.stale || (!isComplete && px > PROVISIONAL_PX)) continue;
      const { crop, isDecided } = this.#cropOf(root, window);
      const { area, sum, x0, y0, x1, y1 } = this.#sets.stats(root);
      const box = { x0: x0 - window.x0, y0: y0 - window.y0, x1: x1 - window.x0, y1: y1 - window.y0 };
      const shapes = this.#outliner.outline(crop, { pixels: area, sum, box });
      if (shapes) this.#outlined.set(root, { x: window.x0, y: window.y0, ...shapes });
      else this.#outlined.delete(root);
      state.stale = !isDecided;
      if (isComplete && isDecided) this.#close(root);
    }
  }

  /** Nothing that comes can change it. */
  #close(root: number): void {
    const placing = this.#outlined.get(root);
    if (placing) this.#write(placing, this.#finished);
    this.#outlined.delete(root);
    this.#own.delete(root);
    this.#open.delete(root);
  }

  #builders(): { glands: ColumnsBuilder; lumina: ColumnsBuilder } {
    const { glandClasses, lumenClasses } = this.#setup;
    return { glands: new ColumnsBuilder('glands', glandClasses), lumina: new ColumnsBuilder('lumina', lumenClasses) };
  }

  #columns(): LargeColumns {
    const all = { glands: copyOf(this.#finished.glands), lumina: copyOf(this.#finished.lumina) };
    for (const placing of this.#outlined.values()) this.#write(placing, all);
    const isDone = this.#open.size === 0;
    const columnsOf = (of: ColumnsBuilder): ObjectColumns => (isDone ? inReadingOrder(of.view()) : of.copy());
    return { glands: columnsOf(all.glands), lumina: columnsOf(all.lumina), tooLarge: this.#tooLarge };
  }

  #write({ x, y, gland, lumina }: Placing, to: { glands: ColumnsBuilder; lumina: ColumnsBuilder }): void {
    const { pxX, pxY } = this.#setup;
    const write = (builder: ColumnsBuilder, shape: Shape): void =>
      builder.add({
        classIndex: 0,
        probability: shape.probability,
        x: (x + shape.x) * pxX,
        y: (y + shape.y) * pxY,
        areaPx: shape.pixels * pxX * pxY,
        ring: shape.ring.map((value, k) => (k % 2 === 0 ? (x + value) * pxX : (y + value) * pxY)),
      });
    write(to.glands, gland);
    for (const lumen of lumina) write(to.lumina, lumen);
  }

  #windowOf(root: number): Span {
    const { x0, y0, x1, y1 } = this.#sets.stats(root);
    const by = this.#reach;
    return { x0: x0 - by, y0: y0 - by, x1: x1 + 1 + by, y1: y1 + 1 + by };
  }

  *#coresOf(window: Span): Generator<[col: number, row: number]> {
    const { side } = this.#setup;
    for (let row = Math.floor(window.y0 / side); row * side < window.y1; row++) {
      for (let col = Math.floor(window.x0 / side); col * side < window.x1; col++) yield [col, row];
    }
  }

  #isSettled(window: Span): boolean {
    for (const [col, row] of this.#coresOf(window)) if (this.#isAwaited({ col, row })) return false;
    return true;
  }

  #isAwaited(core: CoreAt): boolean {
    return this.#pending.has(core) || this.#around.has(core);
  }

  /** `isDecided` is false where a neighbour may yet grow large enough to be a gland. */
  #cropOf(root: number, window: Span): { crop: Crop; isDecided: boolean } {
    const { side } = this.#setup;
    const crop = this.#outliner.crop(window.x1 - window.x0, window.y1 - window.y0);
    let isDecided = true;
    for (const [col, row] of this.#coresOf(window)) {
      const placed = this.#placed.get(keyOf(col, row));
      if (!placed) continue;
      const { map, firstId } = placed;
      const at = { crop, dx: col * side - window.x0, dy: row * side - window.y0 };
      paintValues(at, map.rim, crop.rim);
      if (map.lumina) paintValues(at, map.lumina, crop.lumina);
      for (let k = 0; k < map.seeds.end.length; k++) {
        const set = this.#sets.root(firstId + k);
        const isSeed = set === root || isLargeSeed(this.#setup, this.#sets.area(set));
        if (isSeed) paintSeeds(at, map.seeds, k, set === root ? OWN : OTHERS);
        else if (isDecided && this.#open.has(set) && meetsCrop(at, map.seeds, k))
          isDecided = this.#isSettled(this.#windowOf(set));
      }
    }
    return { crop, isDecided };
  }

  /** Sets that touch over a seam become one. */
  #join(one: Edge, other: Edge): void {
    for (let i = 0, k = 0; i < one.length && k < other.length; ) {
      const [a, b] = [one[i], other[k]];
      if (!a || !b) return;
      if (a.from < b.to && b.from < a.to) this.#joinSets(a.id, b.id);
      if (a.to < b.to) i++;
      else k++;
    }
  }

  #joinSets(a: number, b: number): void {
    const gone = this.#sets.join(a, b);
    if (gone === 0) return;
    this.#open.delete(gone);
    this.#outlined.delete(gone);
    const root = this.#sets.root(a);
    this.#open.set(root, { stale: true });
    if (this.#own.delete(gone)) this.#own.add(root);
  }

  /** Gives back the maps that no gland needs any more. */
  #release(): void {
    const needed = new Set<string>();
    for (const root of this.#open.keys()) {
      for (const [col, row] of this.#coresOf(this.#windowOf(root))) needed.add(keyOf(col, row));
    }
    for (const [key, { col, row }] of this.#placed) {
      if (needed.has(key)) continue;
      const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => ({ col: col + dx, row: row + dy })));
      if (!around.some((other) => this.#isAwaited(other))) this.#placed.delete(key);
    }
  }
}

function copyOf(of: ColumnsBuilder): ColumnsBuilder {
  const from = of.view();
  const copy = new ColumnsBuilder(from.kind, from.classes, from.count, from.ring.length / 2);
  copy.addBlock(from, 0, from.count);
  return copy;
}

const keyOf = (col: number, row: number): string => `${col},${row}`;

const meet = (a: Span, b: Span): boolean => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

// Glands and lumina over the mosaic of all cores: no seam exists in it, whatever the order of the patches.
import type { ModelClass } from '#inference/manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { inReadingOrder } from '#objects/order.ts';
import { contains, type Point, type Rect } from '#units/rect.ts';
import type { CoreMap } from './core-map.ts';
import { type Crop, type GlandSettings, growSteps, outlineGland, type Shape } from './gland-crop.ts';
import { SeedSets } from './seed-sets.ts';

const PROVISIONAL_PX = 4e6; // an unfinished gland is worked out again as it grows, up to this size of its window

export interface MosaicSetup extends GlandSettings {
  readonly side: number; //   mosaic px, side of a core
  readonly pxX: number; //    level-0 px a mosaic px
  readonly pxY: number;
  readonly glandClasses: readonly ModelClass[];
  readonly lumenClasses: readonly ModelClass[];
  /** Cores that will come, or be skipped. Only glands with seeds in these are told. */
  readonly cores: readonly CoreAt[];
  /** Cores that may come as surroundings, where glands reach over the others: see `wanted`. */
  readonly around?: readonly CoreAt[];
}

export interface CoreAt {
  readonly col: number;
  readonly row: number;
}

export interface LargeColumns {
  readonly glands: ObjectColumns;
  readonly lumina: ObjectColumns;
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

interface Outlined {
  readonly x: number; //     of the crop's corner, mosaic px
  readonly y: number;
  readonly gland: Shape;
  readonly lumina: readonly Shape[];
}

/** The mosaic of one run. Patches may come in any order; memory is given back where everything around is finished. */
export class LargeObjects {
  readonly #setup: MosaicSetup;
  readonly #reach: number; //                           mosaic px around a gland's seeds that can matter to it
  readonly #sets = new SeedSets();
  readonly #placed = new Map<string, Placed>();
  readonly #pending: Set<string>;
  readonly #around: Set<string>; //                     that have not come
  readonly #own = new Set<number>(); //                 roots with seeds in planned cores
  readonly #open = new Map<number, { stale: boolean }>(); // roots that may still change
  readonly #outlined = new Map<number, Outlined>(); //       by root

  constructor(setup: MosaicSetup) {
    this.#setup = setup;
    this.#reach = 2 * growSteps(setup) + 1;
    this.#pending = new Set(setup.cores.map(({ col, row }) => keyOf(col, row)));
    this.#around = new Set(setup.around?.map(({ col, row }) => keyOf(col, row)));
  }

  /** Cores whose maps are in memory. */
  get held(): number {
    return this.#placed.size;
  }

  /** Takes the map over. */
  add(col: number, row: number, map: CoreMap): void {
    const { side } = this.#setup;
    const firstId = this.#sets.add(map.seeds, col * side, row * side);
    const placed: Placed = { col, row, map, firstId };
    const isOwn = !this.#around.has(keyOf(col, row));
    for (let k = 0; k < map.seeds.length; k++) {
      this.#open.set(firstId + k, { stale: true });
      if (isOwn) this.#own.add(firstId + k);
    }
    const left = this.#placed.get(keyOf(col - 1, row));
    const right = this.#placed.get(keyOf(col + 1, row));
    const above = this.#placed.get(keyOf(col, row - 1));
    const below = this.#placed.get(keyOf(col, row + 1));
    if (left) this.#joinSides(left, placed);
    if (right) this.#joinSides(placed, right);
    if (above) this.#joinRows(above, placed);
    if (below) this.#joinRows(placed, below);
    this.#placed.set(keyOf(col, row), placed);
    this.skip(col, row);
  }

  /** This core is settled: it came, or it never will. */
  skip(col: number, row: number): void {
    const { side } = this.#setup;
    this.#pending.delete(keyOf(col, row));
    this.#around.delete(keyOf(col, row));
    const core = { x0: col * side, y0: row * side, x1: (col + 1) * side, y1: (row + 1) * side };
    for (const [root, state] of this.#open) if (meet(this.#windowOf(root), core)) state.stale = true;
  }

  /** All glands and lumina so far. With `final`, what never came is taken as background. */
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
        if (this.#around.has(keyOf(col, row))) found.set(keyOf(col, row), { col, row });
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
    const { um, glands } = this.#setup;
    return this.#own.has(root) && this.#sets.area(root) * um ** 2 >= glands.minSeedUm2;
  }

  /** Works out what changed. */
  #outline(): void {
    for (const [root, state] of this.#open) {
      const window = this.#windowOf(root);
      const isComplete = this.#isSettled(window);
      if (!this.#isGland(root)) {
        if (isComplete) this.#open.delete(root);
        continue;
      }
      const px = (window.x1 - window.x0) * (window.y1 - window.y0);
      if (!state.stale || (!isComplete && px > PROVISIONAL_PX)) continue;
      const { crop, isDecided } = this.#cropOf(root, window);
      const shapes = outlineGland(crop, this.#setup);
      if (shapes) this.#outlined.set(root, { x: window.x0, y: window.y0, ...shapes });
      else this.#outlined.delete(root);
      state.stale = !isDecided;
      if (isComplete && isDecided) this.#open.delete(root);
    }
  }

  #columns(): LargeColumns {
    const { pxX, pxY, glandClasses, lumenClasses } = this.#setup;
    const glands = new ColumnsBuilder('glands', glandClasses);
    const lumina = new ColumnsBuilder('lumina', lumenClasses);
    for (const { x, y, gland, lumina: within } of this.#outlined.values()) {
      const write = (to: ColumnsBuilder, shape: Shape): void =>
        to.add({
          classIndex: 0,
          probability: shape.probability,
          x: (x + shape.x) * pxX,
          y: (y + shape.y) * pxY,
          areaPx: shape.pixels * pxX * pxY,
          ring: shape.ring.map((value, k) => (k % 2 === 0 ? (x + value) * pxX : (y + value) * pxY)),
        });
      write(glands, gland);
      for (const lumen of within) write(lumina, lumen);
    }
    return { glands: inReadingOrder(glands.view()), lumina: inReadingOrder(lumina.view()) };
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
    for (const [col, row] of this.#coresOf(window)) if (this.#isAwaited(keyOf(col, row))) return false;
    return true;
  }

  #isAwaited(core: string): boolean {
    return this.#pending.has(core) || this.#around.has(core);
  }

  /** `isDecided` is false where a neighbour may yet grow large enough to be a gland. */
  #cropOf(root: number, window: Span): { crop: Crop; isDecided: boolean } {
    const { side, um, glands: settings } = this.#setup;
    const width = window.x1 - window.x0;
    const height = window.y1 - window.y0;
    const owner = new Uint8Array(width * height);
    const glands = new Uint8Array(width * height);
    const lumina = new Uint8Array(width * height);
    let isDecided = true;
    for (const [col, row] of this.#coresOf(window)) {
      const placed = this.#placed.get(keyOf(col, row));
      if (!placed) continue;
      const { map, firstId } = placed;
      const [ox, oy] = [col * side, row * side];
      const [x0, x1] = [Math.max(window.x0, ox), Math.min(window.x1, ox + side)];
      for (let y = Math.max(window.y0, oy); y < Math.min(window.y1, oy + side); y++) {
        const to = (y - window.y0) * width - window.x0;
        const from = (y - oy) * side;
        glands.set(map.glands.subarray(from + x0 - ox, from + x1 - ox), to + x0);
        if (map.lumina) lumina.set(map.lumina.subarray(from + x0 - ox, from + x1 - ox), to + x0);
        const end = map.runs.rowStart[y - oy + 1] ?? 0;
        for (let run = map.runs.rowStart[y - oy] ?? 0; run < end; run++) {
          const start = Math.max(x0, ox + (map.runs.from[run] ?? 0));
          const stop = Math.min(x1, ox + (map.runs.to[run] ?? 0));
          if (start >= stop) continue;
          const set = this.#sets.root(firstId + (map.runs.number[run] ?? 0) - 1);
          if (set !== root && this.#sets.area(set) * um ** 2 < settings.minSeedUm2) {
            if (this.#open.has(set)) isDecided &&= this.#isSettled(this.#windowOf(set));
            continue;
          }
          owner.fill(set === root ? 1 : 2, to + start, to + stop);
        }
      }
    }
    return { crop: { width, height, owner, glands, lumina }, isDecided };
  }

  #join(a: number, b: number): void {
    const gone = this.#sets.join(a, b);
    if (gone === 0) return;
    this.#open.delete(gone);
    this.#outlined.delete(gone);
    const root = this.#sets.root(a);
    this.#open.set(root, { stale: true });
    if (this.#own.delete(gone)) this.#own.add(root);
  }

  /** Rows of `left` that end at the seam, with rows of `right` that start there. */
  #joinSides(left: Placed, right: Placed): void {
    const { side } = this.#setup;
    const [l, r] = [left.map.runs, right.map.runs];
    for (let y = 0; y < side; y++) {
      const last = (l.rowStart[y + 1] ?? 0) - 1;
      const first = r.rowStart[y] ?? 0;
      if (last < (l.rowStart[y] ?? 0) || first >= (r.rowStart[y + 1] ?? 0)) continue;
      if (l.to[last] !== side || r.from[first] !== 0) continue;
      this.#join(left.firstId + (l.number[last] ?? 0) - 1, right.firstId + (r.number[first] ?? 0) - 1);
    }
  }

  /** The last row of `above` with the first one of `below`. */
  #joinRows(above: Placed, below: Placed): void {
    const { side } = this.#setup;
    const [a, b] = [above.map.runs, below.map.runs];
    let i = a.rowStart[side - 1] ?? 0;
    let k = 0;
    while (i < (a.rowStart[side] ?? 0) && k < (b.rowStart[1] ?? 0)) {
      const [aTo, bTo] = [a.to[i] ?? 0, b.to[k] ?? 0];
      if ((a.from[i] ?? 0) < bTo && (b.from[k] ?? 0) < aTo) {
        this.#join(above.firstId + (a.number[i] ?? 0) - 1, below.firstId + (b.number[k] ?? 0) - 1);
      }
      if (aTo < bTo) i++;
      else k++;
    }
  }

  /** Gives back the maps that no gland needs any more. */
  #release(): void {
    const needed = new Set<string>();
    for (const root of this.#open.keys()) {
      for (const [col, row] of this.#coresOf(this.#windowOf(root))) needed.add(keyOf(col, row));
    }
    for (const [key, { col, row }] of this.#placed) {
      if (needed.has(key)) continue;
      const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => keyOf(col + dx, row + dy)));
      if (!around.some((other) => this.#isAwaited(other))) this.#placed.delete(key);
    }
  }
}

const keyOf = (col: number, row: number): string => `${col},${row}`;

const meet = (a: Span, b: Span): boolean => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

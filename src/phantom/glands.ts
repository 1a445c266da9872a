// Glands of a slide: which there are, their walls, lumina and cells. Frame: micrometres from the slide's corner.
import { grow, intersects, type Rect } from '#units/rect.ts';
import { Field } from './anatomy.ts';
import type { FieldGrid } from './field-grid.ts';
import { cellsOf, type GlandCells } from './gland-cells.ts';
import { cellOutline, type Frame, halfExtents, LATTICES, type Lattice, shrunk, siteOf } from './gland-shape.ts';
import { boundsOf, momentsOf } from './polygon.ts';
import { hash, Random } from './random.ts';

export interface Gland {
  readonly kind: Lattice['kind'];
  readonly seed: number;
  readonly x: number;
  readonly y: number;
  readonly outline: Float64Array<ArrayBuffer>;
  readonly lumina: readonly Float64Array<ArrayBuffer>[];
  readonly bounds: Rect;
  readonly pale: number; // 0 to 1: share of goblet cells here
  /** The outline shrunk by a depth in µm; undefined where nothing is left. */
  inner(depth: number): Float64Array<ArrayBuffer> | undefined;
  cells(): GlandCells;
}

const KEPT = 6000;
const SMALLEST_LUMEN_UM = 4.5; // half width
const TISSUE_MARGIN_UM = 8;

/** So far from a border a coarse lattice is sure of its side: µm of tissue, and of fields that go from 0 to 1. */
const SURE = { tissueUm: 80, share: 0.45, cut: 0.3 };

export class Glands {
  readonly #seed: number;
  readonly #frame: Frame;
  readonly #grid: FieldGrid;
  readonly #far: { readonly detail: number; readonly exact: Glands } | undefined;
  readonly #known = new Map<number, Gland | null>();
  #isSure = true; // the grid, since this was last set

  /**
   * @param far to show them from afar: `detail` is the share of the vertices that outlines get; the exact ones are asked
   * wherever the grid, which is coarser than theirs, is not sure
   */
  constructor(seed: number, frame: Frame, grid: FieldGrid, far?: { readonly detail: number; readonly exact: Glands }) {
    this.#far = far;
    this.#seed = seed;
    this.#frame = frame;
    this.#grid = grid;
  }

  /** Glands whose bounds touch the rectangle, in an order that does not depend on it. */
  touching(area: Rect): Gland[] {
    const out: Gland[] = [];
    for (const lattice of LATTICES) {
      const reach = lattice.largest * (lattice.spacingU / lattice.spacingV) + 20;
      const wide = grow(area, 20);
      const [u0, u1, v0, v1] = this.#frame.boxOf(wide.x, wide.y, wide.width, wide.height);
      const i1 = Math.floor((u1 + reach) / lattice.spacingU);
      const j1 = Math.floor((v1 + lattice.largest) / lattice.spacingV);
      for (let i = Math.floor((u0 - reach) / lattice.spacingU) - 1; i <= i1; i++) {
        for (let j = Math.floor((v0 - lattice.largest) / lattice.spacingV) - 1; j <= j1; j++) {
          const gland = this.#gland(lattice, i, j);
          if (gland && intersects(gland.bounds, area)) out.push(gland);
        }
      }
    }
    return out;
  }

  #gland(lattice: Lattice, i: number, j: number): Gland | null {
    const key = (lattice.id * 4096 + i + 2048) * 4096 + j + 2048;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size > KEPT) this.#known.clear();
    const made = this.#make(lattice, i, j);
    this.#known.set(key, made);
    return made;
  }

  #belongs(lattice: Lattice, x: number, y: number): boolean {
    const grid = this.#grid;
    const above = (field: number, limit: number, sure: number): boolean => {
      const value = grid.at(field, x, y);
      if (Math.abs(value - limit) < sure) this.#isSure = false;
      return value >= limit;
    };
    if (!above(Field.tissue, TISSUE_MARGIN_UM, SURE.tissueUm)) return false;
    if (lattice.kind === 'tumour') return above(Field.tumour, 0.5, SURE.share);
    if (!above(Field.mucosa, 0.5, SURE.share)) return false;
    return above(Field.cut, 0.02, SURE.cut) === (lattice.kind === 'along');
  }

  #make(lattice: Lattice, i: number, j: number): Gland | null {
    const seed = hash(this.#seed, i, j, 80 + lattice.id);
    const random = new Random(seed);
    if (random.next() < lattice.missing) return null;
    const site = siteOf(this.#seed, lattice, i, j);
    const point = new Float64Array(2);
    const holds = (u: number, v: number): boolean => {
      this.#frame.place(site.u + u, site.v + v, lattice.ripple, point, 0);
      return this.#belongs(lattice, point[0] ?? 0, point[1] ?? 0);
    };
    this.#isSure = true;
    const local = holds(0, 0) ? this.#fitting(lattice, i, j, holds) : undefined;
    if (this.#far && !this.#isSure) return this.#far.exact.#gland(lattice, i, j);
    if (!local) return null;
    const middle = momentsOf(local);
    const centred = local.map((q, m) => q - (m % 2 === 0 ? middle.x : middle.y));
    return this.#build(lattice, centred, site.u + middle.x, site.v + middle.y, seed, random);
  }

  /** The cell's outline as large as there is room for; undefined where there is too little. */
  #fitting(
    lattice: Lattice,
    i: number,
    j: number,
    holds: (u: number, v: number) => boolean,
  ): Float64Array<ArrayBuffer> | undefined {
    const full = cellOutline(this.#seed, lattice, i, j, Math.round(lattice.vertices * (this.#far?.detail ?? 1)));
    const step = 2 * Math.max(2, Math.floor(full.length / 2 / 14));
    for (const size of [1, 0.75, 0.55]) {
      let fits = true;
      for (let m = 0; m < full.length && fits; m += step)
        fits = holds(size * (full[m] ?? 0), size * (full[m + 1] ?? 0));
      if (fits) return size === 1 ? full : full.map((q) => q * size);
    }
    return undefined;
  }

  #build(
    lattice: Lattice,
    local: Float64Array<ArrayBuffer>,
    u: number,
    v: number,
    seed: number,
    random: Random,
  ): Gland | null {
    const frame = this.#frame;
    const [halfU, halfV] = halfExtents(local);
    if (Math.min(halfU, halfV) < 14) return null;
    const placed = (ring: Float64Array): Float64Array<ArrayBuffer> => {
      const out = new Float64Array(ring.length);
      for (let m = 0; m < ring.length; m += 2)
        frame.place(u + (ring[m] ?? 0), v + (ring[m + 1] ?? 0), lattice.ripple, out, m);
      return out;
    };
    const malignant = lattice.kind === 'tumour';
    const least = Math.min(halfU, halfV);
    const wall = malignant ? random.between(20, 34) : random.between(21, 27);
    const thick = Math.min(wall, least - SMALLEST_LUMEN_UM);
    const lumina: Float64Array<ArrayBuffer>[] = [];
    const style = random.next();
    if (!malignant || (style < 0.62 && least - thick > 5)) {
      const lumen = shrunk(local, thick, halfU, halfV);
      const k = 2 + Math.floor(4 * random.next());
      const phase = random.between(0, 6.3);
      for (let m = 0; m < lumen.length; m += 2) {
        const t = (2 * Math.PI * m) / lumen.length;
        const wave = 1 - 0.075 * (1 + Math.cos(k * t + phase)) - 0.06 * (1 + Math.cos((2 * k + 1) * t + 2 * phase));
        if (lattice.kind !== 'along') lumen[m] = (lumen[m] ?? 0) * wave;
        lumen[m + 1] = (lumen[m + 1] ?? 0) * wave;
      }
      lumina.push(placed(lumen));
    } else if (style < 0.86 && least > 34) {
      // Cribriform: several small lumina in one sheet of cells.
      const count = 2 + Math.floor(random.between(0, 3.99));
      const turn = random.between(0, 6.3);
      for (let c = 0; c < count; c++) {
        const t = turn + (2 * Math.PI * c) / count;
        const radius = random.between(0.13, 0.2) * least;
        if (radius < SMALLEST_LUMEN_UM) continue;
        const cu = 0.42 * halfU * Math.cos(t);
        const cv = 0.42 * halfV * Math.sin(t);
        const wave = random.between(0, 6.3);
        const ring = new Float64Array(40);
        for (let m = 0; m < 20; m++) {
          const a = (2 * Math.PI * m) / 20;
          const r = radius * (1 + 0.15 * Math.cos(2 * a + wave) + 0.08 * Math.cos(3 * a));
          ring[2 * m] = cu + r * Math.cos(a);
          ring[2 * m + 1] = cv + r * Math.sin(a);
        }
        lumina.push(placed(ring));
      }
    }
    const outline = placed(local);
    const centre = new Float64Array(2);
    frame.place(u, v, lattice.ripple, centre, 0);
    const x = centre[0] ?? 0;
    const y = centre[1] ?? 0;
    const pale = malignant ? 0.03 : this.#grid.at(Field.goblets, x, y);
    const inner = (depth: number): Float64Array<ArrayBuffer> | undefined =>
      depth < least - 1 ? placed(shrunk(local, depth, halfU, halfV)) : undefined;
    let cells: GlandCells | undefined;
    return {
      kind: lattice.kind,
      seed,
      x,
      y,
      outline,
      lumina,
      bounds: boundsOf(outline),
      pale,
      inner,
      cells: () => {
        cells ??= cellsOf({
          malignant,
          ripple: lattice.ripple,
          frame,
          local,
          u,
          v,
          halfU,
          halfV,
          thick,
          lumina,
          pale,
          seed,
        });
        return cells;
      },
    };
  }
}

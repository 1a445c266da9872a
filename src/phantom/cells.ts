// Cells between the glands and in the walls of vessels: at most one a cell of a 7 µm grid, by the tissue's density, never over a gland or each other.
import { contains, grow, type Rect } from '#units/rect.ts';
import { FIELDS, Field } from './anatomy.ts';
import { adipocyteEdge } from './fat.ts';
import type { FieldGrid } from './field-grid.ts';
import type { Gland, Glands } from './glands.ts';
import type { Nucleus, NucleusKind } from './nucleus.ts';
import { depthIn } from './polygon.ts';
import { hash, noise, Random } from './random.ts';
import { inVessel, type Vessels } from './vessels.ts';

const GRID_UM = 7;
const SIDE = 32; // grid cells a chunk's side
const CHUNK_UM = GRID_UM * SIDE;
const KEPT = 260;

/** Chance that a grid cell holds a nucleus, from the fields at it. */
export function densityOf(f: Float32Array): number {
  const inflamed = f[Field.inflamed] ?? 0;
  return (
    (f[Field.mucosa] ?? 0) * (0.32 + 0.34 * inflamed) +
    (f[Field.tumour] ?? 0) * (0.15 + 0.25 * inflamed) +
    (f[Field.muscle] ?? 0) * 0.11 +
    (f[Field.stroma] ?? 0) * (0.05 + 0.04 * inflamed) +
    (f[Field.fat] ?? 0) * 0.12 +
    (f[Field.lymphoid] ?? 0) * 0.96 +
    (f[Field.mucus] ?? 0) * 0.035
  );
}

/** Mean area of these nuclei over the area of a grid cell: coverage is density times this. */
export const NUCLEUS_SHARE = 0.31;

function kindOf(f: Float32Array, random: Random): NucleusKind {
  const draw = random.next();
  const inflamed = f[Field.inflamed] ?? 0;
  if ((f[Field.lymphoid] ?? 0) > 0.5) return draw < 0.94 ? 'lymphocyte' : 'fibroblast';
  if ((f[Field.muscle] ?? 0) > 0.5) return draw < 0.93 ? 'muscle' : 'fibroblast';
  if ((f[Field.mucus] ?? 0) > 0.5) return draw < 0.55 ? 'debris' : 'lymphocyte';
  if ((f[Field.fat] ?? 0) > 0.5) return draw < 0.85 ? 'endothelium' : 'lymphocyte';
  if ((f[Field.mucosa] ?? 0) > 0.5) {
    const immune = 0.5 + 0.3 * inflamed;
    return draw < 0.55 * immune ? 'lymphocyte' : draw < immune ? 'plasma' : draw < 0.95 ? 'fibroblast' : 'endothelium';
  }
  const immune = ((f[Field.tumour] ?? 0) > 0.5 ? 0.2 : 0.08) + 0.4 * inflamed;
  return draw < 0.8 * immune ? 'lymphocyte' : draw < immune ? 'plasma' : draw < 0.95 ? 'fibroblast' : 'endothelium';
}

interface Candidate extends Nucleus {
  readonly rank: number;
}

/** Half extent of an ellipse along a direction. */
const reachOf = (n: Nucleus, dx: number, dy: number, away: number): number => {
  const c = (dx * Math.cos(n.angle) + dy * Math.sin(n.angle)) / away;
  return 1 / Math.sqrt((c * c) / (n.long * n.long) + (1 - c * c) / (n.short * n.short));
};

function overlap(a: Nucleus, b: Nucleus): boolean {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const away = Math.hypot(dx, dy);
  if (away > a.long + b.long) return false;
  return away < 0.01 || away < 1.04 * (reachOf(a, dx, dy, away) + reachOf(b, dx, dy, away));
}

export class Cells {
  readonly #seed: number;
  readonly #grid: FieldGrid;
  readonly #glands: Glands;
  readonly #vessels: Vessels;
  readonly #candidates = new Map<number, readonly (Candidate | undefined)[]>();
  readonly #kept = new Map<number, readonly Nucleus[]>();

  constructor(seed: number, grid: FieldGrid, glands: Glands, vessels: Vessels) {
    this.#vessels = vessels;
    this.#seed = seed;
    this.#grid = grid;
    this.#glands = glands;
  }

  /** Nuclei whose centre lies within `reach` µm of the rectangle, in an order that does not depend on it. */
  near(area: Rect, reach: number): Nucleus[] {
    const wide = grow(area, reach);
    const out: Nucleus[] = [];
    const x1 = Math.floor((wide.x + wide.width) / CHUNK_UM);
    const y1 = Math.floor((wide.y + wide.height) / CHUNK_UM);
    for (let cy = Math.floor(wide.y / CHUNK_UM); cy <= y1; cy++) {
      for (let cx = Math.floor(wide.x / CHUNK_UM); cx <= x1; cx++) {
        for (const nucleus of this.#chunk(cx, cy)) if (contains(wide, nucleus.x, nucleus.y)) out.push(nucleus);
      }
    }
    return out;
  }

  #chunk(cx: number, cy: number): readonly Nucleus[] {
    const key = cx * 65_536 + cy;
    const known = this.#kept.get(key);
    if (known) return known;
    if (this.#kept.size > KEPT) this.#kept.clear();
    const area = { x: cx * CHUNK_UM, y: cy * CHUNK_UM, width: CHUNK_UM, height: CHUNK_UM };
    const glands = this.#glands.touching(grow(area, 12));
    const vessels = this.#vessels.touching(grow(area, 12));
    const out: Nucleus[] = [];
    const at = (i: number, j: number): Candidate | undefined => {
      const x = Math.floor(i / SIDE);
      const y = Math.floor(j / SIDE);
      return this.#drawn(x, y)[(j - y * SIDE) * SIDE + (i - x * SIDE)];
    };
    for (let j = cy * SIDE; j < (cy + 1) * SIDE; j++) {
      for (let i = cx * SIDE; i < (cx + 1) * SIDE; i++) {
        const one = at(i, j);
        if (!one || overGland(one, glands)) continue;
        if (vessels.some((vessel) => inVessel(vessel, one.x, one.y, 0.7 * one.long + 0.5))) continue;
        let hidden = false;
        for (let b = -3; b <= 3 && !hidden; b++) {
          for (let a = -3; a <= 3 && !hidden; a++) {
            const other = a === 0 && b === 0 ? undefined : at(i + a, j + b);
            hidden = other !== undefined && other.rank > one.rank && overlap(one, other);
          }
        }
        if (!hidden) out.push(one);
      }
    }
    for (const { nuclei } of vessels) for (const n of nuclei) if (contains(area, n.x, n.y)) out.push(n);
    this.#kept.set(key, out);
    return out;
  }

  #drawn(cx: number, cy: number): readonly (Candidate | undefined)[] {
    const key = cx * 65_536 + cy;
    const known = this.#candidates.get(key);
    if (known) return known;
    if (this.#candidates.size > KEPT) this.#candidates.clear();
    const out: (Candidate | undefined)[] = [];
    const f = new Float32Array(FIELDS);
    for (let j = 0; j < SIDE; j++) {
      for (let i = 0; i < SIDE; i++) out.push(this.#draw(cx * SIDE + i, cy * SIDE + j, f));
    }
    this.#candidates.set(key, out);
    return out;
  }

  #draw(i: number, j: number, f: Float32Array): Candidate | undefined {
    const seed = hash(this.#seed, i, j, 90);
    const random = new Random(seed);
    const chance = random.next();
    if (chance > 0.97) return undefined;
    const x = (i + random.next()) * GRID_UM;
    const y = (j + random.next()) * GRID_UM;
    this.#grid.sample(x, y, f);
    const crowd = 1 + 0.6 * noise(this.#seed + 91, x / 41, y / 41); // cells gather and thin out
    if (chance > densityOf(f) * crowd || (f[Field.tissue] ?? 0) < 9) return undefined;
    const kind = kindOf(f, random);
    const fat = (f[Field.fat] ?? 0) > 0.4;
    const edge = fat ? adipocyteEdge(this.#seed, this.#grid, x, y) : undefined;
    if (edge && edge.away > 3.2) return undefined;
    const spindle = kind === 'fibroblast' || kind === 'muscle' || kind === 'endothelium';
    const angle = edge
      ? edge.angle
      : spindle
        ? this.#grid.fibre(Field.across, x, y) + random.between(-1, 1) * (kind === 'muscle' ? 0.15 : 0.45)
        : random.between(0, Math.PI);
    const [long, short] = sizeOf(kind, random);
    return { x, y, angle, long, short, kind, seed, rank: seed };
  }
}

function sizeOf(kind: NucleusKind, random: Random): [number, number] {
  switch (kind) {
    case 'lymphocyte': {
      const r = random.between(2.7, 3.4);
      return [r * random.between(1, 1.12), r];
    }
    case 'plasma': {
      const r = random.between(2.6, 3.2);
      return [r * 1.12, r];
    }
    case 'fibroblast':
      return [random.between(4.8, 7.6), random.between(1.15, 1.9)];
    case 'muscle':
      return [random.between(6, 9), random.between(1.2, 1.8)];
    case 'debris': {
      const r = random.between(1.7, 2.6);
      return [r * 1.2, r];
    }
    default:
      return [random.between(4, 6), random.between(1.2, 1.6)];
  }
}

function overGland(n: Nucleus, glands: readonly Gland[]): boolean {
  for (const gland of glands) {
    const { bounds } = gland;
    if (
      n.x < bounds.x - 8 ||
      n.y < bounds.y - 8 ||
      n.x > bounds.x + bounds.width + 8 ||
      n.y > bounds.y + bounds.height + 8
    )
      continue;
    const depth = depthIn(gland.outline, n.x, n.y);
    if (depth > -(n.short + 0.8)) return true;
    if (depth > -n.long) {
      // An end of a spindle may still lie in the wall.
      const dx = n.long * Math.cos(n.angle);
      const dy = n.long * Math.sin(n.angle);
      if (depthIn(gland.outline, n.x + dx, n.y + dy) > -0.5 || depthIn(gland.outline, n.x - dx, n.y - dy) > -0.5)
        return true;
    }
  }
  return false;
}

// Capillaries and small vessels between the glands, with red cells in them. Frame: micrometres.
import { grow, intersects, type Rect } from '#units/rect.ts';
import { FIELDS, Field } from './anatomy.ts';
import type { FieldGrid } from './field-grid.ts';
import type { Glands } from './glands.ts';
import type { Nucleus } from './nucleus.ts';
import { depthIn } from './polygon.ts';
import { hash, Random } from './random.ts';

export interface Vessel {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly long: number; // half axes of the outer wall
  readonly short: number;
  readonly wall: number; // thickness
  readonly seed: number;
  readonly nuclei: readonly Nucleus[]; //  of the wall
  readonly redCells: readonly Nucleus[]; // discs
}

const GRID_UM = 74;
const LARGEST_UM = 62;
const KEPT = 6000;

export class Vessels {
  readonly #seed: number;
  readonly #grid: FieldGrid;
  readonly #glands: Glands;
  readonly #known = new Map<number, Vessel | null>();

  constructor(seed: number, grid: FieldGrid, glands: Glands) {
    this.#seed = seed;
    this.#grid = grid;
    this.#glands = glands;
  }

  /** Vessels that may reach into the rectangle, in an order that does not depend on it. */
  touching(area: Rect): Vessel[] {
    const wide = grow(area, LARGEST_UM);
    const out: Vessel[] = [];
    const i1 = Math.floor((wide.x + wide.width) / GRID_UM);
    const j1 = Math.floor((wide.y + wide.height) / GRID_UM);
    for (let j = Math.floor(wide.y / GRID_UM); j <= j1; j++) {
      for (let i = Math.floor(wide.x / GRID_UM); i <= i1; i++) {
        const vessel = this.#vessel(i, j);
        if (!vessel) continue;
        const { x, y, long } = vessel;
        if (intersects({ x: x - long, y: y - long, width: 2 * long, height: 2 * long }, area)) out.push(vessel);
      }
    }
    return out;
  }

  #vessel(i: number, j: number): Vessel | null {
    const key = i * 65_536 + j;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size > KEPT) this.#known.clear();
    const made = this.#make(i, j);
    this.#known.set(key, made);
    return made;
  }

  #make(i: number, j: number): Vessel | null {
    const seed = hash(this.#seed, i, j, 110);
    const random = new Random(seed);
    const chance = random.next();
    if (chance > 0.5) return null;
    const x = (i + random.between(0.2, 0.8)) * GRID_UM;
    const y = (j + random.between(0.2, 0.8)) * GRID_UM;
    const f = new Float32Array(FIELDS);
    this.#grid.sample(x, y, f);
    const deep = (f[Field.stroma] ?? 0) > 0.9;
    const open =
      0.5 * (f[Field.mucosa] ?? 0) + 0.4 * (f[Field.tumour] ?? 0) + (deep ? 0.22 : 0) + 0.12 * (f[Field.muscle] ?? 0);
    if (chance > open) return null;
    const big = deep && random.next() < 0.35;
    const short = big ? random.between(12, 26) : random.between(3.6, 7);
    const long = short * random.between(1.05, 2.1);
    if ((f[Field.tissue] ?? 0) < long + 12) return null;
    const reach = { x: x - long - 4, y: y - long - 4, width: 2 * long + 8, height: 2 * long + 8 };
    if (this.#glands.touching(reach).some(({ outline }) => depthIn(outline, x, y) > -(long + 2.5))) return null;
    const wall = big ? random.between(3, 6) : 1.1;
    const angle = this.#grid.fibre(Field.across, x, y) + random.between(-0.5, 0.5);
    const on = (t: number, inward: number): { x: number; y: number; angle: number } => {
      const a = (long - inward) * Math.cos(t);
      const b = (short - inward) * Math.sin(t);
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      return {
        x: x + a * c - b * s,
        y: y + a * s + b * c,
        angle: angle + Math.atan2(short * Math.cos(t), -long * Math.sin(t)),
      };
    };
    const nuclei: Nucleus[] = [];
    const count = Math.max(1, Math.round((long + short) / random.between(7, 11)));
    for (let n = 0; n < count; n++) {
      const place = on(((n + random.between(0.1, 0.6)) * 2 * Math.PI) / count, 0.9);
      const half = random.between(2.9, 4.3);
      nuclei.push({
        ...place,
        long: half,
        short: random.between(1.1, 1.5),
        kind: 'endothelium',
        seed: hash(seed, n, 0, 111),
      });
    }
    const redCells: Nucleus[] = [];
    const full = random.next();
    for (let n = 0; n < 70 && full > 0.25; n++) {
      const place = on(random.between(0, 6.3), 0);
      const k = Math.sqrt(random.next());
      const px = x + (place.x - x) * k;
      const py = y + (place.y - y) * k;
      const room = 1 - (wall + 3.1) / short;
      if (k > room) continue;
      if (redCells.some((other) => Math.hypot(other.x - px, other.y - py) < 5)) continue;
      const r = random.between(2.6, 3.3);
      redCells.push({
        x: px,
        y: py,
        angle: random.between(0, 3),
        long: r,
        short: 0.85 * r,
        kind: 'debris',
        seed: hash(seed, n, 1, 111),
      });
      if (redCells.length > full * full * long * short * 0.045) break;
    }
    return { x, y, angle, long, short, wall, seed, nuclei, redCells };
  }
}

/** True where a circle of this radius reaches the vessel. */
export function inVessel({ x, y, angle, long, short }: Vessel, px: number, py: number, radius: number): boolean {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const u = ((px - x) * c + (py - y) * s) / (long + radius);
  const v = ((py - y) * c - (px - x) * s) / (short + radius);
  return u * u + v * v < 1;
}

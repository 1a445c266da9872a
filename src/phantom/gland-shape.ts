// The shape of one gland, from the places of its neighbours: a rounded Voronoi cell, so that glands never overlap.
import type { Anatomy } from './anatomy.ts';
import { HEIGHT_UM, WIDTH_UM } from './anatomy.ts';
import { hash, noise, Random } from './random.ts';

/** A family of glands on a jittered lattice of its own. U runs with depth, V along the wall; both µm from the middle. */
export interface Lattice {
  readonly id: number;
  readonly kind: 'across' | 'along' | 'tumour';
  readonly spacingU: number;
  readonly spacingV: number;
  readonly jitter: number; // share of the spacing
  readonly gap: readonly [number, number]; // stroma between two glands, µm
  readonly largest: number; // radius, µm (along V)
  readonly rough: number; // how much the wall wanders in, share of the radius
  readonly vertices: number;
  readonly missing: number; // share of sites without a gland
  readonly ripple: number; // µm that a finer bend moves the walls
}

export const LATTICES: readonly Lattice[] = [
  {
    id: 1,
    kind: 'across',
    spacingU: 90,
    spacingV: 90,
    jitter: 0.27,
    gap: [4, 15],
    largest: 54,
    rough: 0.1,
    vertices: 60,
    missing: 0.03,
    ripple: 2.2,
  },
  {
    id: 2,
    kind: 'along',
    spacingU: 250,
    spacingV: 78,
    jitter: 0.18,
    gap: [5, 14],
    largest: 41,
    rough: 0.08,
    vertices: 120,
    missing: 0.03,
    ripple: 2.6,
  },
  {
    id: 3,
    kind: 'tumour',
    spacingU: 132,
    spacingV: 132,
    jitter: 0.42,
    gap: [3, 20],
    largest: 120,
    rough: 0.36,
    vertices: 96,
    missing: 0.07,
    ripple: 7,
  },
];

/** Where site (i, j) of a lattice lies; U, V in µm. */
export function siteOf(seed: number, lattice: Lattice, i: number, j: number): { u: number; v: number } {
  const h = hash(seed, i, j, 40 + lattice.id);
  const ju = ((h & 0xffff) / 65_536 - 0.5) * 2 * lattice.jitter;
  const jv = ((h >>> 16) / 65_536 - 0.5) * 2 * lattice.jitter;
  return { u: (i + 0.5 + ju) * lattice.spacingU, v: (j + 0.5 + jv + ((i & 1) === 0 ? 0 : 0.5)) * lattice.spacingV };
}

/** From the lattice's frame to the slide's, with a slow bend that leaves no two points in one place. */
export class Frame {
  readonly #x: number;
  readonly #y: number;
  readonly #seed: number;
  constructor(anatomy: Anatomy) {
    this.#x = anatomy.depthX;
    this.#y = anatomy.depthY;
    this.#seed = anatomy.seed + 50;
  }
  /** Writes x, y (µm) at out[at], out[at + 1]; `ripple` is the lattice's. */
  place(u: number, v: number, ripple: number, out: Float64Array, at: number): void {
    const x = WIDTH_UM / 2 + u * this.#x - v * this.#y;
    const y = HEIGHT_UM / 2 + u * this.#y + v * this.#x;
    const s = this.#seed;
    out[at] = x + 15 * noise(s, x / 240, y / 240) + ripple * noise(s + 2, x / 44, y / 44);
    out[at + 1] = y + 15 * noise(s + 1, x / 240, y / 240) + ripple * noise(s + 3, x / 44, y / 44);
  }
  /** The lattice frame's box (before the bend) that holds a rectangle of the slide: [u0, u1, v0, v1]. */
  boxOf(x: number, y: number, width: number, height: number): [number, number, number, number] {
    const cx = x + width / 2 - WIDTH_UM / 2;
    const cy = y + height / 2 - HEIGHT_UM / 2;
    const u = cx * this.#x + cy * this.#y;
    const v = cy * this.#x - cx * this.#y;
    const hu = (Math.abs(width * this.#x) + Math.abs(height * this.#y)) / 2;
    const hv = (Math.abs(width * this.#y) + Math.abs(height * this.#x)) / 2;
    return [u - hu, u + hu, v - hv, v + hv];
  }
  /** A direction of the lattice frame as an angle on the slide. */
  angleOf(u: number, v: number): number {
    return Math.atan2(u * this.#y + v * this.#x, u * this.#x - v * this.#y);
  }
}

const power10 = (x: number): number => {
  const x2 = x * x;
  const x4 = x2 * x2;
  return x4 * x4 * x2;
};

/** The outline around the site, U, V pairs in µm: star-shaped, inside the site's Voronoi cell. */
export function cellOutline(
  seed: number,
  lattice: Lattice,
  i: number,
  j: number,
  vertices: number,
): Float64Array<ArrayBuffer> {
  const stretch = lattice.spacingU / lattice.spacingV;
  const random = new Random(hash(seed, i, j, 60 + lattice.id));
  const gap = random.between(lattice.gap[0], lattice.gap[1]);
  const here = siteOf(seed, lattice, i, j);
  const walls: number[] = []; // direction / half distance, in the frame where the lattice is square
  for (let b = -2; b <= 2; b++) {
    for (let a = -2; a <= 2; a++) {
      if (a === 0 && b === 0) continue;
      const there = siteOf(seed, lattice, i + a, j + b);
      const du = (there.u - here.u) / stretch;
      const dv = there.v - here.v;
      const away = Math.hypot(du, dv);
      const half = Math.max(4, away / 2 - gap / 2);
      walls.push(du / away / half, dv / away / half);
    }
  }
  const n = vertices;
  const squarish = lattice.kind === 'along' ? 1 : 0;
  const waves = [2, 3, 4, 5, 7, 9].map((k) => ({
    k,
    size: random.next() / Math.sqrt(k),
    phase: random.between(0, 6.3),
  }));
  const limit = power10(1 / (lattice.largest * random.between(0.66, 1.06)));
  const out = new Float64Array(2 * n);
  for (let m = 0; m < n; m++) {
    const t = (2 * Math.PI * m) / n;
    const cu = Math.cos(t);
    const cv = Math.sin(t);
    const square = cu * cu * cu * cu + cv * cv * cv * cv;
    let sum = squarish === 1 ? limit * square * square * Math.sqrt(square) : limit;
    for (let w = 0; w < walls.length; w += 2) {
      const near = cu * (walls[w] ?? 0) + cv * (walls[w + 1] ?? 0);
      if (near > 0) sum += power10(near);
    }
    let dent = 0;
    for (const { k, size, phase } of waves) dent += size * (0.5 + 0.5 * Math.cos(k * t + phase));
    const r = sum ** -0.1 * (1 - lattice.rough * Math.min(1, dent / 1.6));
    out[2 * m] = r * cu * stretch;
    out[2 * m + 1] = r * cv;
  }
  return out;
}

/** The same shape shrunk by `depth` µm on every side, as a lumen follows its wall. */
export function shrunk(local: Float64Array, depth: number, halfU: number, halfV: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(local.length);
  for (let m = 0; m < local.length; m += 2) {
    out[m] = (local[m] ?? 0) * (1 - depth / halfU);
    out[m + 1] = (local[m + 1] ?? 0) * (1 - depth / halfV);
  }
  return out;
}

/** Half extents along U and V: how far the outline reaches, averaged over both sides. */
export function halfExtents(local: Float64Array): [number, number] {
  let u0 = 0;
  let u1 = 0;
  let v0 = 0;
  let v1 = 0;
  for (let m = 0; m < local.length; m += 2) {
    u0 = Math.min(u0, local[m] ?? 0);
    u1 = Math.max(u1, local[m] ?? 0);
    v0 = Math.min(v0, local[m + 1] ?? 0);
    v1 = Math.max(v1, local[m + 1] ?? 0);
  }
  return [(u1 - u0) / 2, (v1 - v0) / 2];
}

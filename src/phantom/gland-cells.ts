// The cells of one gland: columnar cells and goblet cells along a benign wall, rows and sheets of them in a tumour.
import { type Frame, shrunk } from './gland-shape.ts';
import type { Nucleus } from './nucleus.ts';
import { depthIn } from './polygon.ts';
import { Random } from './random.ts';

export interface GlandCells {
  readonly nuclei: readonly Nucleus[];
  readonly vacuoles: readonly Nucleus[]; // mucin of goblet cells, as ellipses
  readonly borders: Float64Array<ArrayBuffer>; // walls between cells: x0, y0, x1, y1 each
}

/** What the cells need to know of their gland; `local` is its outline around (u, v) in the lattice's frame, µm. */
export interface Wall {
  readonly malignant: boolean;
  readonly ripple: number;
  readonly frame: Frame;
  readonly local: Float64Array<ArrayBuffer>;
  readonly u: number;
  readonly v: number;
  readonly halfU: number;
  readonly halfV: number;
  readonly thick: number;
  readonly lumina: readonly Float64Array<ArrayBuffer>[];
  readonly pale: number;
  readonly seed: number;
}

/** Points every `width` µm of the way around a ring: fractional vertex indices. */
function stepsAround(ring: Float64Array, width: number, start: number): number[] {
  const n = ring.length / 2;
  const ends = new Float64Array(n + 1);
  for (let m = 0; m < n; m++) {
    const next = (m + 1) % n;
    const du = (ring[2 * next] ?? 0) - (ring[2 * m] ?? 0);
    const dv = (ring[2 * next + 1] ?? 0) - (ring[2 * m + 1] ?? 0);
    ends[m + 1] = (ends[m] ?? 0) + Math.hypot(du, dv);
  }
  const length = ends[n] ?? 0;
  const count = Math.floor(length / width);
  const out: number[] = [];
  let m = 0;
  for (let c = 0; c < count; c++) {
    const at = ((c + start) * length) / count;
    while (m < n - 1 && (ends[m + 1] ?? 0) < at) m++;
    const from = ends[m] ?? 0;
    const to = ends[m + 1] ?? from;
    out.push(m + (to > from ? (at - from) / (to - from) : 0));
  }
  return out;
}

export function cellsOf(wall: Wall): GlandCells {
  const { malignant, frame, local, halfU, halfV, thick, lumina, pale } = wall;
  const random = new Random(wall.seed ^ 0x2545f491);
  const nuclei: Nucleus[] = [];
  const vacuoles: Nucleus[] = [];
  const borders: number[] = [];
  const point = new Float64Array(2);
  const n = local.length / 2;
  /** The outline's point at a fractional index, shrunk by a depth; on the slide, with the inward angle. */
  const at = (index: number, depth: number): { x: number; y: number; angle: number } => {
    const m = Math.floor(index) % n;
    const f = index - Math.floor(index);
    const k = (m + 1) % n;
    const qu = (local[2 * m] ?? 0) * (1 - f) + (local[2 * k] ?? 0) * f;
    const qv = (local[2 * m + 1] ?? 0) * (1 - f) + (local[2 * k + 1] ?? 0) * f;
    frame.place(wall.u + qu * (1 - depth / halfU), wall.v + qv * (1 - depth / halfV), wall.ripple, point, 0);
    return { x: point[0] ?? 0, y: point[1] ?? 0, angle: frame.angleOf(-qu / halfU, -qv / halfV) };
  };
  const clear = (x: number, y: number, margin: number): boolean =>
    lumina.every((lumen) => depthIn(lumen, x, y) < -margin);
  const seedOf = (): number => (random.next() * 4294967296) | 0;

  if (!malignant) {
    const steps = stepsAround(shrunk(local, 6, halfU, halfV), 6.1, random.next());
    let before = false;
    for (const step of steps) {
      const goblet: boolean = !before && random.next() < 1.6 * pale;
      before = goblet;
      const deep = Math.min(goblet ? 4.4 : random.between(5.2, 8.2), 0.45 * thick + 1);
      const place = at(step, deep);
      const long = goblet ? random.between(2.7, 3.3) : random.between(3.5, 4.6);
      const short = goblet ? random.between(1.9, 2.3) : random.between(2.05, 2.65);
      nuclei.push({
        ...place,
        angle: place.angle + (goblet ? Math.PI / 2 : random.between(-0.22, 0.22)),
        long,
        short,
        kind: goblet ? 'goblet' : 'columnar',
        seed: seedOf(),
      });
      if (goblet) {
        const length = Math.min(random.between(6.2, 9.2), 0.37 * thick);
        const middle = at(step, Math.min(7.6 + length, thick - length * 0.72));
        vacuoles.push({ ...middle, long: length, short: random.between(3.9, 5.3), kind: 'goblet', seed: seedOf() });
      } else {
        const from = at(step + 0.5, 1);
        const to = at(step + 0.5, thick - 1);
        borders.push(from.x, from.y, to.x, to.y);
      }
    }
    return { nuclei, vacuoles, borders: Float64Array.from(borders) };
  }

  const big = random.between(0.92, 1.16);
  const add = (x: number, y: number, angle: number): void => {
    const long = big * random.between(4.3, 6.1);
    const short = big * random.between(2.8, 3.8);
    const kind = random.next() < 0.012 ? 'mitosis' : 'tumour';
    const turned = angle + random.between(-0.4, 0.4);
    const seed = seedOf();
    if (!clear(x, y, long * 0.8)) return;
    if (kind === 'mitosis') nuclei.push({ x, y, angle: turned, long: 0.8 * long, short: 0.55 * short, kind, seed });
    else nuclei.push({ x, y, angle: turned, long, short, kind, seed });
  };
  const solid = lumina.length !== 1;
  const deepest = solid ? 8 : thick - 5;
  for (let depth = random.between(6, 8); depth <= Math.max(8, deepest); depth += 11.5 * big) {
    const ring = shrunk(local, depth, halfU, halfV);
    for (const step of stepsAround(ring, 8 * big, random.next())) {
      if (random.next() < 0.05) continue;
      const place = at(step, depth + random.between(-2, 2));
      add(place.x, place.y, place.angle);
    }
  }
  if (solid) {
    // A sheet of cells inside the outer row: rows of a jittered hexagonal grid.
    const inner = shrunk(local, 15.5, halfU, halfV);
    const pitch = 11.4 * big;
    for (let row = 0, qv = -halfV; qv < halfV; qv += pitch * 0.87, row++) {
      for (let qu = -halfU + (row % 2) * 0.5 * pitch; qu < halfU; qu += pitch) {
        const pu = qu + random.between(-1.9, 1.9);
        const pv = qv + random.between(-1.9, 1.9);
        if (depthIn(inner, pu, pv) < 0) continue;
        frame.place(wall.u + pu, wall.v + pv, wall.ripple, point, 0);
        add(point[0] ?? 0, point[1] ?? 0, random.between(0, Math.PI));
      }
    }
  }
  return { nuclei, vacuoles, borders: new Float64Array(0) };
}

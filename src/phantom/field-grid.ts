// The anatomy on a lattice anchored at the slide's corner, in chunks that are kept: what every tile and the truth read.
import { type Anatomy, FIELDS } from './anatomy.ts';

const CELLS = 32; // lattice cells a chunk's side
const NODES = CELLS + 1; // chunks share their border nodes
const KEPT = 160; // chunks (57 kB each)

export interface Chunk {
  readonly nodes: Float32Array<ArrayBuffer>; // [NODES × NODES × FIELDS]
}

export class FieldGrid {
  readonly spacing: number;
  readonly #anatomy: Anatomy;
  readonly #chunks = new Map<number, Chunk>();

  /** @param spacing µm between nodes */
  constructor(anatomy: Anatomy, spacing: number) {
    this.#anatomy = anatomy;
    this.spacing = spacing;
  }

  /** The fields at lattice node (i, j) lie at the returned offset of the returned nodes. Valid for i, j within one chunk. */
  chunk(cx: number, cy: number): Chunk {
    const key = cx * 65_536 + cy;
    const known = this.#chunks.get(key);
    if (known) return known;
    const nodes = new Float32Array(NODES * NODES * FIELDS);
    for (let j = 0; j < NODES; j++) {
      for (let i = 0; i < NODES; i++) {
        const x = (cx * CELLS + i) * this.spacing;
        const y = (cy * CELLS + j) * this.spacing;
        this.#anatomy.write(x, y, nodes, (j * NODES + i) * FIELDS);
      }
    }
    const made = { nodes };
    if (this.#chunks.size >= KEPT) {
      for (const oldest of this.#chunks.keys()) {
        this.#chunks.delete(oldest);
        break;
      }
    }
    this.#chunks.set(key, made);
    return made;
  }

  /** One field, bilinear, at a point in µm. */
  at(field: number, x: number, y: number): number {
    const u = x / this.spacing;
    const v = y / this.spacing;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const cx = Math.floor(i / CELLS);
    const cy = Math.floor(j / CELLS);
    const { nodes } = this.chunk(cx, cy);
    const base = ((j - cy * CELLS) * NODES + (i - cx * CELLS)) * FIELDS + field;
    const fx = u - i;
    const fy = v - j;
    const a = nodes[base] ?? 0;
    const b = nodes[base + FIELDS] ?? 0;
    const c = nodes[base + NODES * FIELDS] ?? 0;
    const d = nodes[base + (NODES + 1) * FIELDS] ?? 0;
    return (a + fx * (b - a)) * (1 - fy) + (c + fx * (d - c)) * fy;
  }

  /** All fields, bilinear, at a point in µm. */
  sample(x: number, y: number, out: Float32Array): void {
    const u = x / this.spacing;
    const v = y / this.spacing;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const cx = Math.floor(i / CELLS);
    const cy = Math.floor(j / CELLS);
    const { nodes } = this.chunk(cx, cy);
    const base = ((j - cy * CELLS) * NODES + (i - cx * CELLS)) * FIELDS;
    const fx = u - i;
    const fy = v - j;
    for (let f = 0; f < FIELDS; f++) {
      const a = nodes[base + f] ?? 0;
      const b = nodes[base + FIELDS + f] ?? 0;
      const c = nodes[base + NODES * FIELDS + f] ?? 0;
      const d = nodes[base + (NODES + 1) * FIELDS + f] ?? 0;
      out[f] = (a + fx * (b - a)) * (1 - fy) + (c + fx * (d - c)) * fy;
    }
  }

  /** Copies the fields at node (i, j) to `out`. */
  node(i: number, j: number, out: Float32Array): void {
    const cx = Math.floor(i / CELLS);
    const cy = Math.floor(j / CELLS);
    const base = ((j - cy * CELLS) * NODES + (i - cx * CELLS)) * FIELDS;
    const { nodes } = this.chunk(cx, cy);
    for (let f = 0; f < FIELDS; f++) out[f] = nodes[base + f] ?? 0;
  }

  /** Direction of the fibres at a point, radians. */
  fibre(field: number, x: number, y: number): number {
    const step = this.spacing / 2;
    const gx = this.at(field, x + step, y) - this.at(field, x - step, y);
    const gy = this.at(field, x, y + step) - this.at(field, x, y - step);
    return Math.atan2(gx, -gy);
  }
}

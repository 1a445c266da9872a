// The anatomy on a lattice anchored at the slide's corner, in chunks that are kept: what every tile and the truth read.
import { type Anatomy, FIELDS } from './anatomy.ts';

const CELLS = 32; // lattice cells a chunk's side
const NODES = CELLS + 1; // chunks share their border nodes
const KEPT = 160; // chunks (57 kB each)

interface Chunk {
  readonly nodes: Float32Array<ArrayBuffer>; // [NODES × NODES × FIELDS]
  readonly known: Uint8Array<ArrayBuffer>; //   [NODES × NODES]: 1 where `nodes` is filled in
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

  #chunk(cx: number, cy: number): Chunk {
    const key = cx * 65_536 + cy;
    const there = this.#chunks.get(key);
    if (there) return there;
    const made = { nodes: new Float32Array(NODES * NODES * FIELDS), known: new Uint8Array(NODES * NODES) };
    if (this.#chunks.size >= KEPT) {
      for (const oldest of this.#chunks.keys()) {
        this.#chunks.delete(oldest);
        break;
      }
    }
    this.#chunks.set(key, made);
    return made;
  }

  /** Where node (i, j) of the lattice lies in its chunk's nodes; it is reckoned when first asked for. */
  #at({ nodes, known }: Chunk, cx: number, cy: number, i: number, j: number): number {
    const index = (j - cy * CELLS) * NODES + i - cx * CELLS;
    if (known[index] === 0) {
      known[index] = 1;
      this.#anatomy.write(i * this.spacing, j * this.spacing, nodes, index * FIELDS);
    }
    return index * FIELDS;
  }

  /** The same, with the nodes to the right of it and below. */
  #square(chunk: Chunk, cx: number, cy: number, i: number, j: number): number {
    this.#at(chunk, cx, cy, i + 1, j);
    this.#at(chunk, cx, cy, i, j + 1);
    this.#at(chunk, cx, cy, i + 1, j + 1);
    return this.#at(chunk, cx, cy, i, j);
  }

  /** One field, bilinear, at a point in µm. */
  at(field: number, x: number, y: number): number {
    const u = x / this.spacing;
    const v = y / this.spacing;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const cx = Math.floor(i / CELLS);
    const cy = Math.floor(j / CELLS);
    const chunk = this.#chunk(cx, cy);
    const base = this.#square(chunk, cx, cy, i, j) + field;
    const { nodes } = chunk;
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
    const chunk = this.#chunk(cx, cy);
    const base = this.#square(chunk, cx, cy, i, j);
    const { nodes } = chunk;
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
    const chunk = this.#chunk(cx, cy);
    const base = this.#at(chunk, cx, cy, i, j);
    const { nodes } = chunk;
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

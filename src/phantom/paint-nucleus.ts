// Nuclei: chromatin in clumps, a darker membrane, nucleoli; each kind as dark as its stain takes.
import { type Canvas, paint, through } from './canvas.ts';
import type { Coverage } from './coverage.ts';
import { type Nucleus, type NucleusKind, outlineOf, RING_VERTICES } from './nucleus.ts';
import { Random } from './random.ts';
import { samplerOf, textures } from './texture.ts';

/** Densities in green. */
interface Ink {
  readonly base: number; //    haematoxylin
  readonly spread: number; //  of the base from nucleus to nucleus
  readonly clumps: number; //  of chromatin
  readonly rim: number; //     of the membrane
  readonly nucleoli: number; // how many, on average
}

const INK: Record<NucleusKind, Ink> = {
  columnar: { base: 0.47, spread: 0.1, clumps: 0.3, rim: 0.2, nucleoli: 0.5 },
  goblet: { base: 0.62, spread: 0.1, clumps: 0.22, rim: 0.14, nucleoli: 0 },
  tumour: { base: 0.44, spread: 0.2, clumps: 0.38, rim: 0.26, nucleoli: 1.2 },
  mitosis: { base: 0.95, spread: 0.1, clumps: 0.3, rim: 0, nucleoli: 0 },
  lymphocyte: { base: 0.68, spread: 0.12, clumps: 0.32, rim: 0.12, nucleoli: 0 },
  plasma: { base: 0.56, spread: 0.1, clumps: 0.45, rim: 0.2, nucleoli: 0 },
  fibroblast: { base: 0.52, spread: 0.14, clumps: 0.2, rim: 0.1, nucleoli: 0 },
  muscle: { base: 0.44, spread: 0.1, clumps: 0.2, rim: 0.12, nucleoli: 0 },
  endothelium: { base: 0.58, spread: 0.12, clumps: 0.15, rim: 0.08, nucleoli: 0 },
  debris: { base: 0.8, spread: 0.2, clumps: 0.3, rim: 0, nucleoli: 0 },
};

const EOSIN_IN_NUCLEUS = 0.1;
const FINEST_UM = 1.2; // coarser pixels show no chromatin

export class NucleusPainter {
  readonly #canvas: Canvas;
  readonly #coverage: Coverage;
  readonly #ring = new Float64Array(2 * RING_VERTICES);
  readonly #chromatin;

  constructor(canvas: Canvas, coverage: Coverage) {
    this.#canvas = canvas;
    this.#coverage = coverage;
    this.#chromatin = samplerOf(textures().chromatin, canvas.umPerPx);
  }

  paint(nucleus: Nucleus): void {
    const { umPerPx } = this.#canvas;
    const ink = INK[nucleus.kind];
    const random = new Random(nucleus.seed);
    const base = ink.base + ink.spread * random.between(-1, 1);
    if (umPerPx > 1.5) {
      this.#ellipse(nucleus, base + 0.3 * ink.rim);
      return;
    }
    if (umPerPx < FINEST_UM && nucleus.kind === 'plasma') this.#cytoplasm(nucleus);
    if (!this.#coverage.fill(outlineOf(nucleus, umPerPx, this.#ring), this.#canvas)) return;
    if (umPerPx > FINEST_UM) paint(this.#canvas, this.#coverage, base + 0.3 * ink.rim, EOSIN_IN_NUCLEUS);
    else this.#chromatinOf(nucleus, ink, base, random);
  }

  #chromatinOf(nucleus: Nucleus, ink: Ink, base: number, random: Random): void {
    const { umPerPx: s, haematoxylin, eosin, redCells, x, y, width } = this.#canvas;
    const { values, ...box } = this.#coverage;
    const c = Math.cos(nucleus.angle);
    const q = Math.sin(nucleus.angle);
    const shiftX = random.between(0, 200);
    const shiftY = random.between(0, 200);
    const spots = Math.floor(ink.nucleoli + random.next());
    const spotX = random.between(-0.45, 0.45) * nucleus.long;
    const spotY = random.between(-0.35, 0.35) * nucleus.short;
    const te = through(EOSIN_IN_NUCLEUS);
    const left = Math.max(0, x - box.x);
    for (let row = 0; row < box.height; row++) {
      let from = row * box.width + left;
      let to = (box.y + row - y) * width + box.x + left - x;
      const wy = (box.y + row + 0.5) * s;
      for (let n = left; n < box.width; n++, from++, to++) {
        const a = values[from] ?? 0;
        if (a === 0) continue;
        const wx = (box.x + n + 0.5) * s;
        const dx = wx - nucleus.x;
        const dy = wy - nucleus.y;
        const px = dx * c + dy * q;
        const py = dy * c - dx * q;
        const r2 = (px * px) / (nucleus.long * nucleus.long) + (py * py) / (nucleus.short * nucleus.short);
        let density = base + ink.clumps * this.#chromatin(wx + shiftX, wy + shiftY);
        if (r2 > 0.5) density += ink.rim * Math.min(1, (r2 - 0.5) * 2.2);
        if (spots > 0) {
          const near = (px - spotX) * (px - spotX) + (py - spotY) * (py - spotY);
          if (near < 1) density += 0.5 * (1 - near);
          if (spots > 1) {
            const other = (px + 0.8 * spotX) * (px + 0.8 * spotX) + (py + spotY) * (py + spotY);
            if (other < 0.7) density += 0.4 * (1 - other);
          }
        }
        const h = haematoxylin[to] ?? 1;
        const e = eosin[to] ?? 1;
        const r = redCells[to] ?? 1;
        haematoxylin[to] = h + a * (through(density) - h);
        eosin[to] = e + a * (te - e);
        redCells[to] = r + a * (1 - r);
      }
    }
  }

  /** A plasma cell's purple cytoplasm, to one side of its nucleus. */
  #cytoplasm(nucleus: Nucleus): void {
    const dx = Math.cos(nucleus.angle);
    const dy = Math.sin(nucleus.angle);
    const body = { ...nucleus, x: nucleus.x + 2 * dx, y: nucleus.y + 2 * dy, long: 5.4, short: 4 };
    if (this.#coverage.fill(outlineOf(body, this.#canvas.umPerPx), this.#canvas))
      paint(this.#canvas, this.#coverage, 0.2, 0.26, 0.75);
  }

  /** Where a nucleus is a few pixels: an ellipse without its bumps, its edge a pixel soft. */
  #ellipse(nucleus: Nucleus, density: number): void {
    const { umPerPx: s, x, y, width, height, haematoxylin, eosin } = this.#canvas;
    const { long, short } = nucleus;
    const c = Math.cos(nucleus.angle);
    const q = Math.sin(nucleus.angle);
    const reach = long + s;
    const i0 = Math.max(x, Math.floor((nucleus.x - reach) / s));
    const i1 = Math.min(x + width - 1, Math.floor((nucleus.x + reach) / s));
    const j0 = Math.max(y, Math.floor((nucleus.y - reach) / s));
    const j1 = Math.min(y + height - 1, Math.floor((nucleus.y + reach) / s));
    const most = Math.min(1, (2 * short) / s); // a spindle thinner than a pixel covers a part of it
    const th = through(density);
    const te = through(EOSIN_IN_NUCLEUS);
    for (let j = j0; j <= j1; j++) {
      const dy = (j + 0.5) * s - nucleus.y;
      for (let i = i0; i <= i1; i++) {
        const dx = (i + 0.5) * s - nucleus.x;
        const u = (dx * c + dy * q) / long;
        const v = (dy * c - dx * q) / short;
        const a = Math.min(most, 0.5 + ((1 - Math.sqrt(u * u + v * v)) * short) / s);
        if (a <= 0) continue;
        const to = (j - y) * width + i - x;
        const h = haematoxylin[to] ?? 1;
        const e = eosin[to] ?? 1;
        haematoxylin[to] = h + a * (th - h);
        eosin[to] = e + a * (te - e);
      }
    }
  }
}

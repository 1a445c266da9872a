// What lies under glands and cells: fibres, muscle, fat, mucus, glass; from the fields, pixel by pixel.
import { FIELDS, Field } from './anatomy.ts';
import { type Canvas, through } from './canvas.ts';
import { densityOf, NUCLEUS_SHARE } from './cells.ts';
import { FatCells } from './fat.ts';
import type { FieldGrid } from './field-grid.ts';
import { samplerOf, TEXEL_UM, textures } from './texture.ts';

const MEMBRANE_UM = 0.75; // half of a fat cell's membrane and rim
const FAT_MEAN = 0.972; // eosin's transmittance of fat, averaged over cells

/** Which smear of glands and cells stands in for what a level is too coarse to draw. */
export interface Smear {
  readonly cells: boolean;
  readonly glands: boolean;
}

const CELL_H = 0.8; // density of a nucleus, averaged
/** Share of the area under glands and their mean densities, lumina among them, as levels 0 to 6 draw them. */
const GLAND = { mucosa: { share: 0.41, h: 0.158, e: 0.12 }, tumour: { share: 0.47, h: 0.225, e: 0.15 } };

export function paintGround(canvas: Canvas, grid: FieldGrid, seed: number, smear: Smear): void {
  const { umPerPx, x, y, width, height } = canvas;
  const n = Math.round(grid.spacing / umPerPx); // pixels a lattice cell
  const corners = [0, 1, 2, 3].map(() => new Float32Array(FIELDS));
  const [a, b, c, d] = corners;
  if (!a || !b || !c || !d) return;
  const painter = new GroundPainter(canvas, grid, seed, smear);
  for (let j = Math.floor(y / n); j * n < y + height; j++) {
    for (let i = Math.floor(x / n); i * n < x + width; i++) {
      grid.node(i, j, a);
      grid.node(i + 1, j, b);
      grid.node(i, j + 1, c);
      grid.node(i + 1, j + 1, d);
      let highest = -Infinity;
      for (const corner of corners) highest = Math.max(highest, corner[Field.tissue] ?? 0);
      if (highest < -umPerPx) continue;
      painter.paint(i, j, n, a, b, c, d);
    }
  }
}

class GroundPainter {
  readonly #canvas: Canvas;
  readonly #smear: Smear;
  readonly #fat: FatCells;
  readonly #collagen;
  readonly #lamina;
  readonly #muscle;
  readonly #strands;
  readonly #grain;
  readonly #grainScale: number; // of its finest bumps, to a pixel
  readonly #grainSize: number;

  constructor(canvas: Canvas, grid: FieldGrid, seed: number, smear: Smear) {
    const { umPerPx: s } = canvas;
    this.#canvas = canvas;
    this.#smear = smear;
    this.#fat = new FatCells(seed, grid, canvas.x * s, canvas.y * s, canvas.width * s, canvas.height * s);
    const t = textures();
    this.#collagen = samplerOf(t.collagen, s);
    this.#lamina = samplerOf(t.lamina, s);
    this.#muscle = samplerOf(t.muscle, s);
    this.#strands = samplerOf(t.strands, s);
    this.#grainScale = 1 / (1.4 * s);
    this.#grainSize = Math.min(1, 5 / s);
    this.#grain = samplerOf(t.grain, TEXEL_UM);
  }

  paint(i: number, j: number, n: number, a: Float32Array, b: Float32Array, c: Float32Array, d: Float32Array): void {
    const { umPerPx: s, x, y, width, height, haematoxylin, eosin } = this.#canvas;
    const present = (f: number): boolean =>
      (a[f] ?? 0) > 0.004 || (b[f] ?? 0) > 0.004 || (c[f] ?? 0) > 0.004 || (d[f] ?? 0) > 0.004;
    const left = this.#left;
    const step = this.#step;
    const f = this.#point;
    f.fill(0);
    const used: number[] = [Field.tissue, Field.across, Field.along, Field.inflamed];
    for (const w of [
      Field.mucosa,
      Field.tumour,
      Field.muscle,
      Field.stroma,
      Field.fat,
      Field.lymphoid,
      Field.mucus,
    ] as const)
      if (present(w)) used.push(w);
    const soft = Math.max(s, 1.2);
    const x0 = Math.max(x, i * n);
    const x1 = Math.min(x + width, (i + 1) * n);
    const y1 = Math.min(y + height, (j + 1) * n);
    for (let py = Math.max(y, j * n); py < y1; py++) {
      const fy = (py + 0.5 - j * n) / n;
      for (const q of used) {
        const l = (a[q] ?? 0) + fy * ((c[q] ?? 0) - (a[q] ?? 0));
        const r = (b[q] ?? 0) + fy * ((d[q] ?? 0) - (b[q] ?? 0));
        left[q] = l;
        step[q] = (r - l) / n;
      }
      let to = (py - y) * width + x0 - x;
      for (let px = x0; px < x1; px++, to++) {
        const dx = px + 0.5 - i * n;
        const covered = Math.min(1, ((left[Field.tissue] ?? 0) + dx * (step[Field.tissue] ?? 0)) / soft + 0.5);
        if (covered <= 0) continue;
        for (const q of used) f[q] = (left[q] ?? 0) + dx * (step[q] ?? 0);
        this.#mix(f, (px + 0.5) * s, (py + 0.5) * s);
        haematoxylin[to] = 1 - covered * (1 - this.#h);
        eosin[to] = 1 - covered * (1 - this.#e);
      }
    }
  }

  readonly #left = new Float32Array(FIELDS);
  readonly #step = new Float32Array(FIELDS);
  readonly #point = new Float32Array(FIELDS);
  #h = 1;
  #e = 1;
  /** Sets transmittances of both stains for a point with these fields. */
  #mix(f: Float32Array, x: number, y: number): void {
    const s = this.#canvas.umPerPx;
    const across = f[Field.across] ?? 0;
    const along = f[Field.along] ?? 0;
    const fat = f[Field.fat] ?? 0;
    let collagenShare = f[Field.stroma] ?? 0;
    if (fat > 0.01) {
      if (s > 5) {
        collagenShare += 0;
      } else {
        this.#fat.locate(x, y);
        if (this.#fat.fat) {
          const rim = Math.min((MEMBRANE_UM + s / 2 - this.#fat.away) / s, (2 * MEMBRANE_UM) / s, 1);
          this.#e = rim > 0 ? 1 - rim * (1 - through(0.26)) : 0.995;
          this.#h = rim > 0 ? 1 - 0.1 * rim : 1;
          return;
        }
        collagenShare += fat;
      }
    }
    const mucosa = f[Field.mucosa] ?? 0;
    const tumour = f[Field.tumour] ?? 0;
    const muscle = f[Field.muscle] ?? 0;
    const lymphoid = f[Field.lymphoid] ?? 0;
    const mucus = f[Field.mucus] ?? 0;
    const loose = mucosa + lymphoid + 0.45 * tumour;
    const dense = collagenShare + 0.55 * tumour;
    let e = 0;
    let h = 0;
    if (dense > 0.004) {
      e += dense * this.#collagen(along, across);
      h += dense * 0.93;
    }
    if (loose > 0.004) {
      e += loose * this.#lamina(along, across);
      h += mucosa * 0.86 + 0.45 * tumour * 0.88 + lymphoid * 0.7;
    }
    if (muscle > 0.004) {
      e += muscle * this.#muscle(along, across);
      h += muscle * 0.9;
    }
    if (mucus > 0.004) {
      const thread = this.#strands(along, across);
      e += mucus * (0.95 - 0.2 * thread);
      h += mucus * (0.94 - 0.26 * thread);
    }
    if (fat > 0.01 && s > 5) {
      e += fat * FAT_MEAN;
      h += fat * 0.99;
    }
    if (this.#smear.glands) {
      const mottled = 1 + 0.5 * this.#grain(x / 45, y / 45);
      for (const [share, weight] of [
        [GLAND.mucosa, mucosa],
        [GLAND.tumour, tumour],
      ] as const) {
        const k = share.share * weight * mottled;
        h += k * (through(share.h) - h);
        e += k * (through(share.e) - e);
      }
    }
    if (this.#smear.cells) {
      const open = this.#smear.glands ? 1 - GLAND.mucosa.share * mucosa - GLAND.tumour.share * tumour : 1;
      const grain = 1 + this.#grainSize * (this.#grain(x * this.#grainScale, y * this.#grainScale) * 1.7);
      h += Math.min(1, Math.max(0, open * densityOf(f) * NUCLEUS_SHARE * grain)) * (through(CELL_H) - h);
    }
    this.#h = h;
    this.#e = e;
  }
}

// From light to picture: a little blur that varies over the slide, the slide's own stain colours, the sensor's noise.
import type { Pixels } from '#slide/slide.ts';
import { EOSIN, HAEMATOXYLIN, RED_CELLS, type Stain, type StainTable, tableOf } from '#stain/beer-lambert.ts';
import { FIELDS, Field } from './anatomy.ts';
import type { Canvas } from './canvas.ts';
import type { Window } from './coverage.ts';
import type { FieldGrid } from './field-grid.ts';
import { hash, Random } from './random.ts';

/** Pixels that the picture needs around itself, at every level. */
export const MARGIN = 4;

export interface Look {
  readonly haematoxylin: StainTable;
  readonly eosin: StainTable;
  readonly redCells: StainTable;
  readonly white: readonly [number, number, number];
  readonly strengthH: number;
  readonly strengthE: number;
}

/** Stains and lamp of one slide: laboratories differ. */
export function lookOf(seed: number): Look {
  const random = new Random(hash(seed, 0, 0, 99));
  const vary = (stain: Stain, by: number): Stain => ({
    red: Math.max(0.03, stain.red + by * random.between(-1, 1)),
    green: 1,
    blue: stain.blue + by * random.between(-1, 1),
  });
  return {
    haematoxylin: tableOf(vary(HAEMATOXYLIN, 0.08)),
    eosin: tableOf(vary(EOSIN, 0.05)),
    redCells: tableOf(RED_CELLS),
    white: [random.between(240, 246), random.between(239, 245), random.between(241, 248)],
    strengthH: random.between(-0.12, 0.2),
    strengthE: random.between(-0.15, 0.22),
  };
}

const NOISE = (() => {
  const random = new Random(4711);
  return Float32Array.from({ length: 65_536 }, () => random.next() + random.next() + random.next() - 1.5);
})();

/** Blur of σ pixels, separable, 2 × 3 + 1 taps. */
function blur(
  from: Float32Array,
  width: number,
  height: number,
  sigma: number,
  across: Float32Array,
  out: Float32Array,
): void {
  const taps = [0, 1, 2, 3].map((k) => Math.exp((-k * k) / (2 * sigma * sigma)));
  const sum = (taps[0] ?? 1) + 2 * ((taps[1] ?? 0) + (taps[2] ?? 0) + (taps[3] ?? 0));
  const [t0 = 1, t1 = 0, t2 = 0, t3 = 0] = taps.map((t) => t / sum);
  for (let y = 0; y < height; y++) {
    for (let x = 3, i = y * width + 3; x < width - 3; x++, i++) {
      across[i] =
        t0 * (from[i] ?? 1) +
        t1 * ((from[i - 1] ?? 1) + (from[i + 1] ?? 1)) +
        t2 * ((from[i - 2] ?? 1) + (from[i + 2] ?? 1)) +
        t3 * ((from[i - 3] ?? 1) + (from[i + 3] ?? 1));
    }
  }
  const w = width;
  for (let y = 3; y < height - 3; y++) {
    for (let x = 3, i = y * w + 3; x < w - 3; x++, i++) {
      out[i] =
        t0 * (across[i] ?? 1) +
        t1 * ((across[i - w] ?? 1) + (across[i + w] ?? 1)) +
        t2 * ((across[i - 2 * w] ?? 1) + (across[i + 2 * w] ?? 1)) +
        t3 * ((across[i - 3 * w] ?? 1) + (across[i + 3 * w] ?? 1));
    }
  }
}

/** Blur at levels 0 and 1; coarser pixels average it away. σ in pixels, and how much of it a sharp place shows. */
const BLUR: readonly { sigma: number; sharp: number; soft: number }[] = [
  { sigma: 1.35, sharp: 0.5, soft: 1 },
  { sigma: 0.75, sharp: 0.45, soft: 1 },
];

/** Amplitude of the sensor's noise, grey levels: a coarser pixel averages more of it. */
const noiseAt = (level: number): number => 3.1 / (1 + level);

/** The picture of a window without any tissue. */
export function photographGlass(window: Window, level: number, { white }: Look): Pixels {
  const { width, height } = window;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const noise = noiseAt(level);
  for (let py = window.y, to = 0; py < window.y + height; py++) {
    for (let px = window.x; px < window.x + width; px++, to += 4) {
      const s = ((py & 255) << 8) | (px & 255);
      rgba[to] = (white[0] + noise * (NOISE[s] ?? 0) + 0.5) | 0;
      rgba[to + 1] = (white[1] + noise * (NOISE[(s + 21_845) & 65_535] ?? 0) + 0.5) | 0;
      rgba[to + 2] = (white[2] + noise * (NOISE[(s + 43_690) & 65_535] ?? 0) + 0.5) | 0;
      rgba[to + 3] = 255;
    }
  }
  return { width, height, rgba };
}

/** The picture of `window`, which lies MARGIN pixels inside the canvas on every side. */
export function photograph(canvas: Canvas, window: Window, level: number, grid: FieldGrid, look: Look): Pixels {
  const { width: cw, height: ch } = canvas;
  const lens = BLUR[level];
  const h = canvas.haematoxylin;
  const e = canvas.eosin;
  const r = canvas.redCells;
  const [across = h, softH = h, softE = e] = canvas.scratch;
  if (lens) {
    blur(h, cw, ch, lens.sigma, across, softH);
    blur(e, cw, ch, lens.sigma, across, softE);
  }
  const noise = noiseAt(level);
  const { width, height } = window;
  const rgba = new Uint8ClampedArray(width * height * 4);
  // Stain and focus change over millimetres: squares of at least 64 pixels do.
  const nodes = Math.max(1, Math.round(64 / (grid.spacing / canvas.umPerPx)));
  const n = Math.round((nodes * grid.spacing) / canvas.umPerPx);
  const corners = [0, 1, 2, 3].map(() => new Float32Array(FIELDS));
  const [a, b, c, d] = corners;
  if (!a || !b || !c || !d) return { width, height, rgba };
  const { haematoxylin, eosin, redCells, white } = look;
  const steps = haematoxylin.steps;
  for (let j = Math.floor(window.y / n); j * n < window.y + height; j++) {
    for (let i = Math.floor(window.x / n); i * n < window.x + width; i++) {
      grid.node(i * nodes, j * nodes, a);
      grid.node((i + 1) * nodes, j * nodes, b);
      grid.node(i * nodes, (j + 1) * nodes, c);
      grid.node((i + 1) * nodes, (j + 1) * nodes, d);
      const x1 = Math.min(window.x + width, (i + 1) * n);
      const y1 = Math.min(window.y + height, (j + 1) * n);
      for (let py = Math.max(window.y, j * n); py < y1; py++) {
        const fy = (py + 0.5 - j * n) / n;
        const at = (field: number, side: Float32Array, under: Float32Array): number =>
          (side[field] ?? 0) + fy * ((under[field] ?? 0) - (side[field] ?? 0));
        const h0 = at(Field.haematoxylin, a, c);
        const h1 = at(Field.haematoxylin, b, d);
        const e0 = at(Field.eosin, a, c);
        const e1 = at(Field.eosin, b, d);
        const f0 = at(Field.defocus, a, c);
        const f1 = at(Field.defocus, b, d);
        for (let px = Math.max(window.x, i * n); px < x1; px++) {
          const fx = (px + 0.5 - i * n) / n;
          const from = (py - canvas.y) * cw + px - canvas.x;
          let th = h[from] ?? 1;
          let te = e[from] ?? 1;
          if (lens) {
            const share = lens.sharp + (lens.soft - lens.sharp) * (f0 + fx * (f1 - f0));
            th += share * ((softH[from] ?? 1) - th);
            te += share * ((softE[from] ?? 1) - te);
          }
          // T^(1 + k), near enough for small k.
          th -= (look.strengthH + h0 + fx * (h1 - h0)) * 1.3 * th * (1 - th);
          te -= (look.strengthE + e0 + fx * (e1 - e0)) * 1.15 * te * (1 - te);
          const ih = (th * steps + 0.5) | 0;
          const ie = (te * steps + 0.5) | 0;
          let red = white[0] * (haematoxylin.red[ih] ?? 0) * (eosin.red[ie] ?? 0);
          let green = white[1] * (haematoxylin.green[ih] ?? 0) * (eosin.green[ie] ?? 0);
          let blue = white[2] * (haematoxylin.blue[ih] ?? 0) * (eosin.blue[ie] ?? 0);
          const tr = r[from] ?? 1;
          if (tr < 1) {
            const ir = (tr * steps + 0.5) | 0;
            red *= redCells.red[ir] ?? 0;
            green *= redCells.green[ir] ?? 0;
            blue *= redCells.blue[ir] ?? 0;
          }
          const to = ((py - window.y) * width + px - window.x) * 4;
          const s = ((py & 255) << 8) | (px & 255);
          rgba[to] = (red + noise * (NOISE[s] ?? 0) + 0.5) | 0;
          rgba[to + 1] = (green + noise * (NOISE[(s + 21_845) & 65_535] ?? 0) + 0.5) | 0;
          rgba[to + 2] = (blue + noise * (NOISE[(s + 43_690) & 65_535] ?? 0) + 0.5) | 0;
          rgba[to + 3] = 255;
        }
      }
    }
  }
  return { width, height, rgba };
}

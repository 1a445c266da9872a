// One gland: basement membrane, cytoplasm from base to apex, goblet cells, borders between cells, brush border, lumen.
import { type Canvas, paint } from './canvas.ts';
import type { Coverage } from './coverage.ts';
import type { Gland } from './glands.ts';
import { type Nucleus, outlineOf } from './nucleus.ts';
import type { NucleusPainter } from './paint-nucleus.ts';
import { momentsOf, scaled } from './polygon.ts';
import { Random } from './random.ts';

interface Tone {
  readonly h: number; // densities in green
  readonly e: number;
}
/** From the wall (first) to the lumen (last). */
const CYTOPLASM: Record<'benign' | 'malignant', readonly Tone[]> = {
  benign: [
    { h: 0.2, e: 0.24 },
    { h: 0.17, e: 0.23 },
    { h: 0.13, e: 0.22 },
    { h: 0.1, e: 0.22 },
    { h: 0.09, e: 0.23 },
  ],
  malignant: [
    { h: 0.21, e: 0.2 },
    { h: 0.22, e: 0.2 },
    { h: 0.19, e: 0.21 },
    { h: 0.15, e: 0.23 },
    { h: 0.13, e: 0.25 },
  ],
};

export function paintGland(canvas: Canvas, coverage: Coverage, nuclei: NucleusPainter, gland: Gland): void {
  const { umPerPx: s } = canvas;
  const random = new Random(gland.seed ^ 0x77);
  const malignant = gland.kind === 'tumour';
  const fill = (ring: Float64Array): boolean => coverage.fill(scaled(ring, 1 / s), canvas);
  const tones = CYTOPLASM[malignant ? 'malignant' : 'benign'];
  const shift = random.between(-0.05, 0.05);
  if (s < 3) {
    const membrane = gland.inner(-1.3);
    if (membrane && fill(membrane)) paint(canvas, coverage, 0.05, 0.3, 0.8);
  }
  const steps = s < 3 ? tones : tones.filter((_, t) => t % 2 === 0);
  for (const [t, tone] of steps.entries()) {
    const ring = t === 0 ? gland.outline : gland.inner((t * 24) / steps.length);
    if (ring && fill(ring)) paint(canvas, coverage, tone.h, tone.e + shift);
  }
  const cells = gland.cells();
  if (s < 0.8) {
    for (let b = 0; b < cells.borders.length; b += 4) {
      if (coverage.fill(thinLine(cells.borders, b, 0.3, s), canvas)) paint(canvas, coverage, 0.1, 0.36, 0.6);
    }
  }
  if (s < 5) {
    for (const vacuole of cells.vacuoles) {
      if (
        s < 1.5 &&
        coverage.fill(outlineOf({ ...vacuole, long: vacuole.long + 0.5, short: vacuole.short + 0.5 }, s), canvas)
      )
        paint(canvas, coverage, 0.13, 0.26, 0.8);
      if (coverage.fill(outlineOf(vacuole, s), canvas)) paint(canvas, coverage, 0.055, 0.015, 0.93);
    }
  }
  for (const lumen of gland.lumina) {
    if (s < 1.5 && fill(swollen(lumen, 0.8))) paint(canvas, coverage, 0.09, 0.4, 0.8);
    if (!fill(lumen)) continue;
    paint(canvas, coverage, 0.015, 0.012);
    if (s < 3) paintSecretion(canvas, coverage, lumen, malignant, random);
  }
  for (const nucleus of cells.nuclei) nuclei.paint(nucleus);
}

/** Where cells are too small to draw: a ring of nuclei, cytoplasm and lumen as flat tones that average alike. */
export function paintGlandFar(canvas: Canvas, coverage: Coverage, gland: Gland): void {
  const fill = (ring: Float64Array): boolean => coverage.fill(scaled(ring, 1 / canvas.umPerPx), canvas);
  const random = new Random(gland.seed ^ 0x77);
  const shift = random.between(-0.05, 0.05); // as in paintGland
  if (gland.kind === 'tumour') {
    const open = gland.lumina.length === 1;
    if (fill(gland.outline)) paint(canvas, coverage, open ? 0.35 : 0.32, 0.165 + 0.7 * shift);
    const apical = open ? gland.inner(17) : undefined;
    if (apical && fill(apical)) paint(canvas, coverage, 0.165, 0.235 + shift);
  } else {
    if (fill(gland.outline)) paint(canvas, coverage, 0.31, 0.17 + 0.6 * shift);
    const vacuoles = Math.min(0.85, 1.7 * gland.pale);
    const inner = gland.inner(10.5);
    if (inner && fill(inner)) paint(canvas, coverage, 0.12 - 0.06 * vacuoles, (0.235 + shift) * (1 - vacuoles) + 0.03);
  }
  for (const lumen of gland.lumina) if (fill(lumen)) paint(canvas, coverage, 0.015, 0.012);
}

/** What lies in a lumen: threads of mucus; in a tumour now and then dirty debris. */
function paintSecretion(
  canvas: Canvas,
  coverage: Coverage,
  lumen: Float64Array,
  malignant: boolean,
  random: Random,
): void {
  const s = canvas.umPerPx;
  const draws = random.next();
  const stream = new Random((random.next() * 4294967296) | 0);
  const n = lumen.length / 2;
  const centre = momentsOf(lumen);
  const at = (vertex: number, k: number): [number, number] => {
    const v = 2 * (((vertex % n) + n) % n);
    return [centre.x + k * ((lumen[v] ?? 0) - centre.x), centre.y + k * ((lumen[v + 1] ?? 0) - centre.y)];
  };
  if (malignant && draws < 0.4) {
    const clot = new Float64Array(2 * n);
    const size = stream.between(0.35, 0.75);
    for (let v = 0; v < n; v++) clot.set(at(v, size * stream.between(0.86, 1.06)), 2 * v);
    if (coverage.fill(scaled(clot, 1 / s), canvas)) paint(canvas, coverage, 0.09, 0.24, 0.8);
    for (let k = 0; k < 14; k++) {
      const [x, y] = at(Math.floor(stream.next() * n), size * 0.85 * Math.sqrt(stream.next()));
      const r = stream.between(0.7, 1.5);
      const crumb: Nucleus = { x, y, angle: 0, long: r, short: r, kind: 'debris', seed: k };
      if (coverage.fill(outlineOf(crumb, s), canvas)) paint(canvas, coverage, 0.24, 0.3, 0.7);
    }
    return;
  }
  if (draws > 0.8) return;
  const threads = 1 + Math.floor(stream.next() * 4);
  for (let t = 0; t < threads; t++) {
    let vertex = Math.floor(stream.next() * n);
    let [x, y] = at(vertex, stream.between(0.2, 0.9));
    for (let k = 0; k < 5; k++) {
      vertex += Math.floor(stream.between(0.01, 0.13) * n);
      const [nx, ny] = at(vertex, stream.between(0.35, 0.85));
      const line = Float64Array.of(x, y, nx, ny);
      if (coverage.fill(thinLine(line, 0, stream.between(0.3, 1.3), s), canvas))
        paint(canvas, coverage, 0.07, 0.02, 0.4);
      x = nx;
      y = ny;
    }
  }
}

function thinLine(lines: Float64Array, at: number, half: number, unit: number): Float64Array<ArrayBuffer> {
  const x0 = lines[at] ?? 0;
  const y0 = lines[at + 1] ?? 0;
  const x1 = lines[at + 2] ?? 0;
  const y1 = lines[at + 3] ?? 0;
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const nx = (-(y1 - y0) / length) * half;
  const ny = ((x1 - x0) / length) * half;
  return Float64Array.of(
    (x0 + nx) / unit,
    (y0 + ny) / unit,
    (x1 + nx) / unit,
    (y1 + ny) / unit,
    (x1 - nx) / unit,
    (y1 - ny) / unit,
    (x0 - nx) / unit,
    (y0 - ny) / unit,
  );
}

/** Grown by about `by` µm, from the middle out. */
function swollen(ring: Float64Array, by: number): Float64Array<ArrayBuffer> {
  let cx = 0;
  let cy = 0;
  const n = ring.length / 2;
  for (let v = 0; v < ring.length; v += 2) {
    cx += (ring[v] ?? 0) / n;
    cy += (ring[v + 1] ?? 0) / n;
  }
  const out = new Float64Array(ring.length);
  for (let v = 0; v < ring.length; v += 2) {
    const dx = (ring[v] ?? 0) - cx;
    const dy = (ring[v + 1] ?? 0) - cy;
    const k = 1 + by / (Math.hypot(dx, dy) || 1);
    out[v] = cx + dx * k;
    out[v + 1] = cy + dy * k;
  }
  return out;
}

// One gland: basement membrane, cytoplasm from base to apex, goblet cells, borders between cells, brush border, lumen.
import { type Canvas, paint } from './canvas.ts';
import type { Coverage } from './coverage.ts';
import type { Gland } from './glands.ts';
import { outlineOf } from './nucleus.ts';
import type { NucleusPainter } from './paint-nucleus.ts';
import { scaled } from './polygon.ts';
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
    { h: 0.24, e: 0.25 },
    { h: 0.25, e: 0.25 },
    { h: 0.22, e: 0.27 },
    { h: 0.18, e: 0.28 },
    { h: 0.15, e: 0.3 },
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
    if (fill(lumen)) paint(canvas, coverage, 0.015, 0.012);
  }
  for (const nucleus of cells.nuclei) nuclei.paint(nucleus);
}

/** Where cells are too small to draw: wall, ring of nuclei and lumen as flat tones that average alike. */
export function paintGlandFar(canvas: Canvas, coverage: Coverage, gland: Gland): void {
  const fill = (ring: Float64Array): boolean => coverage.fill(scaled(ring, 1 / canvas.umPerPx), canvas);
  if (gland.kind === 'tumour') {
    if (fill(gland.outline)) paint(canvas, coverage, 0.39, 0.22);
  } else {
    if (fill(gland.outline)) paint(canvas, coverage, 0.34, 0.17);
    const inner = gland.inner(11);
    if (inner && fill(inner)) paint(canvas, coverage, 0.105, 0.225 - 0.16 * gland.pale);
  }
  for (const lumen of gland.lumina) if (fill(lumen)) paint(canvas, coverage, 0.015, 0.012);
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

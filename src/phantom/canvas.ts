// What is painted on: for every pixel, how much green light each stain lets through. Coverage mixes light, as optics do,
// so an average of fine pixels is what a coarse pixel shows.
import { assert } from '#errors/failure.ts';
import { transmittanceOf } from '#stain/beer-lambert.ts';
import type { Coverage, Window } from './coverage.ts';

export interface Canvas extends Window {
  readonly umPerPx: number;
  readonly haematoxylin: Float32Array<ArrayBuffer>; // [height × width], transmittance in green, 1 is clear
  readonly eosin: Float32Array<ArrayBuffer>;
  readonly redCells: Float32Array<ArrayBuffer>;
  readonly scratch: readonly Float32Array<ArrayBuffer>[]; // three more planes, for the blur
}

/** Planes that one canvas after another uses: a tile's worth of memory is not made anew for each tile. */
export class Planes {
  #size = 0;
  #planes: Float32Array<ArrayBuffer>[] = [];

  /** A clear canvas; the last one's planes are its planes now. */
  canvas(window: Window, umPerPx: number): Canvas {
    const size = window.width * window.height;
    if (size !== this.#size) this.#planes = [0, 1, 2, 3, 4, 5].map(() => new Float32Array(size));
    this.#size = size;
    const [haematoxylin, eosin, redCells, ...scratch] = this.#planes;
    assert(haematoxylin && eosin && redCells, 'A canvas has three planes.');
    for (const plane of [haematoxylin, eosin, redCells]) plane.fill(1);
    return { ...window, umPerPx, haematoxylin, eosin, redCells, scratch };
  }
}

const STEPS_A_UNIT = 512;
const TRANSMITTANCE = Float32Array.from({ length: 4 * STEPS_A_UNIT }, (_, i) => transmittanceOf(i / STEPS_A_UNIT));

/** Transmittance of a density between 0 and 4, from a table. */
export const through = (density: number): number =>
  density > 0 ? (TRANSMITTANCE[Math.min(4 * STEPS_A_UNIT - 1, (density * STEPS_A_UNIT + 0.5) | 0)] ?? 0) : 1;

/** Replaces what is under the coverage by a flat amount of both stains (densities in green). */
export function paint(canvas: Canvas, coverage: Coverage, haematoxylin: number, eosin: number, opacity = 1): void {
  const { haematoxylin: h, eosin: e, redCells: r } = canvas;
  const th = through(haematoxylin);
  const te = through(eosin);
  const left = Math.max(0, canvas.x - coverage.x);
  for (let row = 0; row < coverage.height; row++) {
    let from = row * coverage.width + left;
    let to = (coverage.y + row - canvas.y) * canvas.width + coverage.x + left - canvas.x;
    for (let n = coverage.width - left; n > 0; n--, from++, to++) {
      const a = coverage.values[from] ?? 0;
      if (a === 0) continue;
      const o = a * opacity;
      const th0 = h[to] ?? 1;
      const te0 = e[to] ?? 1;
      h[to] = th0 + o * (th - th0);
      e[to] = te0 + o * (te - te0);
      const tr0 = r[to] ?? 1;
      if (tr0 < 1) r[to] = tr0 + o * (1 - tr0);
    }
  }
}

/** The same with red cells' own pigment. */
export function paintRed(canvas: Canvas, coverage: Coverage, eosin: number, pigment: number): void {
  paint(canvas, coverage, 0, eosin);
  const { redCells: r } = canvas;
  const tr = through(pigment);
  const left = Math.max(0, canvas.x - coverage.x);
  for (let row = 0; row < coverage.height; row++) {
    let from = row * coverage.width + left;
    let to = (coverage.y + row - canvas.y) * canvas.width + coverage.x + left - canvas.x;
    for (let n = coverage.width - left; n > 0; n--, from++, to++) {
      const a = coverage.values[from] ?? 0;
      const before = r[to] ?? 1;
      r[to] = before + a * (tr - before);
    }
  }
}

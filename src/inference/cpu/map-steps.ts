// What lies between convolutions, as steps, a few lines of the result a unit.
import type { Kernels } from './kernels.ts';
import { aligned, type Ending, type Place, pixelAt } from './places.ts';

/** The picture as it comes, plane by plane, becomes a map of four channels, the last of which is zero. */
export interface EnterStep {
  readonly kind: 'enter';
  readonly planes: number;
  readonly zeros: number;
  readonly to: Place;
}

export interface PoolStep {
  readonly kind: 'pool';
  readonly of: 'most' | 'mean';
  readonly from: Place;
  readonly to: Place;
  readonly wide: number; //   px, with the next three
  readonly high: number;
  readonly stride: number;
  readonly pad: number;
}

/** Bilinear, pixel centres at half pixels, edges repeated. */
export interface ResizeStep extends Ending {
  readonly kind: 'resize';
  readonly from: Place;
  readonly to: Place;
  readonly scale: number; // whole
}

export interface CopyStep extends Ending {
  readonly kind: 'copy';
  readonly from: Place;
  readonly to: Place;
}

const LINES = 4; // a unit
const COLOURS = 3;

const byLines = ({ to }: { readonly to: Place }): number => Math.ceil(to.height / LINES);
const linesOf = (unit: number, { height }: Place): { from: number; to: number } => ({
  from: unit * LINES,
  to: Math.min(height, (unit + 1) * LINES),
});

export const enter = {
  units: byLines,
  scratch: (): number => 0,
  compute(kernels: Kernels, { planes, zeros, to }: EnterStep, unit: number): void {
    const lines = linesOf(unit, to);
    const count = (lines.to - lines.from) * to.width;
    const target = pixelAt(to, 0, lines.from);
    for (let colour = 0; colour < COLOURS; colour++) {
      const plane = planes + (colour * to.height + lines.from) * to.width * 4;
      kernels.stride(plane, 4, target + colour * 4, to.px, count);
    }
    kernels.stride(zeros, 0, target + COLOURS * 4, to.px, count);
  },
} as const;

export const pool = {
  units: byLines,
  scratch: (): number => 0,
  compute(kernels: Kernels, { of, from, to, wide, high, stride, pad }: PoolStep, unit: number): void {
    const lines = linesOf(unit, to);
    const factor = of === 'mean' ? 1 / (wide * high) : 1;
    for (let y = lines.from; y < lines.to; y++) {
      const { at, width, height, px } = from;
      const top = y * stride - pad;
      kernels[of](at, width, height, px, -pad, top, wide, high, pixelAt(to, 0, y), to.width, stride, factor);
    }
  },
} as const;

export const resize = {
  units: byLines,
  /** A line of `from` and one pixel more on either side. */
  scratch: ({ from }: ResizeStep): number => aligned((from.width + 2) * from.px),
  compute(kernels: Kernels, { from, to, scale, add, floor }: ResizeStep, unit: number, scratch: number): void {
    const lines = linesOf(unit, to);
    const { px, width, height } = from;
    const [first, last] = [scratch + px, scratch + width * px];
    for (let y = lines.from; y < lines.to; y++) {
      const { before, weight } = sourceOf(y, scale);
      const [above, below] = [before, before + 1].map((line) =>
        pixelAt(from, 0, Math.min(height - 1, Math.max(0, line))),
      );
      kernels.blend(above ?? 0, below ?? 0, weight, first, width * px, 0, 0, 1, 0, -Infinity);
      kernels.blend(first, first, 0, scratch, px, 0, 0, 1, 0, -Infinity);
      kernels.blend(last, last, 0, last + px, px, 0, 0, 1, 0, -Infinity);
      for (let phase = 0; phase < scale; phase++) {
        const { before: left, weight: share } = sourceOf(phase, scale);
        const [a, target] = [first + left * px, pixelAt(to, phase, y)];
        kernels.blend(a, a + px, share, target, px, px, scale * px, width, add, floor);
      }
    }
  },
} as const;

/** The pixel before a pixel of the larger picture, and how much of the one after it counts. */
function sourceOf(at: number, scale: number): { before: number; weight: number } {
  const source = (at + 0.5) / scale - 0.5;
  const before = Math.floor(source);
  return { before, weight: source - before };
}

export const copy = {
  units: byLines,
  scratch: (): number => 0,
  compute(kernels: Kernels, { from, to, add, floor }: CopyStep, unit: number): void {
    const lines = linesOf(unit, to);
    const at = pixelAt(from, 0, lines.from);
    const bytes = (lines.to - lines.from) * to.width * to.px;
    kernels.blend(at, at, 0, pixelAt(to, 0, lines.from), bytes, 0, 0, 1, add, floor);
  },
} as const;

// Convolutions as steps: 3 × 3 with stride 1 by Winograd, 1 × 1 as one product of what lies there, others as a product of copied
// squares.
import { DEPTH, PANEL, ROWS } from './gemm-kernel.ts';
import type { Kernels } from './kernels.ts';
import { aligned, type Ending, type Place, pixelAt } from './places.ts';
import { POINTS, REACH, TILE } from './winograd-kernel.ts';

interface Conv extends Ending {
  readonly from: Place;
  readonly to: Place;
  readonly weights: number;
  readonly bias: number;
}

export interface WinogradStep extends Conv {
  readonly kind: 'winograd';
  readonly zeros: number; // as long as a pixel of `to`
}

export interface ProductStep extends Conv {
  readonly kind: 'product';
}

export interface SquaresStep extends Conv {
  readonly kind: 'squares';
  readonly side: number; //   px
  readonly stride: number; // px
  readonly pad: number; //    px
  readonly used: number; //   bytes of a pixel of `from` that count: the picture's fourth channel does not
}

const KEPT = 640 * 1024; // bytes of spread and multiplied tiles that should stay in a core's second cache
const TEMP = aligned(POINTS * 16);
const STRIP = 16 * ROWS; // pixels of a product
const wholeRows = (count: number): number => Math.max(1, Math.round(count / ROWS)) * ROWS;

/** Tiles a unit. At least four times the rows of the product: each brings all weights into the cache. */
const tilesOf = ({ from, to }: WinogradStep): number =>
  Math.max(4 * ROWS, wholeRows(KEPT / (POINTS * (from.px + to.px))));
const tilesAcross = ({ to }: WinogradStep): number => Math.ceil(to.width / TILE);
const tilesIn = (step: WinogradStep): number => tilesAcross(step) * Math.ceil(step.to.height / TILE);

/** From product to product of a unit's tiles: a line more than they take, so that not all fall on one place in the cache. */
const apart = (tiles: number, px: number): number => aligned(tiles * px) + 64;

export const winograd = {
  units: (step: WinogradStep): number => Math.ceil(tilesIn(step) / tilesOf(step)),

  scratch(step: WinogradStep): number {
    const tiles = tilesOf(step);
    return TEMP + aligned(POINTS * step.from.px) + POINTS * (apart(tiles, step.from.px) + apart(tiles, step.to.px));
  },

  compute(kernels: Kernels, step: WinogradStep, unit: number, scratch: number): void {
    const { from, to, weights, bias, zeros, add, floor } = step;
    const most = tilesOf(step);
    const across = tilesAcross(step);
    const first = unit * most;
    const count = Math.min(most, tilesIn(step) - first);
    const square = scratch + TEMP;
    const spread = square + aligned(POINTS * from.px);
    const spreadApart = apart(most, from.px);
    const products = spread + POINTS * spreadApart;
    const productApart = apart(most, to.px);
    for (let t = 0; t < count; ) {
      const left = ((first + t) % across) * TILE - 1;
      const top = Math.floor((first + t) / across) * TILE - 1;
      const target = spread + t * from.px;
      const inside =
        left >= 0 && top >= 0 && top + REACH <= from.height ? Math.floor((from.width - left - REACH) / TILE) + 1 : 0;
      if (inside > 0) {
        const run = Math.min(inside, count - t);
        const line = from.width * from.px;
        kernels.spread(pixelAt(from, left, top), from.px, line, run, from.px, target, spreadApart, scratch);
        t += run;
      } else {
        kernels.squares(from.at, from.width, from.height, from.px, left, top, REACH, REACH, square, 1, 0, from.px, 0);
        kernels.spread(square, from.px, REACH * from.px, 1, from.px, target, spreadApart, scratch);
        t++;
      }
    }
    const panels = to.px / (4 * PANEL);
    const depth = from.px / 4;
    for (let point = 0; point < POINTS; point++) {
      const [a, b] = [spread + point * spreadApart, weights + point * from.px * (to.px / 4)];
      kernels.gemm(a, from.px, depth, b, panels, products + point * productApart, to.px, count, zeros, 0, -Infinity);
    }
    for (let t = 0; t < count; t++) {
      const x = ((first + t) % across) * TILE;
      const y = Math.floor((first + t) / across) * TILE;
      const [wide, high] = [Math.min(TILE, to.width - x), Math.min(TILE, to.height - y)];
      const [tile, target] = [products + t * to.px, pixelAt(to, x, y)];
      kernels.gather(tile, productApart, to.px, bias, target, to.px, to.width * to.px, wide, high, add, floor, scratch);
    }
  },
} as const;

const pixelsIn = ({ to }: Conv): number => to.width * to.height;

export const product = {
  units: (step: ProductStep): number => Math.ceil(pixelsIn(step) / STRIP),

  scratch: (): number => 0,

  compute(kernels: Kernels, step: ProductStep, unit: number): void {
    const { from, to, weights, bias, add, floor } = step;
    const first = unit * STRIP;
    const count = Math.min(STRIP, pixelsIn(step) - first);
    const [a, c] = [from.at + first * from.px, to.at + first * to.px];
    kernels.gemm(a, from.px, from.px / 4, weights, to.px / (4 * PANEL), c, to.px, count, bias, add, floor);
  },
} as const;

/** Terms of a sum: the pixels of a square, one behind the other, to a multiple of what a turn of the product takes. */
export const depthOf = (side: number, channels: number): number => Math.ceil((side * side * channels) / DEPTH) * DEPTH;

const SQUARES = 8 * ROWS; // side by side, a unit

export const squares = {
  units: ({ to }: SquaresStep): number => Math.ceil(to.width / SQUARES) * to.height,

  scratch: ({ side, used }: SquaresStep): number => aligned(SQUARES * depthOf(side, used / 4) * 4 + 16),

  compute(kernels: Kernels, step: SquaresStep, unit: number, scratch: number): void {
    const { from, to, weights, bias, add, floor, side, stride, pad, used } = step;
    const parts = Math.ceil(to.width / SQUARES);
    const [x, y] = [(unit % parts) * SQUARES, Math.floor(unit / parts)];
    const count = Math.min(SQUARES, to.width - x);
    const depth = depthOf(side, used / 4);
    const [left, top] = [x * stride - pad, y * stride - pad];
    const { at, width, height, px } = from;
    kernels.squares(at, width, height, px, left, top, side, side, scratch, count, stride, used, depth * 4);
    const target = pixelAt(to, x, y);
    kernels.gemm(scratch, depth * 4, depth, weights, to.px / (4 * PANEL), target, to.px, count, bias, add, floor);
  },
} as const;

// From maps to what the network gives, as steps: shares of classes, packed or plain, and planes of features.
import type { Kernels } from './kernels.ts';
import { aligned, type Place, pixelAt } from './places.ts';

/** Softmax over `classes` channels from `first` on, of the picture that `block`² channels make. */
export interface SharesStep {
  readonly kind: 'shares';
  readonly of: 'packed' | 'shares';
  readonly from: Place;
  readonly block: number;
  readonly first: number;
  readonly classes: number;
  readonly kept: number;
  /** [1, or `kept` where not packed, × height · block × width · block] */
  readonly to: number;
}

export interface PlanesStep {
  readonly kind: 'planes';
  readonly from: Place;
  readonly channels: number;
  readonly to: number; // [channels × height × width]
}

const VECTOR = 16; // bytes, four pixels
const TEMP_CLASSES = 64;

/** Bytes of a line of the result, to whole vectors. */
const lineOf = ({ from, block }: SharesStep): number => Math.ceil((from.width * block) / 4) * VECTOR;

export const shares = {
  /** A line of the map: `block` lines of the result. */
  units: ({ from }: SharesStep): number => from.height,

  /** The classes, and what becomes of them. */
  scratch: (step: SharesStep): number => aligned(TEMP_CLASSES * VECTOR + 2 * step.classes * lineOf(step)),

  compute(kernels: Kernels, step: SharesStep, unit: number, scratch: number): void {
    const { from, block, first, classes, to } = step;
    const width = from.width * block;
    const plane = from.height * block * width * 4;
    for (let i = 0; i < block; i++) {
      const start = pixelAt(from, 0, unit) + (first * block * block + i * block) * 4;
      const target = to + (unit * block + i) * width * 4;
      if (block === 4 && step.of === 'packed') {
        kernels.packed(start, classes, block * block * 4, from.px, target, 0, from.width, scratch);
        continue;
      }
      const line = lineOf(step);
      const lines = scratch + TEMP_CLASSES * VECTOR;
      const made = lines + classes * line;
      for (let c = 0; c < classes; c++)
        for (let j = 0; j < block; j++)
          kernels.stride(start + (c * block * block + j) * 4, from.px, lines + c * line + j * 4, block * 4, from.width);
      kernels[step.of](lines, classes, line, VECTOR, made, line, line / VECTOR, scratch);
      const planes = step.of === 'packed' ? 1 : step.kept;
      for (let c = 0; c < planes; c++) kernels.stride(made + c * line, 4, target + c * plane, 4, width);
    }
  },
} as const;

export const planes = {
  units: ({ channels }: PlanesStep): number => channels,
  scratch: (): number => 0,
  compute(kernels: Kernels, { from, to }: PlanesStep, unit: number): void {
    const count = from.width * from.height;
    kernels.stride(from.at + unit * 4, from.px, to + unit * count * 4, 4, count);
  },
} as const;

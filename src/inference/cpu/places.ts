// Where things lie in the engine's memory. Addresses and sizes are bytes.
import { PANEL } from './gemm-kernel.ts';

/** A map: float32, line by line, all channels of a pixel together. */
export interface Place {
  readonly at: number;
  readonly width: number; //  px
  readonly height: number; // px
  readonly px: number; //     of a pixel: 4 · channels
}

/** How a convolution or its like ends: the value of another map laid out alike is added, and what is below `floor` becomes it. */
export interface Ending {
  readonly add: number; //   the distance to that map, or 0
  readonly floor: number; // 0, or -Infinity
}

const LINE = 64; // of a cache

/** Channels of a map in memory: whole panels of the product; what is too much is zero. The picture alone has four. */
export const inPanels = (channels: number): number => Math.ceil(channels / PANEL) * PANEL;

export const aligned = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;
export const bytesOf = ({ width, height, px }: Omit<Place, 'at'>): number => aligned(width * height * px);
export const pixelAt = ({ at, width, px }: Place, x: number, y: number): number => at + (y * width + x) * px;

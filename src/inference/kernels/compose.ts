// From tiles to the network's input: place, resample, normalise. This is the twin that runs everywhere and the oracle of
// compose.wgsl; both work on the same region and the same taps.
import { EosinError } from '#errors/failure.ts';
import type { ModelInput } from '../manifest.ts';
import type { Patch } from '../model.ts';
import { reachOf, resampleTaps, type Taps } from './taps.ts';

/** The part of the level that a patch reads, whole pixels, and how it becomes the network's input. */
export interface Region {
  readonly x: number; //       level px
  readonly y: number;
  readonly width: number; //   level px
  readonly height: number;
  readonly across: Taps; //    from the region's columns
  readonly down: Taps; //      from the region's rows
}

// A region beyond this would not fit a texture; it means a level far from the model's own resolution.
const LARGEST_SIDE = 8192;

/** @throws EosinError BadInput where the level is so much finer than the model that the region is too large */
export function regionOf({ x, y, scaleX, scaleY, size }: Patch): Region {
  const across = resampleTaps(x, scaleX, size);
  const down = resampleTaps(y, scaleY, size);
  const [left, right] = reachOf(across);
  const [top, bottom] = reachOf(down);
  const width = right - left;
  const height = bottom - top;
  if (width > LARGEST_SIDE || height > LARGEST_SIDE) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'A patch for the model',
      seen: `it would read ${width} × ${height} pixels of one level`,
      todo: 'Read it from a coarser level.',
    });
  }
  return { x: left, y: top, width, height, across: moved(across, left), down: moved(down, top) };
}

const moved = (taps: Taps, origin: number): Taps => ({ ...taps, first: taps.first.map((first) => first - origin) });

/** Row-major R, G, B, A; alpha is not looked at. */
export type Rgba = Uint8ClampedArray<ArrayBuffer>;

export interface RgbaTile {
  readonly image: { readonly width: number; readonly height: number; readonly rgba: Rgba };
  readonly x: number; // level px
  readonly y: number;
}

/** The region's pixels, opaque: tiles in the order given, each over the earlier, on white. */
export function assemble(tiles: readonly RgbaTile[], region: Region): Rgba {
  const { width, height } = region;
  const out: Rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const { image, x, y } of tiles) {
    const left = Math.max(x, region.x);
    const right = Math.min(x + image.width, region.x + width);
    const top = Math.max(y, region.y);
    const bottom = Math.min(y + image.height, region.y + height);
    if (left >= right) continue;
    for (let row = top; row < bottom; row++) {
      const from = ((row - y) * image.width + (left - x)) * 4;
      out.set(image.rgba.subarray(from, from + (right - left) * 4), ((row - region.y) * width + (left - region.x)) * 4);
    }
  }
  return out;
}

/**
 * The region's pixels as the network's input.
 * @param rgba row-major [height × width × 4], borrowed
 * @returns float32 [3 × size × size], (value / 255 − mean) / std
 */
export function composed(
  rgba: Rgba,
  region: Region,
  input: Pick<ModelInput, 'mean' | 'std'>,
): Float32Array<ArrayBuffer> {
  const { width, across, down } = region;
  const size = across.first.length;
  const rows = down.first.length;
  const plane = size * rows;
  const out = new Float32Array(3 * plane);
  const gain = input.std.map((std) => 1 / (255 * std));
  const shift = input.mean.map((mean, channel) => -mean / (input.std[channel] ?? 1));
  const line = new Float32Array(width * 3); // one output row of the region, not yet resampled across
  for (let v = 0; v < rows; v++) {
    line.fill(0);
    for (let k = 0; k < down.count; k++) {
      const weight = down.weights[v * down.count + k] ?? 0;
      if (weight === 0) continue;
      let at = ((down.first[v] ?? 0) + k) * width * 4;
      for (let i = 0; i < line.length; i += 3, at += 4) {
        line[i] = (line[i] ?? 0) + weight * (rgba[at] ?? 0);
        line[i + 1] = (line[i + 1] ?? 0) + weight * (rgba[at + 1] ?? 0);
        line[i + 2] = (line[i + 2] ?? 0) + weight * (rgba[at + 2] ?? 0);
      }
    }
    for (let u = 0; u < size; u++) {
      let [red, green, blue] = [0, 0, 0];
      for (let k = 0; k < across.count; k++) {
        const weight = across.weights[u * across.count + k] ?? 0;
        if (weight === 0) continue;
        const at = ((across.first[u] ?? 0) + k) * 3;
        red += weight * (line[at] ?? 0);
        green += weight * (line[at + 1] ?? 0);
        blue += weight * (line[at + 2] ?? 0);
      }
      const at = v * size + u;
      out[at] = red * (gain[0] ?? 0) + (shift[0] ?? 0);
      out[plane + at] = green * (gain[1] ?? 0) + (shift[1] ?? 0);
      out[2 * plane + at] = blue * (gain[2] ?? 0) + (shift[2] ?? 0);
    }
  }
  return out;
}

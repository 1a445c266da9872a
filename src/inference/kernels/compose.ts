// From tiles to the network's input: place, resample, normalise. This is the twin that runs everywhere and the oracle of
// compose.wgsl; both work on the same region and the same taps.
import { EosinError } from '#errors/failure.ts';
import type { ImageInput } from '../manifest.ts';
import type { Patch } from '../model.ts';
import { type PlacedTaps, placedTaps, resampleTaps, type Taps, WHITE } from './taps.ts';

/** The part of the level that a patch reads, whole pixels within its bounds, and how it becomes the network's input. */
export interface Region {
  readonly x: number; //       level px
  readonly y: number;
  readonly width: number; //   level px
  readonly height: number;
  readonly size: number; //    of the network's input, px
  readonly across: Taps; //    from the region's columns
  readonly down: Taps; //      from the region's rows
}

// A region beyond this would not fit a texture; it means a level far from the model's own resolution.
const LARGEST_SIDE = 8192;

/** @throws EosinError BadInput where the level is so much finer than the model that the region is too large */
export function regionOf({ x, y, scaleX, scaleY, size, bounds }: Patch): Region {
  const columns: PlacedTaps = placedTaps(
    resampleTaps(x, scaleX, size),
    bounds && { from: bounds.x, to: bounds.x + bounds.width, reach: bounds.reach },
  );
  const rows: PlacedTaps = placedTaps(
    resampleTaps(y, scaleY, size),
    bounds && { from: bounds.y, to: bounds.y + bounds.height, reach: bounds.reach },
  );
  const [width, height] = [columns.length, rows.length];
  if (width > LARGEST_SIDE || height > LARGEST_SIDE) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'A patch for the model',
      seen: `it would read ${width} × ${height} pixels of one level`,
      todo: 'Read it from a coarser level.',
    });
  }
  return { x: columns.start, y: rows.start, width, height, size, across: columns.taps, down: rows.taps };
}

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
  input: Pick<ImageInput, 'mean' | 'std'>,
): Float32Array<ArrayBuffer> {
  const { width, size, across, down } = region;
  const plane = size * size;
  const out = new Float32Array(3 * plane);
  const gain = input.std.map((std) => 1 / (255 * std));
  const shift = input.mean.map((mean, channel) => -mean / (input.std[channel] ?? 1));
  const line = new Float32Array(width * 3); // one output row of the region, not yet resampled across
  for (let v = 0; v < size; v++) {
    line.fill(0);
    for (let k = v * down.count; k < (v + 1) * down.count; k++) {
      const weight = down.weights[k] ?? 0;
      if (weight === 0) continue;
      const row = down.sources[k] ?? WHITE;
      if (row === WHITE) {
        for (let i = 0; i < line.length; i++) line[i] = (line[i] ?? 0) + weight * 255;
        continue;
      }
      let at = row * width * 4;
      for (let i = 0; i < line.length; i += 3, at += 4) {
        line[i] = (line[i] ?? 0) + weight * (rgba[at] ?? 0);
        line[i + 1] = (line[i + 1] ?? 0) + weight * (rgba[at + 1] ?? 0);
        line[i + 2] = (line[i + 2] ?? 0) + weight * (rgba[at + 2] ?? 0);
      }
    }
    for (let u = 0; u < size; u++) {
      let [red, green, blue] = [0, 0, 0];
      for (let k = u * across.count; k < (u + 1) * across.count; k++) {
        const weight = across.weights[k] ?? 0;
        if (weight === 0) continue;
        const column = across.sources[k] ?? WHITE;
        red += weight * (column === WHITE ? 255 : (line[column * 3] ?? 0));
        green += weight * (column === WHITE ? 255 : (line[column * 3 + 1] ?? 0));
        blue += weight * (column === WHITE ? 255 : (line[column * 3 + 2] ?? 0));
      }
      const at = v * size + u;
      out[at] = red * (gain[0] ?? 0) + (shift[0] ?? 0);
      out[plane + at] = green * (gain[1] ?? 0) + (shift[1] ?? 0);
      out[2 * plane + at] = blue * (gain[2] ?? 0) + (shift[2] ?? 0);
    }
  }
  return out;
}

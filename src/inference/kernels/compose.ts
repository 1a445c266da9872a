// From tiles to the network's input: place, resample, normalise. This is the twin that runs everywhere and the oracle of
// compose.wgsl; both work on the same region and the same taps.
import { EosinError } from '#errors/failure.ts';
import type { ImageInput } from '../manifest.ts';
import type { Patch } from '../model.ts';
import { type PlacedTaps, placedTaps, resampleTaps, reversed, type Taps, WHITE } from './taps.ts';

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
export function regionOf({ x, y, scaleX, scaleY, size, bounds, flip }: Patch): Region {
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
  const across = flip?.across ? reversed(columns.taps) : columns.taps;
  const down = flip?.down ? reversed(rows.taps) : rows.taps;
  return { x: columns.start, y: rows.start, width, height, size, across, down };
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
  const out = new Float32Array(3 * region.size ** 2);
  composeInto(out, rgba, region, input);
  return out;
}

/** The same into an array that is there already, of any memory. */
export function composeInto(
  out: Float32Array,
  rgba: Rgba,
  region: Region,
  input: Pick<ImageInput, 'mean' | 'std'>,
): void {
  const { width, size, across, down } = region;
  const scale = normalisation(input);
  if (isPicked(across) && isPicked(down)) {
    pickInto(out, rgba, region, scale);
    return;
  }
  if (isHalved(across) && isHalved(down)) {
    halveInto(out, rgba, region, scale);
    return;
  }
  const white = width * 4; // a pixel behind each line's own, for what is read as white
  const columns = across.sources.map((column) => (column === WHITE ? white : column * 4));
  const line = new Float32Array(white + 4); // one output row, R, G, B, A, not yet resampled across
  const paint = across.count === 2 ? paintPairs : paintSums;
  for (let row = 0; row < size; row++) {
    line.fill(255);
    sumRows(rgba, down, row, line, white);
    paint(line, { columns, weights: across.weights, count: across.count }, out, row, size, scale);
  }
}

const isRead = (source: number): boolean => source !== WHITE;

/** Where what is not white begins and ends; both 0 where all is. */
const readSpan = ({ sources }: Taps): readonly [first: number, end: number] => [
  Math.max(0, sources.findIndex(isRead)),
  sources.findLastIndex(isRead) + 1,
];

/** One source pixel for each, as it is, white at the ends only: the picture has the model's own scale. */
const isPicked = (taps: Taps): boolean =>
  taps.count === 1 &&
  taps.weights.every((weight) => weight === 1) &&
  taps.sources.subarray(...readSpan(taps)).every(isRead);

/** R, G, B by what a channel of so many source pixels sums up to: of their mean, normalised. */
function tablesOf({ gain, shift }: Normalisation, pixels: number): readonly [Float32Array, Float32Array, Float32Array] {
  const table = (channel: number): Float32Array => {
    const [times = 0, plus = 0] = [gain[channel], shift[channel]];
    return Float32Array.from({ length: pixels * 255 + 1 }, (_, sum) => (sum / pixels) * times + plus);
  };
  return [table(0), table(1), table(2)];
}

/** Channels have only 256 values, and a pixel is read as one number: half of the time that sums take, or less. */
function pickInto(out: Float32Array, rgba: Rgba, { width, size, across, down }: Region, scale: Normalisation): void {
  const [red, green, blue] = tablesOf(scale, 1);
  const plane = size * size;
  const { sources } = across;
  const [first, end] = readSpan(across);
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4); // R is the lowest byte: all machines of today
  for (let row = 0; row < size; row++) {
    const source = down.sources[row] ?? WHITE;
    const [from, to] = source === WHITE ? [size, size] : [first, end];
    const start = row * size;
    for (const [channel, values] of [red, green, blue].entries()) {
      const white = values[255] ?? 0;
      const at = channel * plane + start;
      out.fill(white, at, at + from).fill(white, at + to, at + size);
    }
    for (let u = from, o = start + from; u < to; u++, o++) {
      const pixel = pixels[source * width + (sources[u] ?? 0)] ?? 0;
      out[o] = red[pixel & 255] ?? 0;
      out[plane + o] = green[(pixel >>> 8) & 255] ?? 0;
      out[2 * plane + o] = blue[(pixel >>> 16) & 255] ?? 0;
    }
  }
}

/** The mean of two source pixels for each: the picture has half the model's scale, and the same grid. */
const isHalved = ({ count, weights }: Taps): boolean => count === 2 && weights.every((weight) => weight === 0.5);

/** Channels of four pixels have only 1,021 sums, and two channels are added up as one number: a third of the time of any sums. */
function halveInto(out: Float32Array, rgba: Rgba, { width, size, across, down }: Region, scale: Normalisation): void {
  const [red, green, blue] = tablesOf(scale, 4);
  const plane = size * size;
  const pixels = new Int32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4); // R is the lowest byte: all machines of today
  const columns = across.sources.map((column) => (column === WHITE ? width : column));
  const redBlue = new Int32Array(width + 1); // of two rows, and two white pixels behind them
  const greens = new Int32Array(width + 1);
  redBlue[width] = 2 * RED_BLUE;
  greens[width] = 2 * 255;
  for (let row = 0; row < size; row++) {
    const [upper = WHITE, lower = WHITE] = [down.sources[2 * row], down.sources[2 * row + 1]];
    const [a, b] = [upper * width, lower * width];
    for (let x = 0; x < width; x++) {
      const p = upper === WHITE ? -1 : (pixels[a + x] ?? 0);
      const q = lower === WHITE ? -1 : (pixels[b + x] ?? 0);
      redBlue[x] = (p & RED_BLUE) + (q & RED_BLUE);
      greens[x] = ((p >>> 8) & 255) + ((q >>> 8) & 255);
    }
    for (let u = 0, o = row * size; u < size; u++, o++) {
      const [i, j] = [columns[2 * u] ?? 0, columns[2 * u + 1] ?? 0];
      const both = (redBlue[i] ?? 0) + (redBlue[j] ?? 0);
      out[o] = red[both & 0xffff] ?? 0;
      out[plane + o] = green[(greens[i] ?? 0) + (greens[j] ?? 0)] ?? 0;
      out[2 * plane + o] = blue[both >>> 16] ?? 0;
    }
  }
}

const RED_BLUE = 0xff00ff;

/** value × gain + shift, R, G, B. */
interface Normalisation {
  readonly gain: Float32Array;
  readonly shift: Float32Array;
}

const normalisation = ({ mean, std }: Pick<ImageInput, 'mean' | 'std'>): Normalisation => ({
  gain: Float32Array.from(std, (deviation) => 1 / (255 * deviation)),
  shift: Float32Array.from(mean, (average, channel) => -average / (std[channel] ?? 1)),
});

/** The weighted sum of the source rows of output row `row` into the first `length` values of `line`. */
function sumRows(rgba: Rgba, { count, sources, weights }: Taps, row: number, line: Float32Array, length: number): void {
  let isFirst = true;
  for (let k = row * count; k < (row + 1) * count; k++) {
    const weight = weights[k] ?? 0;
    if (weight === 0) continue;
    const source = sources[k] ?? WHITE;
    if (source === WHITE) {
      const white = weight * 255;
      for (let i = 0; i < length; i++) line[i] = isFirst ? white : (line[i] ?? 0) + white;
    } else if (isFirst) {
      for (let i = 0, at = source * length; i < length; i++, at++) line[i] = weight * (rgba[at] ?? 0);
    } else {
      for (let i = 0, at = source * length; i < length; i++, at++) line[i] = (line[i] ?? 0) + weight * (rgba[at] ?? 0);
    }
    isFirst = false;
  }
}

/** Taps along a line: places in it (of R; G and B follow) instead of columns. */
interface LineTaps {
  readonly count: number;
  readonly columns: Int32Array; //   [size × count]
  readonly weights: Float32Array; // [size × count]
}

/** Resamples a line across and normalises it into the three planes of `out`. */
type Paint = (
  line: Float32Array,
  taps: LineTaps,
  out: Float32Array,
  row: number,
  size: number,
  scale: Normalisation,
) => void;

/** Two: enlarged, or half the model's scale beside its grid. */
const paintPairs: Paint = (line, { columns, weights }, out, row, size, { gain, shift }) => {
  const [gainR = 0, gainG = 0, gainB = 0] = gain;
  const [shiftR = 0, shiftG = 0, shiftB = 0] = shift;
  const [red, green, blue] = [row * size, size * size + row * size, 2 * size * size + row * size];
  for (let u = 0; u < size; u++) {
    const [i, j] = [columns[2 * u] ?? 0, columns[2 * u + 1] ?? 0];
    const [v, w] = [weights[2 * u] ?? 0, weights[2 * u + 1] ?? 0];
    out[red + u] = (v * (line[i] ?? 0) + w * (line[j] ?? 0)) * gainR + shiftR;
    out[green + u] = (v * (line[i + 1] ?? 0) + w * (line[j + 1] ?? 0)) * gainG + shiftG;
    out[blue + u] = (v * (line[i + 2] ?? 0) + w * (line[j + 2] ?? 0)) * gainB + shiftB;
  }
};

const paintSums: Paint = (line, { count, columns, weights }, out, row, size, { gain, shift }) => {
  const [gainR = 0, gainG = 0, gainB = 0] = gain;
  const [shiftR = 0, shiftG = 0, shiftB = 0] = shift;
  const [red, green, blue] = [row * size, size * size + row * size, 2 * size * size + row * size];
  for (let u = 0, k = 0; u < size; u++) {
    let [r, g, b] = [0, 0, 0];
    for (const end = k + count; k < end; k++) {
      const [at, weight] = [columns[k] ?? 0, weights[k] ?? 0];
      r += weight * (line[at] ?? 0);
      g += weight * (line[at + 1] ?? 0);
      b += weight * (line[at + 2] ?? 0);
    }
    out[red + u] = r * gainR + shiftR;
    out[green + u] = g * gainG + shiftG;
    out[blue + u] = b * gainB + shiftB;
  }
};

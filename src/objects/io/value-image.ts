// Values by place → an image: one pixel a cell, none resampled.
import { EosinError } from '#errors/failure.ts';
import type { ValueGrid } from '../grid.ts';

/** Channels over one grid of cells; NaN where nothing is known. */
export interface ValueImage {
  readonly name: string;
  readonly channels: readonly { readonly name: string; readonly color: string | undefined }[];
  readonly width: number;
  readonly height: number;
  readonly x: number; //       level-0 px of the top left corner
  readonly y: number;
  readonly pxX: number; //     level-0 px that a pixel is wide
  readonly pxY: number;
  readonly values: readonly Float32Array<ArrayBuffer>[]; // by channel, [height × width]
}

const MOST_PIXELS = 256e6;
const OFF = 0.02; // of a cell, by which one may lie beside the grid

/** @throws EosinError BadInput where its patches lie on no common grid */
export function imageOfGrid({ name, channels, patches }: ValueGrid): ValueImage {
  const [first] = patches;
  if (!first) throw noGrid(name, 'it holds nothing');
  const { cellWidth: pxX, cellHeight: pxY } = first;
  const box = boxOf(patches.flatMap(({ x, y, cols, rows }) => [x, y, x + cols * pxX, y + rows * pxY]));
  const image = blank(name, channels, box, pxX, pxY);
  for (const patch of patches) {
    const [col, row] = [(patch.x - box.x) / pxX, (patch.y - box.y) / pxY];
    const [c0, r0] = [Math.round(col), Math.round(row)];
    const isOn =
      Math.abs(col - c0) < OFF && Math.abs(row - r0) < OFF && patch.cellWidth === pxX && patch.cellHeight === pxY;
    if (!isOn) throw noGrid(name, 'its patches lie on no common grid: they come from runs with different settings');
    for (const [channel, values] of image.values.entries()) {
      for (let r = 0; r < patch.rows; r++) {
        const from = (channel * patch.rows + r) * patch.cols;
        for (let c = 0; c < patch.cols; c++) {
          const value = patch.values[from + c] ?? Number.NaN;
          if (!Number.isNaN(value)) values[(r0 + r) * image.width + c0 + c] = value;
        }
      }
    }
  }
  return image;
}

/** One value a box, all boxes on a grid; those that overlap are as far apart as the grid is fine. @throws as imageOfGrid */
export function imageOfBoxes(name: string, boxes: Float32Array, values: Float32Array): ValueImage {
  const n = values.length;
  const middles = (axis: 0 | 1): number[] =>
    Array.from({ length: n }, (_, k) => (boxes[4 * k + axis] ?? 0) + (boxes[4 * k + 2 + axis] ?? 0) / 2);
  const [xs, ys] = [middles(0), middles(1)];
  if (n === 0) throw noGrid(name, 'it holds nothing');
  const [pxX, pxY] = [stepOf(xs) ?? boxes[2] ?? 1, stepOf(ys) ?? boxes[3] ?? 1];
  const box = boxOf(xs.flatMap((x, k) => [x - pxX / 2, (ys[k] ?? 0) - pxY / 2, x + pxX / 2, (ys[k] ?? 0) + pxY / 2]));
  const image = blank(name, [{ name, color: undefined }], box, pxX, pxY);
  const [all] = image.values;
  for (let k = 0; k < n; k++) {
    const [col, row] = [((xs[k] ?? 0) - box.x) / pxX - 0.5, ((ys[k] ?? 0) - box.y) / pxY - 0.5];
    const [c, r] = [Math.round(col), Math.round(row)];
    if (Math.abs(col - c) > 0.1 || Math.abs(row - r) > 0.1) throw noGrid(name, 'its patches lie on no common grid');
    if (all) all[r * image.width + c] = values[k] ?? Number.NaN;
  }
  return image;
}

/** The least distance between two that differ; undefined where none do. Boxes are single precision, so nearly equal is equal. */
function stepOf(values: readonly number[]): number | undefined {
  const sorted = Float64Array.from(values).sort();
  let least = Number.POSITIVE_INFINITY;
  for (let k = 1; k < sorted.length; k++) {
    const apart = (sorted[k] ?? 0) - (sorted[k - 1] ?? 0);
    if (apart > 0.5 && apart < least) least = apart;
  }
  return Number.isFinite(least) ? least : undefined;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of corners: x, y, right, bottom, and so on. */
function boxOf(corners: readonly number[]): Box {
  let [x, y, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < corners.length; k += 4) {
    x = Math.min(x, corners[k] ?? x);
    y = Math.min(y, corners[k + 1] ?? y);
    right = Math.max(right, corners[k + 2] ?? right);
    bottom = Math.max(bottom, corners[k + 3] ?? bottom);
  }
  return { x, y, right, bottom };
}

function blank(
  name: string,
  channels: ValueImage['channels'],
  { x, y, right, bottom }: Box,
  pxX: number,
  pxY: number,
): ValueImage {
  const [width, height] = [Math.round((right - x) / pxX), Math.round((bottom - y) / pxY)];
  if (!(width * height * channels.length <= MOST_PIXELS)) throw noGrid(name, `it would be ${width} × ${height} pixels`);
  const values = channels.map(() => new Float32Array(width * height).fill(Number.NaN));
  return {
    name,
    channels: channels.map((of) => ({ name: of.name, color: of.color })),
    width,
    height,
    x,
    y,
    pxX,
    pxY,
    values,
  };
}

const noGrid = (name: string, seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: name, seen, todo: 'Run the region anew with one model.' });

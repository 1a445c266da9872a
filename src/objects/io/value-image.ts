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
  /** [rows × width] of a channel from a row on: made when asked for, so that no map is held whole. */
  strip(channel: number, top: number, rows: number): Float32Array<ArrayBuffer>;
}

const MOST_PIXELS = 256e6;
const OFF = 0.02; // of a cell, by which one may lie beside the grid

/** @throws EosinError BadInput where its patches lie on no common grid */
export function imageOfGrid({ name, channels, patches }: ValueGrid): ValueImage {
  const [first] = patches;
  if (!first) throw noGrid(name, 'it holds nothing');
  const { cellWidth: pxX, cellHeight: pxY } = first;
  const box = boxOf(patches.flatMap(({ x, y, cols, rows }) => [x, y, x + cols * pxX, y + rows * pxY]));
  const image = placed(name, channels, box, pxX, pxY);
  const at = patches.map((patch) => {
    const [col, row] = [(patch.x - box.x) / pxX, (patch.y - box.y) / pxY];
    const [c0, r0] = [Math.round(col), Math.round(row)];
    const isOn =
      Math.abs(col - c0) < OFF && Math.abs(row - r0) < OFF && patch.cellWidth === pxX && patch.cellHeight === pxY;
    if (!isOn) throw noGrid(name, 'its patches lie on no common grid: they come from runs with different settings');
    return { patch, c0, r0 };
  });
  const strip = (channel: number, top: number, rows: number): Float32Array<ArrayBuffer> => {
    const values = new Float32Array(rows * image.width).fill(Number.NaN);
    for (const { patch, c0, r0 } of at) {
      const end = Math.min(patch.rows, top + rows - r0);
      for (let r = Math.max(0, top - r0); r < end; r++) {
        const from = (channel * patch.rows + r) * patch.cols;
        for (let c = 0; c < patch.cols; c++) {
          const value = patch.values[from + c] ?? Number.NaN;
          if (!Number.isNaN(value)) values[(r0 + r - top) * image.width + c0 + c] = value;
        }
      }
    }
    return values;
  };
  return { ...image, strip };
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
  const image = placed(name, [{ name, color: undefined }], box, pxX, pxY);
  const all = new Float32Array(image.width * image.height).fill(Number.NaN);
  for (let k = 0; k < n; k++) {
    const [col, row] = [((xs[k] ?? 0) - box.x) / pxX - 0.5, ((ys[k] ?? 0) - box.y) / pxY - 0.5];
    const [c, r] = [Math.round(col), Math.round(row)];
    if (Math.abs(col - c) > 0.1 || Math.abs(row - r) > 0.1) throw noGrid(name, 'its patches lie on no common grid');
    all[r * image.width + c] = values[k] ?? Number.NaN;
  }
  return { ...image, strip: (_channel, top, rows) => all.slice(top * image.width, (top + rows) * image.width) };
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

function placed(
  name: string,
  channels: ValueImage['channels'],
  { x, y, right, bottom }: Box,
  pxX: number,
  pxY: number,
): Omit<ValueImage, 'strip'> {
  const [width, height] = [Math.round((right - x) / pxX), Math.round((bottom - y) / pxY)];
  if (!(width * height * channels.length <= MOST_PIXELS)) {
    const [across, down] = [width, height].map((n) => n.toLocaleString('en-US'));
    throw noGrid(name, `it would be ${across} × ${down} pixels`, 'Analyse a smaller region, and save that.');
  }
  return {
    name,
    channels: channels.map((of) => ({ name: of.name, color: of.color })),
    width,
    height,
    x,
    y,
    pxX,
    pxY,
  };
}

const noGrid = (name: string, seen: string, todo = 'Run the region anew with one model.'): EosinError =>
  new EosinError({ tag: 'BadInput', what: name, seen, todo });

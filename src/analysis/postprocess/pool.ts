// What a network says of single objects: its features, averaged over each object's mask.
import { type ObjectColumns, ringsOf } from '#objects/columns.ts';
import type { PatchFrame } from './frame.ts';

/** Objects of one patch. The features are taken over. */
export interface PoolTask {
  readonly frame: PatchFrame;
  readonly features: Float32Array; //   [channels × side × side]
  readonly channels: number;
  readonly side: number;
  readonly stride: number; //           model px a cell
  readonly objects: ObjectColumns; //   copied when it crosses a thread
}

/** How many model px of one object lie in each cell around it. */
interface Weights {
  readonly col: number; //  of the first cell
  readonly row: number;
  readonly cols: number;
  readonly rows: number;
  readonly px: Float64Array; // [rows × cols]
  readonly total: number;
}

/**
 * The mean over the model px whose centre lies inside an object's outline (even-odd), each px having the features of its
 * cell; of an object that holds no such px, the px of its centroid. What of an object lies outside the window does not count.
 * @returns [objects × channels], the caller's own
 */
export function poolObjects({ frame, features, channels, side, stride, objects }: PoolTask): Float32Array<ArrayBuffer> {
  const means = new Float32Array(objects.count * channels);
  const plane = side * side;
  for (let i = 0; i < objects.count; i++) {
    const { col, row, cols, rows, px, total } = weightsOf(objects, i, frame, side, stride);
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let r = 0, at = 0; r < rows; r++) {
        const from = channel * plane + (row + r) * side + col;
        for (let c = 0; c < cols; c++, at++) sum += (px[at] ?? 0) * (features[from + c] ?? 0);
      }
      means[i * channels + channel] = sum / total;
    }
  }
  return means;
}

function weightsOf(objects: ObjectColumns, i: number, frame: PatchFrame, side: number, stride: number): Weights {
  const rings = ringsInModelPx(objects, i, frame);
  const [outer = new Float64Array()] = rings;
  const [x, y] = [
    ((objects.centroid[2 * i] ?? 0) - frame.x) / frame.pxX,
    ((objects.centroid[2 * i + 1] ?? 0) - frame.y) / frame.pxY,
  ];
  let [x0, y0, x1, y1] = [x, y, x, y];
  for (let k = 0; k < outer.length; k += 2) {
    const [vx = 0, vy = 0] = [outer[k], outer[k + 1]];
    if (vx < x0) x0 = vx;
    if (vx > x1) x1 = vx;
    if (vy < y0) y0 = vy;
    if (vy > y1) y1 = vy;
  }
  const inside = (at: number): number => Math.max(0, Math.min(frame.size - 1, Math.floor(at)));
  const [left, top, right, bottom] = [inside(x0), inside(y0), inside(x1), inside(y1)];
  const [col, row] = [Math.floor(left / stride), Math.floor(top / stride)];
  const [cols, rows] = [Math.floor(right / stride) - col + 1, Math.floor(bottom / stride) - row + 1];
  const px = new Float64Array(cols * rows);
  let total = 0;
  const crossings: number[] = [];
  for (let line = top; line <= bottom; line++) {
    crossingsAt(rings, line + 0.5, crossings);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil((crossings[k] ?? 0) - 0.5));
      const to = Math.min(frame.size, Math.ceil((crossings[k + 1] ?? 0) - 0.5));
      for (let at = from; at < to; ) {
        const cell = Math.floor(at / stride);
        const end = Math.min(to, (cell + 1) * stride);
        const index = (Math.floor(line / stride) - row) * cols + cell - col;
        px[index] = (px[index] ?? 0) + end - at;
        total += end - at;
        at = end;
      }
    }
  }
  if (total > 0) return { col, row, cols, rows, px, total };
  const [cx, cy] = [Math.floor(inside(x) / stride), Math.floor(inside(y) / stride)];
  return {
    col: Math.min(cx, side - 1),
    row: Math.min(cy, side - 1),
    cols: 1,
    rows: 1,
    px: Float64Array.of(1),
    total: 1,
  };
}

/** Outer ring and holes; x, y pairs, model px from the window's corner. */
const ringsInModelPx = (objects: ObjectColumns, i: number, { x, y, pxX, pxY }: PatchFrame): Float64Array[] =>
  ringsOf(objects, i).map((ring) => ring.map((at, k) => (k % 2 === 0 ? (at - x) / pxX : (at - y) / pxY)));

/** The x at which rings cross a line of that y, ascending. */
function crossingsAt(rings: readonly Float64Array[], y: number, into: number[]): void {
  into.length = 0;
  for (const ring of rings) {
    for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
      const [ay, by] = [ring[before + 1] ?? 0, ring[k + 1] ?? 0];
      if (ay > y === by > y) continue;
      const [ax, bx] = [ring[before] ?? 0, ring[k] ?? 0];
      into.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  }
  into.sort((a, b) => a - b);
}

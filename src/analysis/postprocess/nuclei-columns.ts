// Instances of one patch → rows: class, probability, area, outline; only those whose centroid the patch owns.
import type { ModelClass } from '#inference/manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { contains, type Rect } from '#units/rect.ts';
import { createTracer } from './contour.ts';
import type { PatchFrame } from './frame.ts';
import type { Instances } from './nuclei.ts';

const TOLERANCE_PX = 0.35; // of outlines, pixels of the finer grid: a slope stays, its pixels too
const TYPES = 4;

/** The network's map of nucleus classes: values of the first three in 8 bits each, the fourth is the rest. */
export interface TypeMap {
  readonly packed: Int32Array<ArrayBuffer>; // [height × width]
  readonly width: number;
  readonly stride: number; //                  model px a pixel
}

/**
 * @param owned level-0 px; nuclei whose centroid lies elsewhere belong to a neighbour
 * @param minAreaUm2 smaller ones are dropped
 */
export function nucleiColumns(
  found: Instances,
  types: TypeMap | undefined,
  frame: PatchFrame,
  owned: Rect,
  classes: readonly ModelClass[],
  minAreaUm2: number,
): ObjectColumns {
  const { labels, foreground, width, height, count } = found;
  const pixel = frame.size / width; //                   model px a pixel of the picture
  const leastArea = minAreaUm2 / (pixel * frame.mpp) ** 2;
  const perType = types ? types.stride / pixel : 1; //   pixels of the picture a pixel of the type map
  const area = new Int32Array(count + 1);
  const first = new Int32Array(count + 1);
  const sumX = new Float64Array(count + 1); //           of pixel indices
  const sumY = new Float64Array(count + 1);
  const sumForeground = new Float64Array(count + 1);
  const votes = new Float64Array(TYPES * (count + 1));
  for (let y = 0, i = 0; y < height; y++) {
    const typeRow = types ? Math.floor(y / perType) * types.width : 0;
    for (let x = 0; x < width; x++, i++) {
      const n = labels[i] ?? 0;
      if (n === 0) continue;
      if (area[n] === 0) first[n] = i;
      area[n] = (area[n] ?? 0) + 1;
      sumX[n] = (sumX[n] ?? 0) + x;
      sumY[n] = (sumY[n] ?? 0) + y;
      sumForeground[n] = (sumForeground[n] ?? 0) + (foreground[i] ?? 0);
      if (!types) continue;
      const value = types.packed[typeRow + Math.floor(x / perType)] ?? 0;
      const [a, b, c] = [value & 255, (value >> 8) & 255, (value >> 16) & 255];
      votes[4 * n] = (votes[4 * n] ?? 0) + a;
      votes[4 * n + 1] = (votes[4 * n + 1] ?? 0) + b;
      votes[4 * n + 2] = (votes[4 * n + 2] ?? 0) + c;
      votes[4 * n + 3] = (votes[4 * n + 3] ?? 0) + Math.max(0, 255 - a - b - c);
    }
  }
  const [scaleX, scaleY] = [pixel * frame.pxX, pixel * frame.pxY]; // level-0 px a pixel of the picture
  const trace = createTracer();
  const builder = new ColumnsBuilder('nuclei', classes, 1024);
  for (let n = 1; n <= count; n++) {
    const pixels = area[n] ?? 0;
    if (pixels === 0 || pixels < leastArea) continue;
    const x = frame.x + ((sumX[n] ?? 0) / pixels + 0.5) * scaleX;
    const y = frame.y + ((sumY[n] ?? 0) / pixels + 0.5) * scaleY;
    if (!contains(owned, x, y)) continue;
    const ring = trace(labels, width, height, n, first[n] ?? 0, TOLERANCE_PX);
    for (let k = 0; k < ring.length; k += 2) {
      ring[k] = frame.x + (ring[k] ?? 0) * scaleX;
      ring[k + 1] = frame.y + (ring[k + 1] ?? 0) * scaleY;
    }
    const classIndex = Math.min(classes.length - 1, argmax(votes.subarray(TYPES * n, TYPES * (n + 1))));
    const probability = (sumForeground[n] ?? 0) / pixels / (255 * 16);
    builder.add({ classIndex, probability, x, y, areaPx: pixels * scaleX * scaleY, ring });
  }
  return builder.copy();
}

function argmax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

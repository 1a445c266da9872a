// Instances of one patch → rows: class, probability, area, outline; only those whose centroid the patch owns.
import type { ModelClass, NucleiPostprocess } from '#inference/manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { contains, type Rect } from '#units/rect.ts';
import { createTracer } from './contour.ts';
import type { PatchFrame } from './frame.ts';
import { FINE, type Instances, LEVEL_BITS } from './nuclei.ts';

const TOLERANCE_PX = 0.35; // of outlines, pixels of the finer grid: a slope stays, its pixels too
const TYPES = 4;

/** The network's map of nucleus classes: values of the first three in 8 bits each, the fourth is the rest. */
export interface TypeMap {
  readonly packed: Int32Array; // [height × width]
  readonly width: number;
  readonly stride: number; //     model px a pixel
}

/** Sums over the pixels of each object, by number. */
interface Sums {
  readonly area: Int32Array;
  readonly first: Int32Array; //      index of the topmost, then leftmost pixel
  readonly x: Float64Array; //        of pixel indices
  readonly y: Float64Array;
  readonly foreground: Float64Array;
  readonly votes: Float64Array; //    [count + 1][TYPES]
}

/**
 * @param owned level-0 px; nuclei whose centroid lies elsewhere belong to a neighbour
 * @param least smaller ones, and those whose mean probability is lower, are dropped
 */
export function nucleiColumns(
  found: Instances,
  types: TypeMap | undefined,
  frame: PatchFrame,
  owned: Rect,
  classes: readonly ModelClass[],
  least: Pick<NucleiPostprocess, 'minAreaUm2' | 'minProbability'>,
): ObjectColumns {
  const { labels, width, stride, first: origin, count } = found;
  const pixel = frame.size / width; //                   model px a pixel of the picture
  const leastArea = least.minAreaUm2 / (pixel * frame.mpp) ** 2;
  const sums = sumsOf(found, types, types ? types.stride / pixel : 1);
  const [scaleX, scaleY] = [pixel * frame.pxX, pixel * frame.pxY]; // level-0 px a pixel of the picture
  const trace = createTracer();
  const builder = new ColumnsBuilder('nuclei', classes, 1024);
  for (let n = 1; n <= count; n++) {
    const pixels = sums.area[n] ?? 0;
    if (pixels === 0 || pixels < leastArea) continue;
    if ((sums.foreground[n] ?? 0) < least.minProbability * FINE * pixels) continue;
    const x = frame.x + ((sums.x[n] ?? 0) / pixels + 0.5) * scaleX;
    const y = frame.y + ((sums.y[n] ?? 0) / pixels + 0.5) * scaleY;
    if (!contains(owned, x, y)) continue;
    const ring = trace(labels, stride, n, sums.first[n] ?? 0, origin, TOLERANCE_PX);
    for (let k = 0; k < ring.length; k += 2) {
      ring[k] = frame.x + (ring[k] ?? 0) * scaleX;
      ring[k + 1] = frame.y + (ring[k + 1] ?? 0) * scaleY;
    }
    const classIndex = Math.min(classes.length - 1, mostVotes(sums.votes, n));
    const probability = (sums.foreground[n] ?? 0) / pixels / (255 * FINE);
    builder.add({ classIndex, probability, x, y, areaPx: pixels * scaleX * scaleY, ring });
  }
  return builder.copy();
}

/** `perType`: pixels of the picture a side of a pixel of the type map. Whole numbers throughout, so in any order. */
function sumsOf(found: Instances, types: TypeMap | undefined, perType: number): Sums {
  const { segments, values, stride, first: origin, count } = found;
  const [from, to, label] = [segments.from.at, segments.to.at, segments.label.at];
  const area = new Int32Array(count + 1);
  const first = new Int32Array(count + 1);
  const [sumX, sumY] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  const foreground = new Float64Array(count + 1);
  const votes = new Float64Array(TYPES * (count + 1));
  for (let s = 0; s < segments.from.length; s++) {
    const n = label[s] ?? 0;
    const [start, end] = [from[s] ?? 0, to[s] ?? 0];
    const y = Math.floor((start - origin) / stride);
    const x = start - origin - y * stride;
    const pixels = end - start;
    if (area[n] === 0) first[n] = start;
    area[n] = (area[n] ?? 0) + pixels;
    sumX[n] = (sumX[n] ?? 0) + (pixels * (2 * x + pixels - 1)) / 2;
    sumY[n] = (sumY[n] ?? 0) + pixels * y;
    let sum = 0;
    for (let i = start; i < end; i++) sum += (values[i] ?? 0) >>> LEVEL_BITS;
    foreground[n] = (foreground[n] ?? 0) + sum;
    if (types) vote(votes, TYPES * n, types, Math.floor(y / perType) * types.width, x, x + pixels, perType);
  }
  return { area, first, x: sumX, y: sumY, foreground, votes };
}

/** Adds the classes under the pixels [x, end) of one row. */
function vote(
  votes: Float64Array,
  at: number,
  { packed }: TypeMap,
  typeRow: number,
  x: number,
  end: number,
  perType: number,
): void {
  for (let k = x; k < end; ) {
    const cell = Math.floor(k / perType);
    const next = Math.min(end, Math.max(k + 1, Math.ceil((cell + 1) * perType)));
    const value = packed[typeRow + cell] ?? 0;
    const [a, b, c] = [value & 255, (value >> 8) & 255, (value >> 16) & 255];
    const pixels = next - k;
    votes[at] = (votes[at] ?? 0) + pixels * a;
    votes[at + 1] = (votes[at + 1] ?? 0) + pixels * b;
    votes[at + 2] = (votes[at + 2] ?? 0) + pixels * c;
    votes[at + 3] = (votes[at + 3] ?? 0) + pixels * Math.max(0, 255 - a - b - c);
    k = next;
  }
}

function mostVotes(votes: Float64Array, n: number): number {
  let best = 0;
  for (let k = 1; k < TYPES; k++) if ((votes[TYPES * n + k] ?? 0) > (votes[TYPES * n + best] ?? 0)) best = k;
  return best;
}

// Measuring on one thread: the worker's, or a test's own.
import type { Waits } from '#channel/waits.ts';
import { distancesToClasses } from '#objects/measures/distances.ts';
import { countsIn, glandsAround } from '#objects/measures/membership.ts';
import { ascendingRows } from '#objects/measures/order.ts';
import { paced } from '#objects/measures/pausing.ts';
import { shapesOf } from '#objects/measures/shape.ts';
import { stainsOfPixels, sumsOfStains } from '#objects/measures/stains.ts';
import { pixelsOf, release } from '#slide/raster.ts';
import type { Raster } from '#slide/slide.ts';
import type { MeasureCalls } from './measure-calls.ts';

export type MeasureWork = {
  [K in keyof MeasureCalls]: (input: MeasureCalls[K]['in'], waits: Waits) => Promise<MeasureCalls[K]['out']>;
};

/** Long calls pause now and then, so that a cancel can overtake them. */
export const measureWork: MeasureWork = {
  shapes: async ({ outlines, scale }) => shapesOf(outlines, scale),
  distances: ({ placed, scale }, waits) => paced(distancesToClasses(placed, scale), waits),
  glandsAround: ({ points, glands }, waits) => paced(glandsAround(points, glands), waits),
  countsIn: ({ points, areas }, waits) => paced(countsIn(points, areas), waits),
  order: async ({ values }) => ascendingRows(values),
  stains: async ({ image, place, objects, vectors }) => {
    try {
      return sumsOfStains(objects, { ...pixelsOf(image), ...place }, vectors);
    } finally {
      release(image);
    }
  },
  estimate: async ({ images, step }) => {
    try {
      return stainsOfPixels(images.map((image) => everyNth(image, step)));
    } finally {
      for (const image of images) release(image);
    }
  },
};

function everyNth(image: Raster, step: number): Uint8ClampedArray {
  const { rgba, width, height } = pixelsOf(image);
  const [cols, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const out = new Uint8ClampedArray(4 * cols * rows);
  let to = 0;
  for (let row = 0; row < height; row += step) {
    for (let col = 0; col < width; col += step) {
      const at = 4 * (row * width + col);
      for (let c = 0; c < 4; c++) out[to++] = rgba[at + c] ?? 255;
    }
  }
  return out;
}

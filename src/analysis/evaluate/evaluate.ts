// One image with its labels through the workbench's own path: plan, run, post-processing, polygons.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel, Views } from '#inference/model.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import { inReadingOrder } from '#objects/order.ts';
import { cutPixels } from '#slide/raster.ts';
import { type Level, type Pixels, type Slide, untold } from '#slide/slide.ts';
import type { MppXY } from '#units/units.ts';
import { LEFT_EARLY } from '../events.ts';
import { openMemoryJournal } from '../journal.ts';
import type { Postprocessor } from '../postprocess/postprocessor.ts';
import { analyse } from '../run.ts';
import { type Detection, type Score, score } from './metrics.ts';
import { rasterise } from './rasterise.ts';

export type Task = 'nuclei' | 'glands' | 'lumina';

const TILE = 512;

/** How each task counts as found: what its own benchmarks do. */
export const detectionOf = (task: Task): Detection => (task === 'nuclei' ? 'iou' : 'glas');

/** A picture in memory as a slide of one level. */
export function pictureSlide(name: string, pixels: Pixels, mpp: MppXY): Slide {
  const { width, height } = pixels;
  const level: Level = { widthPx: width, heightPx: height, tileWidth: TILE, tileHeight: TILE, downsample: 1 };
  return {
    ...untold,
    name,
    format: 'Picture',
    levels: [level],
    mpp,
    fingerprint: async () => name,
    readTile: async ({ col, row }, { signal }) => {
      signal.throwIfAborted();
      const [x, y] = [col * TILE, row * TILE];
      return cutPixels(pixels, { x, y, width: Math.min(TILE, width - x), height: Math.min(TILE, height - y) });
    },
    [Symbol.dispose]: () => undefined,
  };
}

export interface EvaluateAsked {
  readonly name: string;
  readonly pixels: Pixels;
  readonly mpp: MppXY;
  readonly task: Task;
  readonly truth: Int32Array; //             [height × width] 0 is background
  readonly model: LoadedModel; //            lent
  readonly views?: Views; //                 of each patch; 1 by default
  readonly postprocess: Postprocessor; //    lent
}

/** @throws EosinError BadInput where the labels have another size; the failure of a patch */
export async function evaluateImage(asked: EvaluateAsked, waits: Waits): Promise<Score> {
  const { name, pixels, truth } = asked;
  if (truth.length !== pixels.width * pixels.height) {
    const seen = `${truth.length} pixels of labels for ${pixels.width} × ${pixels.height} of image`;
    throw new EosinError({ tag: 'BadInput', what: name, seen, todo: 'Give labels of the same size as the image.' });
  }
  const found = await objectsOf(asked, waits);
  const hausdorffWidth = asked.task === 'nuclei' ? undefined : pixels.width;
  return score(truth, rasterise(found, pixels.width, pixels.height), hausdorffWidth);
}

async function objectsOf(asked: EvaluateAsked, waits: Waits): Promise<ObjectColumns> {
  const { name, pixels, mpp, task, model, views, postprocess } = asked;
  using slide = pictureSlide(name, pixels, mpp);
  const region = { x: 0, y: 0, width: pixels.width, height: pixels.height };
  const viewCentre = { x: pixels.width / 2, y: pixels.height / 2 };
  const journal = openMemoryJournal();
  const run = analyse({ slide, mpp, region, model, views, postprocess, journal, viewCentre: () => viewCentre }, waits);
  const nuclei = new ColumnsBuilder('nuclei', []);
  let large: ObjectColumns | undefined;
  try {
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      const event = next.value;
      if (event.kind === 'failed') throw new EosinError(event.failure);
      if (event.kind === 'patch' && event.nuclei) nuclei.addRows(event.nuclei);
      if (event.kind === 'large') large = task === 'lumina' ? event.lumina : event.glands;
    }
    if (next.value.failure) throw new EosinError(next.value.failure);
  } finally {
    await run.return(LEFT_EARLY);
  }
  return task === 'nuclei' ? inReadingOrder(nuclei.view()) : (large ?? emptyColumns(task, []));
}

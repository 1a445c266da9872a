// Maps and objects as OME-TIFF, each pixel where it lies on the slide.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { rowsOf } from '#objects/builder.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import { TILE } from '#objects/io/tile-side.ts';
import { imageOfBoxes, imageOfGrid, type ValueImage } from '#objects/io/value-image.ts';
import type { ObjectStore } from '#objects/store.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { LazyAttention } from '../lazy-attention.ts';
import type { LazyCompare } from '../lazy-compare.ts';
import { attentionMap } from './heatmaps.ts';

const FINE_UM = 0.5; //   of a pixel of labels of nuclei: as fine as models see them
const COARSE_UM = 1; //   of large objects
const UNCALIBRATED = 2; // level-0 px a pixel, where µm are not known

/** One channel a class. @throws EosinError BadInput where there is no map, or no grid to it */
export function tissueFile(found: FoundObjects, frame: SlideFrame, files: Files, waits: Waits): Promise<Blob> {
  const grid = found.tissueGrid();
  if (!grid) throw noMap('tissue classes');
  return valueFile(imageOfGrid(grid), frame, files, waits);
}

/** @throws as tissueFile */
export function attentionFile(attention: LazyAttention, frame: SlideFrame, files: Files, waits: Waits): Promise<Blob> {
  const map = attentionMap(attention);
  if (!map) throw noMap('attention');
  return valueFile(imageOfBoxes(map.name, map.boxes, map.values), frame, files, waits);
}

/** Of what is compared on screen. @throws as tissueFile */
export async function differenceFile(
  compared: LazyCompare,
  attention: LazyAttention,
  frame: SlideFrame,
  files: Files,
  waits: Waits,
): Promise<Blob> {
  const grid = await compared.loaded()?.lastDifference();
  if (grid) return valueFile(imageOfGrid(grid), frame, files, waits);
  const of = attention.loaded()?.difference();
  if (of) return valueFile(imageOfBoxes(of.name, of.boxes, of.values), frame, files, waits);
  throw noMap('differences', 'Compare two maps and choose Difference first.');
}

function valueFile(image: ValueImage, { mpp }: SlideFrame, files: Files, waits: Waits): Promise<Blob> {
  const { name, channels, width, height } = image;
  const [sx, sy] = mpp ? [mpp.x, mpp.y] : [1, 1];
  const about = {
    ...{ name, channels, width, height, type: 'float' as const },
    umPerPx: mpp && { x: image.pxX * sx, y: image.pxY * sy },
    at: { x: image.x * sx, y: image.y * sy },
  };
  const strips = function* () {
    for (const channel of channels.keys())
      for (let row = 0; row < height; row += TILE)
        yield { channel, values: image.strip(channel, row, Math.min(TILE, height - row)) };
  };
  return files.writeImage(about, strips(), waits);
}

/**
 * A pixel says which object it is of: its row in the table of measures, counted from 1; 0 is none.
 * @throws EosinError BadInput where there are none
 */
export async function labelFile(store: ObjectStore, frame: SlideFrame, files: Files, waits: Waits): Promise<Blob> {
  const { columns, kind } = store;
  if (columns.count === 0) throw noMap(kind);
  const { mpp, widthPx, heightPx } = frame;
  const wanted = kind === 'nuclei' ? FINE_UM : COARSE_UM;
  const px = mpp ? Math.max(1, 2 ** Math.round(Math.log2(wanted / mpp.x))) : UNCALIBRATED;
  const [width, height] = [Math.ceil(widthPx / px), Math.ceil(heightPx / px)];
  const about = {
    ...{ name: `Labels of ${kind}`, channels: [{ name: kind, color: undefined }], width, height },
    type: columns.count < 65_536 ? ('uint16' as const) : ('uint32' as const),
    umPerPx: mpp && { x: px * mpp.x, y: px * mpp.y },
    at: { x: 0, y: 0 },
  };
  const strips = function* () {
    for (let strip = 0; strip * TILE < height; strip++) {
      const rows = store.query({ x: 0, y: strip * TILE * px, width: widthPx, height: TILE * px });
      yield { strip, objects: rowsOf(columns, rows), labels: rows.map((row) => row + 1) };
    }
  };
  return files.writeLabels(about, px, strips(), waits);
}

const noMap = (of: string, todo = 'Analyse a region first.'): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: `A map of ${of}`,
    seen: 'there is none on the slide',
    todo,
  });

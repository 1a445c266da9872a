// What the measuring worker is asked.
import type { ObjectColumns } from '#objects/columns.ts';
import type { Placed } from '#objects/measures/distances.ts';
import type { Outlines, Shapes } from '#objects/measures/shape.ts';
import type { PlacedPixels } from '#objects/measures/stain-sums.ts';
import type { StainVectors } from '#objects/measures/stains.ts';
import type { Raster } from '#slide/slide.ts';

/** What a level-0 px measures along x and y: µm, or 1 where the slide is uncalibrated. */
export interface Scale {
  readonly x: number;
  readonly y: number;
}

/** A stored tile, and where it lies. */
export interface StainTask {
  readonly image: Raster; //          taken over
  readonly place: Pick<PlacedPixels, 'x' | 'y' | 'pixelX' | 'pixelY'>;
  readonly objects: ObjectColumns; // copies of those whose box meets it
  readonly vectors: StainVectors;
}

export type MeasureCalls = {
  shapes: { in: { outlines: Outlines; scale: Scale }; out: Shapes };
  distances: { in: { placed: Placed; scale: Scale }; out: Float32Array<ArrayBuffer>[] };
  glandsAround: { in: { points: Float64Array<ArrayBuffer>; glands: ObjectColumns }; out: Int32Array<ArrayBuffer> };
  countsIn: { in: { points: Float64Array<ArrayBuffer>; areas: ObjectColumns }; out: Float32Array<ArrayBuffer> };
  /** Rows by ascending value, NaN last. The values are taken over. */
  order: { in: { values: Float32Array<ArrayBuffer> }; out: Uint32Array<ArrayBuffer> };
  stains: { in: StainTask; out: Float64Array<ArrayBuffer> };
  /** The pictures are taken over; every `step`-th pixel of every `step`-th row counts. */
  estimate: { in: { images: readonly Raster[]; step: number }; out: StainVectors };
};

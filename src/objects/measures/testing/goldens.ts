// What models/measures_goldens.py wrote: scikit-image's, SciPy's and NumPy's answers.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ColumnsBuilder } from '../../builder.ts';
import type { ObjectColumns } from '../../columns.ts';

const FOLDER = 'models/goldens/measures';

interface Goldens {
  readonly side: number;
  readonly shapes: readonly {
    readonly label: number;
    readonly area: number;
    readonly perimeter: number; //    Crofton's estimate
    readonly major_axis: number;
    readonly minor_axis: number;
    readonly eccentricity: number;
    readonly orientation: number; //  degrees from x towards y
    readonly solidity: number;
    readonly feret: number;
  }[];
  readonly distances: {
    readonly points: readonly number[];
    readonly classes: readonly number[];
    readonly scale: readonly [number, number];
    readonly to: readonly (readonly (number | null)[])[]; // by class
  };
  readonly stains: {
    readonly width: number;
    readonly height: number;
    readonly objects: readonly {
      readonly label: number;
      readonly mean: readonly [number, number];
      readonly sd: readonly [number, number];
    }[];
    readonly truth: readonly [readonly [number, number, number], readonly [number, number, number]];
    readonly macenko: readonly [readonly [number, number, number], readonly [number, number, number]];
  };
}

export const goldens = (): Goldens => JSON.parse(readFileSync(`${FOLDER}/goldens.json`, 'utf8'));

export const goldenBytes = (name: 'labels' | 'rgb'): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(gunzipSync(readFileSync(`${FOLDER}/${name}.gz`)));

type Trace = (
  labels: Int32Array,
  stride: number,
  number: number,
  first: number,
  origin: number,
  tolerance: number,
) => Float64Array;

/** The golden masks' outlines as post-processing draws them (`trace` is its tracer), one row a label in its order. */
export function goldenOutlines(trace: Trace, tolerance: number): ObjectColumns {
  const { side, shapes } = goldens();
  const labels = Int32Array.from(goldenBytes('labels'));
  const builder = new ColumnsBuilder('glands', [{ name: 'Shape', color: '#ffffff' }]);
  for (const { label, area } of shapes) {
    const ring = Float64Array.from(trace(labels, side, label, labels.indexOf(label), 0, tolerance));
    const [x = 0, y = 0] = [ring[0], ring[1]];
    builder.add({ classIndex: 0, probability: 1, x: Math.round(x), y: Math.round(y), areaPx: area, ring });
  }
  return builder.copy();
}

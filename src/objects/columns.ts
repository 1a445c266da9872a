// Objects as columns: row i of every column is one object. No JavaScript object per nucleus anywhere.

import { buffersOfExtras, type Extras, entriesOf } from './extras.ts';

export type ObjectKind = 'nuclei' | 'glands' | 'lumina' | 'annotations';

export interface ObjectClass {
  readonly name: string;
  readonly color: string; // '#rrggbb'
}

/**
 * A batch of objects of one kind, as post-processing hands it over and the store keeps it. One outer ring an object;
 * holes are in `extras`.
 * Nuclei keep their rings as Int16 eighths of a level-0 pixel around the centroid (128 bytes an object instead of 256;
 * a round trip is exact); the few large objects keep Float32 level-0 pixels around the centroid, their corners lying on hundredths of a pixel.
 */
export interface ObjectColumns {
  readonly kind: ObjectKind;
  readonly count: number; //             n
  readonly classes: readonly ObjectClass[];
  readonly classIndex: Uint8Array<ArrayBuffer>; //   [n] into classes
  readonly probability: Float32Array<ArrayBuffer>; // [n] 0 to 1
  readonly centroid: Float64Array<ArrayBuffer>; //   [n × 2] level-0 px, x then y
  readonly areaPx: Float32Array<ArrayBuffer>; //     [n] level-0 px² (µm² = areaPx × mpp.x × mpp.y)
  readonly ringStart: Uint32Array<ArrayBuffer>; //   [n + 1] vertices; ring i is ringStart[i] up to ringStart[i + 1]
  readonly ring: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>; // [ringStart[n] × 2] x, y from the centroid
  readonly ringUnit: number; //          level-0 px one unit of `ring` is: 1/8 for Int16, 1 for Float32
  readonly extras?: Extras; //               holes, notes and measurements; left out where no object has any
}

export const emptyColumns = (kind: ObjectKind, classes: readonly ObjectClass[]): ObjectColumns => ({
  kind,
  count: 0,
  classes,
  classIndex: new Uint8Array(0),
  probability: new Float32Array(0),
  centroid: new Float64Array(0),
  areaPx: new Float32Array(0),
  ringStart: new Uint32Array(1),
  ring: kind === 'nuclei' ? new Int16Array(0) : new Float32Array(0),
  ringUnit: kind === 'nuclei' ? 1 / 8 : 1,
});

/** The outer ring of object i, x, y pairs in level-0 px, not closed. A copy. */
export function ringOf(columns: ObjectColumns, i: number): Float64Array<ArrayBuffer> {
  const from = columns.ringStart[i] ?? 0;
  const to = columns.ringStart[i + 1] ?? from;
  const cx = columns.centroid[2 * i] ?? 0;
  const cy = columns.centroid[2 * i + 1] ?? 0;
  const out = new Float64Array(2 * (to - from));
  for (let v = from, o = 0; v < to; v++) {
    out[o++] = cx + (columns.ring[2 * v] ?? 0) * columns.ringUnit;
    out[o++] = cy + (columns.ring[2 * v + 1] ?? 0) * columns.ringUnit;
  }
  return out;
}

/** The rings of object i, outer first, then holes; x, y pairs in level-0 px, not closed. Copies. */
export function ringsOf(columns: ObjectColumns, i: number): Float64Array<ArrayBuffer>[] {
  const rings = [ringOf(columns, i)];
  if (!columns.extras) return rings;
  const { row, start, ring } = columns.extras.holes;
  const [cx, cy] = [columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0];
  for (let [k, to] = entriesOf(row, i); k < to; k++) {
    const hole = Float64Array.from(ring.subarray(2 * (start[k] ?? 0), 2 * (start[k + 1] ?? 0)));
    for (let v = 0; v < hole.length; v += 2) {
      hole[v] = (hole[v] ?? 0) + cx;
      hole[v + 1] = (hole[v + 1] ?? 0) + cy;
    }
    rings.push(hole);
  }
  return rings;
}

/** The buffers of a batch, for a transfer. */
export const buffersOf = (columns: ObjectColumns): ArrayBuffer[] => [
  columns.classIndex.buffer,
  columns.probability.buffer,
  columns.centroid.buffer,
  columns.areaPx.buffer,
  columns.ringStart.buffer,
  columns.ring.buffer,
  ...(columns.extras ? buffersOfExtras(columns.extras) : []),
];

// Rows of features as a record of a log, exact to the bit: boxes in double precision, for they are the rows' keys.
//
//   version     uint8
//   boxes       float64 [rows × 4] x, y, width, height, level-0 px
//   features    float32 [rows × channels] of each block, in the set's order

import { keyOf } from '#analysis/embed.ts';
import type { FeatureSet } from '#analysis/feature-set.ts';
import { ByteReader, ByteWriter } from '#analysis/journal-bytes.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface EmbeddedRow {
  readonly row: number; // in the set
  readonly box: Rect;
}

const VERSION = 1;

export function encodeRows(set: FeatureSet, rows: readonly EmbeddedRow[]): Bytes {
  const out = new ByteWriter();
  out.bytes(Uint8Array.of(VERSION));
  out.real(Float64Array.from(rows.flatMap(({ box: { x, y, width, height } }) => [x, y, width, height])));
  for (const { name, channels } of set.blocks) {
    const all = set.values(name);
    const values = new Float32Array(rows.length * channels);
    for (const [k, { row }] of rows.entries())
      values.set(all.subarray(row * channels, (row + 1) * channels), k * channels);
    out.real(values);
  }
  return out.done();
}

/** Adds them to a set of the same encoder. @throws EosinError BadInput where they do not fit it */
export function addRows(set: FeatureSet, record: Bytes): void {
  const from = new ByteReader(record);
  const [version] = from.bytes(1);
  if (version !== VERSION) throw unreadable(`they are of version ${version}, and this Eosin reads ${VERSION}`);
  const boxes = from.float64();
  const rows = boxes.length / 4;
  const blocks = set.blocks.map(({ name, channels }) => ({ name, channels, values: from.float32() }));
  const wrong = blocks.find(({ channels, values }) => values.length !== rows * channels);
  if (!Number.isInteger(rows) || wrong) throw unreadable('they are of another size');
  for (let k = 0; k < rows; k++) {
    const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(4 * k, 4 * k + 4);
    const box = { x, y, width, height };
    const outputs = blocks.map(({ name, channels, values }) => {
      const data = values.subarray(k * channels, (k + 1) * channels);
      return [name, { dims: [1, channels], data }] as const;
    });
    set.add(keyOf(box), box, Object.fromEntries(outputs));
  }
}

const unreadable = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'Features that were kept', seen, todo: 'Embed the region again.' });

// Patch embeddings as NumPy reads them: an .npz, which is a ZIP of .npy files, one a block of the encoder and one of the boxes.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { npyOf } from '#objects/io/npy.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { zipOf } from './stored-zip.ts';

/** @throws EosinError BadInput where nothing was embedded */
export function featuresFile(set: NamedSet | undefined, waits: Waits): Promise<Blob> {
  if (!set || set.rows.length === 0) throw new EosinError(nothing);
  const { features, rows } = set;
  const entry = (name: string, of: Float32Array, columns: number): { name: string; blob: Blob } => {
    const values = new Float32Array(rows.length * columns);
    for (const [k, row] of rows.entries()) values.set(of.subarray(row * columns, (row + 1) * columns), k * columns);
    return { name: `${name}.npy`, blob: npyOf(values, [rows.length, columns]) };
  };
  const blocks = features.blocks.map(({ name, channels }) => entry(name, features.values(name), channels));
  return zipOf([entry('boxes', features.boxes, 4), ...blocks], waits); // boxes: x, y, width, height, level-0 px
}

const nothing = {
  tag: 'BadInput',
  what: 'Embeddings',
  seen: 'nothing was embedded yet',
  todo: 'Embed a region in Learn first.',
} as const;

// Patch embeddings as NumPy reads them: an .npz, which is a ZIP of .npy files, one a block of the encoder and one of the boxes.
import { turn } from '#channel/turn.ts';
import { EosinError } from '#errors/failure.ts';
import { npyHeader } from '#objects/io/npy.ts';
import type { ToldWaits } from '#objects/io/open-files.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { zipOf } from './stored-zip.ts';

const ROWS = 2_000; // copied at once: some milliseconds

/**
 * @param waits.onProgress patches so far, of all parts together
 * @throws EosinError BadInput where nothing was embedded; the signal's reason
 */
export async function featuresFile(set: NamedSet | undefined, waits: ToldWaits): Promise<Blob> {
  if (!set || set.rows.length === 0) throw new EosinError(nothing);
  const { features } = set;
  const rows = Array.from(set.rows); // as many as there are now: others may come meanwhile
  const { signal, onProgress } = waits;
  const parts = [
    { name: 'boxes', columns: 4, values: () => features.boxes }, // x, y, width, height, level-0 px
    ...features.blocks.map(({ name, channels }) => ({ name, columns: channels, values: () => features.values(name) })),
  ];
  const entries: { name: string; blob: Blob }[] = [];
  for (const { name, columns, values } of parts) {
    const pieces: BlobPart[] = [npyHeader('float32', [rows.length, columns])];
    for (let from = 0; from < rows.length; from += ROWS) {
      signal.throwIfAborted();
      const some = rows.slice(from, from + ROWS);
      const piece = new Float32Array(some.length * columns);
      const all = values();
      for (const [k, row] of some.entries()) piece.set(all.subarray(row * columns, (row + 1) * columns), k * columns);
      pieces.push(piece);
      onProgress?.(Math.round((rows.length * entries.length + from + some.length) / parts.length));
      await turn();
    }
    entries.push({ name: `${name}.npy`, blob: new Blob(pieces, { type: 'application/octet-stream' }) });
  }
  return zipOf(entries, waits);
}

const nothing = {
  tag: 'BadInput',
  what: 'Embeddings',
  seen: 'nothing was embedded yet',
  todo: 'Embed a region in Learn first.',
} as const;

// GeoJSON in and out of memory, for tests.
import type { MppXY } from '#units/units.ts';
import { mpp } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns, ObjectKind } from '../columns.ts';
import type { Refused, SlideFrame } from '../io/feature-objects.ts';
import { objectsOf } from '../io/geojson-read.ts';
import { FeatureWriter } from '../io/geojson-write.ts';

export const SLIDE: SlideFrame = { widthPx: 90_000, heightPx: 70_000, mpp: { x: mpp(0.25), y: mpp(0.25) } };

export const bytesOf = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

export function geojsonOf(batches: readonly ObjectColumns[], size: MppXY | undefined): Uint8Array<ArrayBuffer> {
  const writer = new FeatureWriter(size);
  for (const columns of batches) writer.write(columns);
  writer.end();
  return writer.take();
}

/** All of a file, in pieces of a few bytes where asked; one batch a kind. */
export async function read(
  file: Uint8Array,
  slide: SlideFrame = SLIDE,
  piece = 1 << 20,
): Promise<{ objects: ObjectColumns[]; refused: Refused[]; imported: number }> {
  let at = 0;
  const pull = async (): Promise<Uint8Array | undefined> => {
    if (at >= file.length) return undefined;
    at += piece;
    return file.subarray(at - piece, at);
  };
  const builders = new Map<ObjectKind, ColumnsBuilder>();
  const refused: Refused[] = [];
  let imported = 0;
  for await (const batch of objectsOf(pull, slide, { signal: new AbortController().signal })) {
    imported = batch.imported;
    refused.push(...batch.refused);
    for (const columns of batch.objects) {
      const builder = builders.get(columns.kind) ?? new ColumnsBuilder(columns.kind, columns.classes);
      builders.set(columns.kind, builder);
      builder.addRows(columns);
    }
  }
  return { objects: [...builders.values()].map((builder) => builder.copy()), refused, imported };
}

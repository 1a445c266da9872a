// Stain vectors and what was measured with them as parts of a session: stains cost a look at the whole slide.
import type { ObjectKind } from '#objects/columns.ts';
import { STAIN_NAMES } from '#objects/measures/stain-sums.ts';
import type { LazyMeasures } from '../lazy-measures.ts';
import { parseVectors, type VectorsChosen } from '../measures/parse-vectors.ts';
import type { RunLayer } from '../stores/layers-store.ts';
import { RUN_LAYERS } from '../stores/objects-store.ts';
import { notOurs } from './stored-zip.ts';

type Columns = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

const partOf = (kind: ObjectKind): string => `stains-${kind}.f32`; // [objects] of each stain measure, one after the other

export const stainsAsked = (measures: LazyMeasures): VectorsChosen | undefined => {
  const session = measures.loaded();
  if (!session) return undefined;
  const { vectors, vectorsFrom } = session.state.getState();
  return { vectors, from: vectorsFrom };
};

/** Of the kinds that runs find: annotations come beside others, and their rows are not the same again. */
export function partsOfStains(measures: LazyMeasures): { name: string; blob: Blob }[] {
  const session = measures.loaded();
  return RUN_LAYERS.flatMap((kind) => {
    const columns = session?.book.stains(kind);
    if (!columns) return [];
    return [{ name: partOf(kind), blob: new Blob(STAIN_NAMES.flatMap((name) => columns.get(name) ?? [])) }];
  });
}

/** @param counts of the session's objects @throws EosinError BadInput where a part does not fit them */
export async function stainsIn(
  parts: ReadonlyMap<string, Blob>,
  counts: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<RunLayer, Columns>> {
  const found = new Map<RunLayer, Columns>();
  for (const kind of RUN_LAYERS) {
    const part = parts.get(partOf(kind));
    if (!part) continue;
    const count = counts[kind] ?? 0;
    if (part.size !== 4 * count * STAIN_NAMES.length) throw notOurs(`its stains of ${kind} do not fit the objects`);
    const all = new Float32Array(await part.arrayBuffer());
    found.set(kind, new Map(STAIN_NAMES.map((name, k) => [name, all.slice(k * count, (k + 1) * count)])));
  }
  return found;
}

/** @throws EosinError BadInput */
export function parseStains(value: unknown): VectorsChosen {
  const chosen = parseVectors(value);
  if (!chosen) throw notOurs('its stain vectors are none');
  return chosen;
}

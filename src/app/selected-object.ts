// What is said of one object once it is selected.
import { measuredOf } from '#objects/extras.ts';
import type { FoundObjects } from './found-objects.ts';
import type { ObjectLayer } from './stores/layers-store.ts';
import type { Selected } from './stores/selection-store.ts';

/** @param row of the live columns */
export function selectedAt(found: FoundObjects, kind: ObjectLayer, row: number): Selected {
  const { classIndex, classes, probability, areaPx, centroid, extras } = found.store(kind).live.columns;
  const of = classes[classIndex[row] ?? 0];
  return {
    kind,
    row,
    at: { x: centroid[2 * row] ?? 0, y: centroid[2 * row + 1] ?? 0 },
    className: of?.name ?? kind,
    color: of?.color ?? '#ffffff',
    probability: probability[row] ?? 0,
    areaPx: areaPx[row] ?? 0,
    name: extras?.notes.get(row)?.name,
    measured: measuredOf(extras, row),
  };
}

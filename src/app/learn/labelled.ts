// Labels of a set's rows as the learn worker takes them.
import { EosinError } from '#errors/failure.ts';
import type { ModelClass } from '#inference/manifest.ts';
import type { Labels as LabelsOfSet } from '#learn/learn-calls.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Labels } from './labels.ts';
import { boxesOf, rowsByPlace } from './row-sets.ts';
import { OBJECT_SIDES, PATCH_SIDES, spatialGroups } from './spatial-groups.ts';

export interface LabelledRows {
  readonly rows: Uint32Array<ArrayBuffer>; //  of the set
  readonly labels: Uint8Array<ArrayBuffer>; // into `classes`
  readonly classes: readonly ModelClass[]; //  those that have a label in this set
  readonly groups: Uint32Array<ArrayBuffer> | undefined; // blocks of the slide that are left out together
}

const SIDES = { patches: PATCH_SIDES, objects: OBJECT_SIDES } as const;

/** @throws EosinError BadInput where none of the set's rows is labelled */
export function labelledRows(set: NamedSet, labels: Labels): LabelledRows {
  const rowOf = rowsByPlace(set);
  const found = [...labels.entries()]
    .flatMap(([place, of]): [row: number, of: number][] => {
      const row = rowOf.get(place);
      return row === undefined ? [] : [[row, of]];
    })
    .sort(([a], [b]) => a - b);
  if (found.length === 0) {
    const todo = `Label ${set.of} of two classes first.`;
    throw new EosinError({ tag: 'BadInput', what: 'The labels', seen: `${set.name} has none`, todo });
  }
  const used = [...new Set(found.map(([, of]) => of))].sort((a, b) => a - b);
  const rows = Uint32Array.from(found, ([row]) => row);
  const indices = Uint8Array.from(found, ([, of]) => used.indexOf(of));
  const all = boxesOf(set);
  const boxes = Float32Array.from({ length: 4 * rows.length }, (_, i) => all[4 * (rows[i >> 2] ?? 0) + (i & 3)] ?? 0);
  return {
    rows,
    labels: indices,
    classes: used.flatMap((of) => labels.classes[of] ?? []),
    groups: set.of === 'pictures' ? undefined : spatialGroups(boxes, indices, SIDES[set.of]),
  };
}

export const asLabels = (held: string, { rows, labels, classes, groups }: LabelledRows): LabelsOfSet => ({
  set: held,
  rows,
  labels,
  classes: classes.length,
  groups,
});

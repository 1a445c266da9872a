// The slide's objects in a person's own classes: what was labelled, what a head says of the rest, what nobody said.
import type { ObjectClass } from '#objects/columns.ts';
import type { Said } from './head-desk.ts';
import type { Labels } from './labels.ts';
import type { MatchedObjects } from './object-sets.ts';
import { rowsByPlace } from './row-sets.ts';
import { bestOf } from './slide-map.ts';

/** Greys: a colour on tissue means a class. */
const NOT_SURE: ObjectClass = { name: 'Not sure', color: '#d0d0d0' };
const NOT_SAID: ObjectClass = { name: 'No label', color: '#8a8a8a' };
const NOT_READ: ObjectClass = { name: 'Not read', color: '#5a5a5a' };

export interface ObjectClasses {
  readonly classes: readonly ObjectClass[];
  readonly classIndex: Uint8Array<ArrayBuffer>; // [objects of the store] into classes
  readonly counts: readonly number[]; //           by class
}

/** @param said of another set nothing is shown but the labels */
export function classesOfObjects(
  { set, objects, rowOf }: MatchedObjects,
  labels: Labels,
  said: Said | undefined,
  sureFrom: number,
): ObjectClasses {
  const own = said?.set === set ? said : undefined;
  const named = [
    ...labels.classes,
    ...(own?.classes ?? []).filter(({ name }) => labels.classes.every((one) => one.name !== name)),
  ];
  const classes = [...named, own ? NOT_SURE : NOT_SAID, NOT_READ];
  const unsure = named.length;
  const toClass = own?.classes.map(({ name }) => named.findIndex((one) => one.name === name)) ?? [];
  const classIndex = new Uint8Array(rowOf.length).fill(unsure + 1);
  for (const [row, i] of objects.entries()) {
    const best = own && bestOf(own, row);
    classIndex[i] = best && best.probability >= sureFrom ? (toClass[best.index] ?? unsure) : unsure;
  }
  const rows = rowsByPlace(set);
  for (const [place, label] of labels.entries()) {
    const i = objects[rows.get(place) ?? -1];
    if (i !== undefined) classIndex[i] = label; // what a person says stands
  }
  const counts = classes.map(() => 0);
  for (const index of classIndex) counts[index] = (counts[index] ?? 0) + 1;
  return { classes, classIndex, counts };
}

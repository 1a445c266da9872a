// What the slide shows in the Learn workspace: patches in the colour of the class a head gives them, or of their label.
import { type ClassMap, UNSEEN, UNSURE } from '#viewer/viewer-api.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Said } from './head-desk.ts';
import type { Labels } from './labels.ts';
import { boxesOf, placesOf } from './row-sets.ts';

const OPACITY = 0.42; // UI.md: class fills

export interface Shown {
  readonly set: NamedSet;
  readonly labels: Labels;
  readonly said: Said | undefined;
  readonly name: string | undefined; // of the head
  readonly sureFrom: number;
}

/** Of what a head said of another set, or of fewer patches, nothing is shown but the labels. */
export function drawLearnt({ set, labels, said, name, sureFrom }: Shown): ClassMap {
  const classIndex = new Uint8Array(set.rows.length).fill(UNSEEN);
  const labelled = new Uint8Array(set.rows.length);
  const places = placesOf(set);
  const own = said?.set === set ? said : undefined;
  // A head knows the classes that had labels: by name, for they may have moved since.
  // One of the shelf has classes of its own.
  const classes = [
    ...labels.classes,
    ...(own?.classes ?? []).filter(({ name: of }) => labels.classes.every((one) => one.name !== of)),
  ];
  const toClass = own?.classes.map((of) => classes.findIndex((one) => one.name === of.name)) ?? [];
  for (const [row, place] of places.entries()) {
    const label = labels.of(place);
    if (label !== undefined) {
      classIndex[row] = label; // what a person says stands
      labelled[row] = 1;
    } else if (own) {
      const best = bestOf(own, row);
      classIndex[row] = best.probability < sureFrom ? UNSURE : (toClass[best.index] ?? UNSEEN);
    }
  }
  return {
    name: own ? (name ?? 'Head') : 'Labels',
    boxes: boxesOf(set),
    classIndex,
    labelled,
    classes,
    opacity: OPACITY,
  };
}

/** The likeliest class of a row. */
export function bestOf({ probabilities, classes }: Said, row: number): { index: number; probability: number } {
  const n = classes.length;
  let [index, probability] = [0, 0];
  for (let k = 0; k < n; k++) {
    const value = probabilities[row * n + k] ?? 0;
    if (value > probability) [index, probability] = [k, value];
  }
  return { index, probability };
}

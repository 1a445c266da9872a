// Labelled rows of the slide and labelled pictures as one set to learn from: the same class has the same name.
import type { ModelClass } from '#inference/manifest.ts';
import type { Features } from '#learn/features.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { LabelledPictures } from './class-pictures.ts';
import type { LabelledRows } from './labelled.ts';
import { colorAt } from './labels.ts';
import { featuresOf } from './row-sets.ts';

/** All rows of the features are labelled, the slide's first. */
export interface Together extends LabelledRows {
  readonly features: Features;
}

/** @param onSlide undefined where nothing on the slide is labelled */
export function withPictures(
  set: NamedSet,
  block: string,
  onSlide: LabelledRows | undefined,
  { features: pictures, classes: names }: LabelledPictures,
): Together {
  const slide = featuresOf(set, block, onSlide?.rows ?? []);
  const values = new Float32Array(slide.values.length + pictures.values.length);
  values.set(slide.values);
  values.set(pictures.values, slide.values.length);
  const classes: ModelClass[] = [...(onSlide?.classes ?? [])];
  for (const name of [...new Set(names)].sort())
    if (classes.every((one) => one.name !== name)) classes.push({ name, color: freeColor(classes) });
  const rows = slide.rows + pictures.rows;
  const ofPictures = names.map((name) => classes.findIndex((one) => one.name === name));
  // Each picture is left out by itself, beside whole blocks of the slide.
  const free = 1 + (onSlide?.groups ?? new Uint32Array()).reduce((most, group) => Math.max(most, group), 0);
  const groups = onSlide?.groups && Uint32Array.from([...onSlide.groups, ...names.map((_, k) => free + k)]);
  return {
    features: { values, rows, cols: pictures.cols },
    rows: Uint32Array.from({ length: rows }, (_, row) => row),
    labels: Uint8Array.from([...(onSlide?.labels ?? []), ...ofPictures]),
    classes,
    groups,
  };
}

function freeColor(classes: readonly ModelClass[]): string {
  for (let index = 0; index < classes.length + 1; index++) {
    const color = colorAt(index);
    if (classes.every((one) => one.color !== color)) return color;
  }
  return colorAt(classes.length);
}

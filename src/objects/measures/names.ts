// Which measures objects of a kind have, what each is called, and in what unit it is. docs/measures.md defines them.
import { manyOfClass } from '../class-words.ts';
import type { ObjectClass, ObjectKind } from '../columns.ts';
import { SHAPE_NAMES } from './shape.ts';
import { STAIN_NAMES } from './stain-sums.ts';

/** Measures that are worked out together. */
export type MeasureGroup = 'own' | 'shape' | 'neighbours' | 'gland' | 'contents' | 'within' | 'stain' | 'file';

export interface MeasureName {
  readonly name: string; //  as filters, files and the console write it
  readonly label: string; // on screen
  readonly group: MeasureGroup;
  readonly quantity: Quantity;
  readonly brought?: string; // as a file calls it that brought it
}

type Quantity = 'length' | 'area' | 'angle' | 'density' | 'perArea' | 'number' | 'flag';

const OWN: readonly MeasureName[] = [
  { name: 'area', label: 'Area', group: 'own', quantity: 'area' },
  { name: 'probability', label: 'Probability', group: 'own', quantity: 'number' },
];

const SHAPE_WORDS: Readonly<Record<(typeof SHAPE_NAMES)[number], readonly [string, Quantity]>> = {
  perimeter: ['Perimeter', 'length'],
  circularity: ['Circularity', 'number'],
  major_axis: ['Major axis', 'length'],
  minor_axis: ['Minor axis', 'length'],
  eccentricity: ['Eccentricity', 'number'],
  orientation: ['Orientation', 'angle'],
  solidity: ['Solidity', 'number'],
  feret: ['Feret diameter', 'length'],
};

const SHAPE: readonly MeasureName[] = SHAPE_NAMES.map((name) => {
  const [label, quantity] = SHAPE_WORDS[name];
  return { name, label, group: 'shape', quantity };
});

const STAIN_WORDS: Readonly<Record<(typeof STAIN_NAMES)[number], string>> = {
  haematoxylin_mean: 'Haematoxylin',
  haematoxylin_sd: 'Haematoxylin spread',
  eosin_mean: 'Eosin',
  eosin_sd: 'Eosin spread',
};

const STAIN: readonly MeasureName[] = STAIN_NAMES.map((name) => ({
  name,
  label: STAIN_WORDS[name],
  group: 'stain',
  quantity: 'density',
}));

const GLAND: readonly MeasureName[] = [
  { name: 'in_gland', label: 'In a gland', group: 'gland', quantity: 'flag' },
  { name: 'gland', label: 'Gland', group: 'gland', quantity: 'number' },
];

const CONTENTS: readonly MeasureName[] = [
  { name: 'nuclei', label: 'Nuclei within', group: 'contents', quantity: 'number' },
  { name: 'lumen_share', label: 'Lumen share', group: 'contents', quantity: 'number' },
];

const WITHIN: readonly MeasureName[] = [
  { name: 'nuclei', label: 'Nuclei within', group: 'within', quantity: 'number' },
  { name: 'nuclei_density', label: 'Density of nuclei', group: 'within', quantity: 'perArea' },
  { name: 'glands', label: 'Glands within', group: 'within', quantity: 'number' },
];

export const DISTANCE_TO_OTHER = 'distance_to_other_class';

/** One to each class by its name, then the least over all classes but one's own. */
function distances(classes: readonly ObjectClass[]): MeasureName[] {
  const taken = new Set<string>([DISTANCE_TO_OTHER]);
  const each = classes.map(({ name: of }, index): MeasureName => {
    const plain = `distance_to_${wordOf(of) || index}`;
    const name = taken.has(plain) ? `${plain}_${index}` : plain;
    taken.add(name);
    return {
      name,
      label: `Distance to ${/^other$/i.test(of) ? 'the class Other' : manyOfClass('nuclei', of).toLowerCase()}`,
      group: 'neighbours',
      quantity: 'length',
    };
  });
  const other: MeasureName = {
    name: DISTANCE_TO_OTHER,
    label: 'Distance to another class',
    group: 'neighbours',
    quantity: 'length',
  };
  return classes.length > 1 ? [...each, other] : each;
}

/** 'Epithelial (benign)' → epithelial_benign: what a filter can name. */
export const wordOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');

/** In the order in which tables and files show them. */
export function measuresFor(kind: ObjectKind, classes: readonly ObjectClass[]): readonly MeasureName[] {
  switch (kind) {
    case 'nuclei':
      return [...OWN, ...SHAPE, ...STAIN, ...GLAND, ...distances(classes)];
    case 'glands':
      return [...OWN, ...SHAPE, ...CONTENTS, ...STAIN];
    case 'lumina':
      return [...OWN, ...SHAPE, ...GLAND, ...STAIN];
    case 'annotations':
      return [...OWN, ...SHAPE, ...WITHIN, ...STAIN];
  }
}

/** True where values may be whole numbers of things: what files bring too. */
export const isCount = ({ name, group }: MeasureName): boolean =>
  group === 'file' || name === 'nuclei' || name === 'glands';

/** False where a mean of several objects says nothing: an axis turns round, and a gland's number is a name. */
export const hasMean = ({ name, quantity }: MeasureName): boolean => quantity !== 'angle' && name !== 'gland';

/** '' where there is none. */
export function unitOf({ quantity }: MeasureName, calibrated: boolean): string {
  switch (quantity) {
    case 'length':
      return calibrated ? 'µm' : 'px';
    case 'area':
      return calibrated ? 'µm²' : 'px²';
    case 'angle':
      return '°';
    case 'density':
      return 'OD';
    case 'perArea':
      return calibrated ? 'per mm²' : 'per million px²';
    case 'number':
    case 'flag':
      return '';
  }
}

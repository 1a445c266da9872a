// What objects of a class are called on screen: 'Epithelial nuclei', 'Nuclei', 'Malignant gland'. Files keep the class's own name.
import type { ObjectKind } from './columns.ts';

const NOUNS: Readonly<Record<Exclude<ObjectKind, 'annotations'>, readonly [one: string, many: string]>> = {
  nuclei: ['nucleus', 'nuclei'],
  glands: ['gland', 'glands'],
  lumina: ['lumen', 'lumina'],
};

/** 'Epithelial nucleus'. Annotations are called as their class is. */
export const oneOfClass = (kind: ObjectKind, name: string): string => worded(kind, name, 0);

/** 'Epithelial nuclei'. */
export const manyOfClass = (kind: ObjectKind, name: string): string => worded(kind, name, 1);

function worded(kind: ObjectKind, name: string, number: 0 | 1): string {
  const plain = name.trim();
  if (kind === 'annotations' || plain === '') return plain;
  const noun = NOUNS[kind][number];
  const words = plain.split(/\s+/);
  const last = words.at(-1)?.toLowerCase() ?? '';
  // A name that says the kind itself says it once, in the number that is wanted.
  const isNoun = NOUNS[kind].includes(last);
  const before = (isNoun ? words.slice(0, -1) : words).join(' ');
  if (before === '') return capital(noun);
  return `${capital(kind === 'nuclei' ? ofCells(before) : before)} ${noun}`;
}

/** 'Lymphocytes' have lymphocyte nuclei, 'Immune cells' immune cell nuclei; 'Connective' is short for the tissue. */
function ofCells(name: string): string {
  if (/^connective$/i.test(name)) return `${name} tissue`;
  return name.replace(/(cell|cyte|blast|phage|phil)s$/i, '$1');
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

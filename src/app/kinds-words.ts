import type { ObjectKind } from '#objects/columns.ts';
import { plural } from './words.ts';

const KINDS = [
  ['nuclei', 'nucleus', 'nuclei'],
  ['glands', 'gland', 'glands'],
  ['lumina', 'lumen', 'lumina'],
  ['annotations', 'annotation', 'annotations'],
] as const;

/** '12 nuclei, 1 gland': of which there are any. */
export const kindsWords = (counts: Readonly<Partial<Record<ObjectKind, number>>>): string =>
  KINDS.flatMap(([kind, one, many]) => ((counts[kind] ?? 0) > 0 ? [plural(counts[kind] ?? 0, one, many)] : [])).join(
    ', ',
  );

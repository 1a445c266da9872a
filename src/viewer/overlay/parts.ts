// What is drawn as one of the objects.
import type { ObjectKind } from '#objects/columns.ts';
import type { Part } from '../viewer-api.ts';

/** From the bottom up: large objects beneath the small ones they hold. */
export const PARTS: readonly Part[] = ['glands', 'lumina', 'nuclei', 'annotations', 'cells'];

export const kindOf = (part: Part): ObjectKind => (part === 'cells' ? 'annotations' : part);

/** Too small to be outlined at every zoom. */
export const isSmall = (part: Part): boolean => part === 'nuclei' || part === 'cells';

/** With fewer annotations in all, also the smallest keeps its outline at every zoom: each of them counts, then. */
export const MANY_SMALL = 5000;

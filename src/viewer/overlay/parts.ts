// What is drawn as one of the objects.
import type { ObjectKind } from '#objects/columns.ts';
import type { MppXY } from '#units/units.ts';
import type { Part } from '../viewer-api.ts';

/** From the bottom up: large objects beneath the small ones they hold. */
export const PARTS: readonly Part[] = ['glands', 'lumina', 'nuclei', 'annotations', 'cells'];

export const kindOf = (part: Part): ObjectKind => (part === 'cells' ? 'annotations' : part);

/** Too small to be outlined at every zoom. */
export const isSmall = (part: Part): boolean => part === 'nuclei' || part === 'cells';

/** With fewer annotations in all, also the smallest keeps its outline at every zoom: each of them counts, then. */
export const MANY_SMALL = 5000;

const SMALL_UM = 50; // the longer side of a large cell's box
const SMALL_PX = 200; // level-0: while uncalibrated, by the usual quarter of a micrometre

/** The longest side that a small annotation's box has, level-0 px. */
export const smallPx = (mpp: MppXY | undefined): number => (mpp ? SMALL_UM / Math.max(mpp.x, mpp.y) : SMALL_PX);

/** As people read it. */
export const smallSaid = (mpp: MppXY | undefined): string => (mpp ? `${SMALL_UM} µm` : `${SMALL_PX} px`);

import { colouredDiscs, Discs } from './discs.ts';
import { ManyOutlines, paintBrushed } from './many-outlines.ts';

/** What a painter makes px by px: the worker has it from the start, the page only once it paints what the worker should. */
export const rasters = { Discs, colouredDiscs, ManyOutlines, paintBrushed };
export type Rasters = typeof rasters;

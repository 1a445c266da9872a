// What is measured of one object, at once: for the bubble beside it.
import { outlinesOf } from '#analysis/measuring/measure-shapes.ts';
import { shapesOf } from '#objects/measures/shape.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { Selected } from '../stores/selection-store.ts';
import type { MeasureBook } from './measure-book.ts';

export interface ObjectFacts {
  readonly circularity: number | undefined;
  readonly haematoxylin: number | undefined; // mean optical density, where stains were measured
  readonly gland: number | undefined; //        the row of the gland around it
}

/** @param selected a row of the live columns */
export function factsOf(book: MeasureBook, found: FoundObjects, { kind, row, at }: Selected): ObjectFacts {
  const { columns } = found.store(kind).live;
  const circularity = shapesOf(outlinesOf(columns, row, row + 1), book.scale()).circularity[0];
  const gland = kind === 'nuclei' || kind === 'lumina' ? found.store('glands').live.pick(at.x, at.y, 0) : undefined;
  const haematoxylin = book.stains(kind)?.get('haematoxylin_mean')?.[row];
  const known = (value: number | undefined): number | undefined => (Number.isNaN(value) ? undefined : value);
  return { circularity: known(circularity), haematoxylin: known(haematoxylin), gland };
}

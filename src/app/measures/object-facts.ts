// What is measured of one object, at once: for the bubble beside it.
import type { Scale } from '#analysis/measuring/measure-calls.ts';
import { outlinesOf } from '#analysis/measuring/measure-shapes.ts';
import { shapesOf } from '#objects/measures/shape.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { Selected } from '../stores/selection-store.ts';
import type { MeasureBook } from './measure-book.ts';
import { outlineOf, rowsWithin } from './scope.ts';

export interface ObjectFacts {
  readonly circularity: number | undefined;
  readonly haematoxylin: number | undefined; // mean optical density, where stains were measured
  readonly gland: number | undefined; //        the row of the gland around it
  readonly contents: Contents | undefined; //   of a gland or an annotated area
}

/** As the measures of these names have them, docs/measures.md; undefined where none were looked for, or it has no such measure. */
interface Contents {
  readonly nuclei: number | undefined;
  readonly density: number | undefined; //    nuclei per mm² of an annotation, or per million px²
  readonly glands: number | undefined; //     in an annotation
  readonly lumenShare: number | undefined; // of a gland
}

/** @param selected a row of the live columns */
export function factsOf(book: MeasureBook, found: FoundObjects, { kind, row, at }: Selected): ObjectFacts {
  const { columns } = found.store(kind).live;
  const circularity = shapesOf(outlinesOf(columns, row, row + 1), book.scale()).circularity[0];
  const gland = kind === 'nuclei' || kind === 'lumina' ? found.store('glands').live.pick(at.x, at.y, 0) : undefined;
  const haematoxylin = book.stains(kind)?.get('haematoxylin_mean')?.[row];
  const known = (value: number | undefined): number | undefined => (Number.isNaN(value) ? undefined : value);
  const contents = contentsOf(found, { kind, row }, book.scale());
  return { circularity: known(circularity), haematoxylin: known(haematoxylin), gland, contents };
}

function contentsOf(
  found: FoundObjects,
  { kind, row }: Pick<Selected, 'kind' | 'row'>,
  scale: Scale,
): Contents | undefined {
  const { columns } = found.store(kind).live;
  const areaPx = columns.areaPx[row] ?? 0;
  const isArea = areaPx > 0 && (kind === 'glands' || kind === 'annotations'); // a point or a line holds nothing
  const outline = isArea ? outlineOf(columns, row) : undefined;
  if (!outline) return undefined;
  /** Those of a gland lie in no smaller one. */
  const within = (of: 'nuclei' | 'lumina' | 'glands'): number[] | undefined => {
    if (!found.has(of)) return undefined;
    const { live } = found.store(of);
    const { centroid } = live.columns;
    const { live: glands } = found.store('glands');
    const rows = [...rowsWithin(live, outline)];
    if (kind === 'annotations') return rows;
    return rows.filter((one) => glands.pick(centroid[2 * one] ?? 0, centroid[2 * one + 1] ?? 0, 0) === row);
  };
  const nuclei = within('nuclei')?.length;
  if (kind === 'annotations') {
    const density = nuclei === undefined ? undefined : (1e6 * nuclei) / (areaPx * scale.x * scale.y);
    return { nuclei, density, glands: within('glands')?.length, lumenShare: undefined };
  }
  const lumina = found.store('lumina').live.columns;
  const lumenPx = within('lumina')?.reduce((sum, one) => sum + (lumina.areaPx[one] ?? 0), 0);
  const lumenShare = lumenPx === undefined ? undefined : Math.min(1, lumenPx / areaPx);
  return { nuclei, density: undefined, glands: undefined, lumenShare };
}

// What of the slide was analysed, as numbers that outlive the window: pieces, and of those that were not taken whole the
// parts that count, so that a map of density ends where it ended.
import { intersect, isEmpty, type Rect } from '#units/rect.ts';
import { type AnalysedArea, isWhole } from '../analysed-area.ts';

/** Rows of five numbers, level-0 px. */
export interface KeptArea {
  readonly pieces: readonly (readonly number[])[]; // x, y, width, height, px² of it that count
  readonly parts: readonly (readonly number[])[]; //  which piece, x, y, width, height; of none: the piece counts evenly
}

export function keptArea({ pieces }: AnalysedArea): KeptArea {
  return {
    pieces: pieces.map(({ rect: { x, y, width, height }, areaPx }) => [x, y, width, height, areaPx]),
    parts: pieces.flatMap((of, piece) =>
      (isWhole(of) ? [] : of.partsIn(of.rect)).map(({ x, y, width, height }) => [piece, x, y, width, height]),
    ),
  };
}

export function showArea(area: AnalysedArea, { pieces, parts }: KeptArea): void {
  const of = new Map<number, Rect[]>();
  for (const [piece = 0, x = 0, y = 0, width = 0, height = 0] of parts) {
    const part = { x, y, width, height };
    const there = of.get(piece);
    if (there) there.push(part);
    else of.set(piece, [part]);
  }
  for (const [k, [x = 0, y = 0, width = 0, height = 0, areaPx = 0]] of pieces.entries())
    addParts(area, { x, y, width, height }, areaPx, of.get(k) ?? []);
}

/** As if what counts of a rectangle lay evenly in parts of it, or in all of it where there are none. @param parts disjoint */
function addParts(area: AnalysedArea, rect: Rect, areaPx: number, parts: readonly Rect[]): void {
  const within = (part: Rect): Rect[] => parts.map((one) => intersect(one, part)).filter((one) => !isEmpty(one));
  const pxIn = (part: Rect): number => within(part).reduce((sum, { width, height }) => sum + width * height, 0);
  const all = pxIn(rect);
  if (all === 0) area.addEvenly(rect, areaPx);
  else area.add(rect, (part) => (areaPx / all) * pxIn(part), within);
}

// Annotations are a few areas that people draw, or a program's cells, by the hundred thousand. Where there are many that are as
// small as cells, those are drawn as nuclei are, and the others one by one as ever. Loaded once there is a lot to paint. Pure.
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { unmarked } from '#objects/marked-rows.ts';
import type { MppXY } from '#units/units.ts';
import type { ObjectSource, Part } from '../viewer-api.ts';
import { MANY_SMALL, smallPx } from './parts.ts';

type Sources = ReadonlyMap<Part, ObjectSource>;

/** Rows keep their numbers: a part has those of its kind, and leaves out the others. */
export class SmallAnnotations {
  #of: { readonly source: ObjectSource; readonly version: number; readonly mostPx: number } | undefined;
  #parts: { readonly cells: ObjectSource; readonly others: ObjectSource | undefined } | undefined;

  /** The same sources, of annotations those of either size where there are many small ones. */
  apart(objects: ReadonlyMap<ObjectKind, ObjectSource>, mpp: MppXY | undefined): Sources {
    const source = objects.get('annotations');
    if (!source || source.columns.count < MANY_SMALL) {
      this.#of = this.#parts = undefined;
      return objects;
    }
    const { version } = source;
    const mostPx = smallPx(mpp);
    if (this.#of?.source !== source || this.#of.version !== version || this.#of.mostPx !== mostPx) {
      this.#of = { source, version, mostPx };
      this.#parts = apart(source, mostPx);
    }
    if (!this.#parts) return objects;
    const { cells, others } = this.#parts;
    const sources = new Map<Part, ObjectSource>(objects).set('cells', cells);
    if (others) sources.set('annotations', others);
    else sources.delete('annotations');
    return sources;
  }
}

/** Undefined where few are small. @param mostPx the longest side of theirs, level-0 px */
function apart(source: ObjectSource, mostPx: number) {
  const { columns, version, isGone } = source;
  const { count, centroid } = columns;
  const isOther = new Uint8Array(count); // than the small ones: removed, or larger
  const larger: number[] = [];
  let small = 0;
  for (let row = 0; row < count; row++) {
    const isRemoved = isGone?.[row] === 1;
    if (!isRemoved && source.longest(row) <= mostPx) small++;
    else isOther[row] = 1;
    if (!isRemoved && isOther[row] === 1) larger.push(row);
  }
  if (small < MANY_SMALL) return undefined;
  const longest = (row: number): number => source.longest(row);
  const cells: ObjectSource = {
    ...{ version, longest, isGone: isOther },
    columns: { ...columns, areaPx: drawnAreas(columns, isOther) },
    query: (rect) => unmarked(source.query(rect), isOther),
  };
  if (larger.length === 0) return { cells, others: undefined };
  const rows = Uint32Array.from(larger);
  const reach = Float32Array.from(larger, (row) => source.longest(row) + 1); // a box holds its centroid; 1: for rounding
  const others: ObjectSource = {
    ...{ columns, version, longest, isGone, count: larger.length },
    // not asked of all: where the whole slide is in view, that would go through every cell
    query: ({ x, y, width, height }) =>
      rows.filter((row, k) => {
        const [cx, cy, far] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0, reach[k] ?? 0];
        return cx + far >= x && cx - far <= x + width && cy + far >= y && cy - far <= y + height;
      }),
  };
  return { cells, others };
}

/** A point has no area, yet its mark has one, which its disc is to have, too. @returns [n] level-0 px² */
function drawnAreas(columns: ObjectColumns, isOther: Uint8Array): Float32Array<ArrayBuffer> {
  const { count, areaPx, ring, ringStart, ringUnit } = columns;
  let areas = areaPx;
  for (let row = 0; row < count; row++) {
    if (isOther[row] === 1 || areaPx[row] !== 0) continue;
    if (areas === areaPx) areas = areaPx.slice();
    let twice = 0;
    const [first, end] = [ringStart[row] ?? 0, ringStart[row + 1] ?? 0];
    for (let v = first, before = end - 1; v < end; before = v++)
      twice += (ring[2 * before] ?? 0) * (ring[2 * v + 1] ?? 0) - (ring[2 * v] ?? 0) * (ring[2 * before + 1] ?? 0);
    areas[row] = (Math.abs(twice) / 2) * ringUnit ** 2;
  }
  return areas;
}

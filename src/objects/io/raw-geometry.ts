// A geometry of a GeoJSON file as it stands there: read from bytes, nothing judged yet.
import type { JsonCursor } from './json-bytes.ts';

/** Positions of a geometry in one array; what holds them together by where each part ends. */
export interface RawGeometry {
  readonly type: string;
  readonly points: Float64Array; //        x, y pairs as in the file; only up to MOST_VERTICES
  readonly vertices: number; //            as many as the file has
  readonly depth: number; //               lists around a position: 0 a point, 1 a line, 2 a polygon, 3 several
  readonly rings: readonly number[]; //    where each list of positions ends, in positions
  readonly polygons: readonly number[]; // where each list of those ends, in positions
  readonly isEllipse: boolean; //          QuPath's mark
  readonly isElsewhere: boolean; //        in another plane than the first of QuPath's stack
  readonly parts: readonly RawGeometry[]; // of a collection
}

export const MOST_VERTICES = 200_000; // of a feature

const DEEPEST = 8; // collections within collections

/** The geometry at the cursor; undefined for anything else. @throws as readFeature */
export function geometryOf(from: JsonCursor, within = 0): RawGeometry | undefined {
  if (within > DEEPEST) throw from.broken('collections of geometries are nested too deeply');
  if (!from.isObject) {
    from.skip();
    return undefined;
  }
  let type = '';
  let [isEllipse, isElsewhere] = [false, false];
  let coordinates: Coordinates | undefined;
  const parts: RawGeometry[] = [];
  from.object((key) => {
    if (key === 'type' && from.isText) type = from.text() ?? '';
    else if (key === 'coordinates' && from.isList) {
      coordinates = new Coordinates();
      coordinates.read(from);
    } else if (key === 'geometries' && from.isList) {
      from.list(() => {
        const part = geometryOf(from, within + 1);
        if (part) parts.push(part);
      });
    } else if (key === 'isEllipse') isEllipse = from.flag() ?? false;
    else if (key === 'plane' && from.isObject) isElsewhere = isOtherPlane(from);
    else from.skip();
  });
  const { points, vertices, depth, rings, polygons } = coordinates ?? new Coordinates();
  return { type, points, vertices, depth, rings, polygons, isEllipse, isElsewhere, parts };
}

function isOtherPlane(from: JsonCursor): boolean {
  let isFirst = true;
  from.object((key) => {
    if ((key === 'z' || key === 't') && from.isNumber) isFirst = from.number() === 0 && isFirst;
    else from.skip();
  });
  return !isFirst;
}

const scratch = new Float64Array(2 * MOST_VERTICES); // of one geometry at a time, copied once it is whole
const NOTHING = new Float64Array(0);
const FEW = 256; //             numbers of a geometry that shares its memory with others
const SHARED = 256 * FEW; //    numbers: each array of its own is memory that the browser finds and frees, a million times
let shared = new Float64Array(SHARED);
let used = 0;

/** The first numbers of the scratch. */
function copied(numbers: number): Float64Array {
  if (numbers > FEW) return scratch.slice(0, numbers);
  if (used + numbers > SHARED) [shared, used] = [new Float64Array(SHARED), 0];
  const from = used;
  used += numbers;
  for (let k = 0; k < numbers; k++) shared[from + k] = scratch[k] ?? 0;
  return shared.subarray(from, used);
}

/** Lists of lists of positions, flat. */
class Coordinates {
  points: Float64Array = NOTHING;
  vertices = 0;
  depth = -1;
  readonly rings: number[] = [];
  readonly polygons: number[] = [];

  read(from: JsonCursor): void {
    this.depth = this.#list(from, 0);
    this.points = copied(2 * Math.min(this.vertices, MOST_VERTICES));
  }

  /** @returns how many lists lie between this one and a position: 0 for a position; -1 for an empty list */
  #list(from: JsonCursor, depth: number): number {
    if (depth > 8) throw from.broken('coordinates are nested too deeply');
    if (!from.beginList()) return -1;
    if (!from.isList) return this.#position(from);
    let height = -1;
    do {
      if (!from.isList) throw from.broken('a list of coordinates was expected');
      if (height <= 1) {
        const plain = from.positions(scratch, 2 * this.vertices, MOST_VERTICES - this.vertices);
        this.vertices += plain;
        if (plain > 0) {
          height = 1;
          continue;
        }
      }
      const inner = this.#list(from, depth + 1);
      if (inner >= 0 && height >= 0 && inner + 1 !== height) throw from.broken('coordinates are nested unevenly');
      if (inner >= 0) height = inner + 1;
    } while (!from.endsList());
    if (height === 1) this.rings.push(this.vertices);
    if (height === 2) this.polygons.push(this.vertices);
    return height;
  }

  /** x and y; a third number is height, which slides have not. */
  #position(from: JsonCursor): number {
    let k = 0;
    let x = Number.NaN;
    let y = Number.NaN;
    do {
      const value = from.isNumber ? from.number() : nothing(from);
      if (k === 0) x = value;
      else if (k === 1) y = value;
      k++;
    } while (!from.endsList());
    if (this.vertices < MOST_VERTICES) {
      scratch[2 * this.vertices] = x;
      scratch[2 * this.vertices + 1] = y;
    }
    this.vertices++;
    return 0;
  }
}

function nothing(from: JsonCursor): number {
  from.skip();
  return Number.NaN;
}

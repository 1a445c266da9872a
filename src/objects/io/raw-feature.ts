// One feature of a GeoJSON file as it stands there: read from bytes, nothing judged yet.
import type { JsonCursor } from './json-bytes.ts';

/** Positions of a geometry in one array; what holds them together by where each part ends. */
export interface RawGeometry {
  readonly type: string;
  readonly points: Float64Array; //        x, y pairs as in the file; only up to MOST_VERTICES
  readonly vertices: number; //            as many as the file has
  readonly depth: number; //               lists around a position: 0 a point, 1 a line, 2 a polygon, 3 several
  readonly rings: readonly number[]; //    where each list of positions ends, in positions
  readonly polygons: readonly number[]; // where each list of those ends, in positions
}

export interface RawFeature {
  readonly isFeature: boolean;
  readonly geometry: RawGeometry | undefined;
  readonly nucleus: RawGeometry | undefined; // a QuPath cell's
  readonly objectType: string | undefined;
  readonly name: string | undefined;
  readonly className: string | undefined;
  readonly color: string | undefined; //         '#rrggbb'
  readonly isLocked: boolean;
  readonly measured: readonly (readonly [name: string, value: number])[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly exact: readonly number[] | undefined; // Eosin's own: centroid x and y, area, probability
  readonly tooLong: string | undefined; //       what of it is longer than anybody names a thing
}

type Growing = { -readonly [K in keyof RawFeature]: RawFeature[K] };

export const MOST_VERTICES = 200_000; // of a feature
const MOST_MEASURED = 2000; //          of a feature
const MOST_METADATA = 200;

/** The object at the cursor. @throws JsonBroken; MORE where its end is not there yet */
export function readFeature(from: JsonCursor): RawFeature {
  const feature: Growing = {
    isFeature: false,
    geometry: undefined,
    nucleus: undefined,
    objectType: undefined,
    name: undefined,
    className: undefined,
    color: undefined,
    isLocked: false,
    measured: [],
    metadata: [],
    exact: undefined,
    tooLong: undefined,
  };
  from.object((key) => {
    if (key === 'type') feature.isFeature = textOf(from, feature, 'type') === 'Feature';
    else if (key === 'geometry') feature.geometry = geometryOf(from);
    else if (key === 'nucleusGeometry') feature.nucleus = geometryOf(from);
    else if (key === 'properties') propertiesOf(from, feature);
    else if (key === 'eosin') feature.exact = numbersOf(from);
    else from.skip();
  });
  return feature;
}

function propertiesOf(from: JsonCursor, feature: Growing): void {
  if (!from.isObject) {
    from.skip();
    return;
  }
  from.object((key) => {
    if (key === 'objectType' || key === 'object_type') feature.objectType = textOf(from, feature, 'type');
    else if (key === 'name') feature.name = textOf(from, feature, 'name');
    else if (key === 'classification') classificationOf(from, feature);
    else if (key === 'color') feature.color ??= colourOf(from);
    else if (key === 'isLocked' || key === 'locked') feature.isLocked = from.flag() ?? false;
    else if (key === 'measurements') feature.measured = measurementsOf(from);
    else if (key === 'metadata') feature.metadata = metadataOf(from);
    else if (key === 'nucleusGeometry') feature.nucleus = geometryOf(from);
    else from.skip();
  });
}

/** { name or names, color }, or a name alone. */
function classificationOf(from: JsonCursor, feature: Growing): void {
  if (from.isText) {
    feature.className = textOf(from, feature, 'class');
    return;
  }
  if (!from.isObject) {
    from.skip();
    return;
  }
  from.object((key) => {
    if (key === 'name') feature.className = textOf(from, feature, 'class');
    else if (key === 'names' && from.isList) {
      const names: string[] = [];
      from.list(() => names.push(textOf(from, feature, 'class') ?? ''));
      feature.className = names.join(': '); // as QuPath shows a derived class
    } else if (key === 'color' || key === 'colorRGB') feature.color = colourOf(from);
    else from.skip();
  });
}

function textOf(from: JsonCursor, feature: Growing, what: string): string | undefined {
  if (!from.isText) {
    from.skip();
    return undefined;
  }
  const text = from.text();
  if (text === undefined) feature.tooLong = what;
  return text;
}

/** [r, g, b], or QuPath's older number. */
function colourOf(from: JsonCursor): string | undefined {
  if (from.isNumber) return hexOf(from.number() & 0xffffff);
  const numbers = from.isList ? numbersOf(from) : undefined;
  if (!numbers) {
    from.skip();
    return undefined;
  }
  const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = numbers;
  return [r, g, b].every((part) => part >= 0 && part <= 255) ? hexOf((r << 16) | (g << 8) | b) : undefined;
}

const hexOf = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;

/** A list of numbers; undefined for anything else. */
function numbersOf(from: JsonCursor): number[] | undefined {
  if (!from.isList) {
    from.skip();
    return undefined;
  }
  const numbers: number[] = [];
  let others = 0;
  from.list(() => {
    if (from.isNumber) numbers.push(from.number());
    else {
      others++;
      from.skip();
    }
  });
  return others === 0 ? numbers : undefined;
}

/** QuPath's object, or its older list of { name, value }. */
function measurementsOf(from: JsonCursor): (readonly [string, number])[] {
  const measured: (readonly [string, number])[] = [];
  const add = (name: string | undefined, value: number | undefined): void => {
    if (name !== undefined && value !== undefined && measured.length < MOST_MEASURED) measured.push([name, value]);
  };
  if (from.isObject) from.object((name) => add(name, measurementOf(from)));
  else if (from.isList) {
    from.list(() => {
      if (!from.isObject) return from.skip();
      let [name, value]: [string | undefined, number | undefined] = [undefined, undefined];
      from.object((key) => {
        if (key === 'name' && from.isText) name = from.text();
        else if (key === 'value') value = measurementOf(from);
        else from.skip();
      });
      add(name, value);
    });
  } else from.skip();
  return measured;
}

/** A number, also where it is written as a text: "NaN". */
function measurementOf(from: JsonCursor): number | undefined {
  if (from.isNumber) return from.number();
  if (!from.isText) {
    from.skip();
    return undefined;
  }
  const text = from.text();
  return text === 'NaN'
    ? Number.NaN
    : text === undefined || text.trim() === ''
      ? undefined
      : (numberIn(text) ?? undefined);
}

const numberIn = (text: string): number | undefined => {
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
};

function metadataOf(from: JsonCursor): (readonly [string, string])[] {
  const metadata: (readonly [string, string])[] = [];
  if (!from.isObject) from.skip();
  else
    from.object((key) => {
      if (!from.isText) return from.skip();
      const value = from.text();
      if (value !== undefined && metadata.length < MOST_METADATA) metadata.push([key, value]);
    });
  return metadata;
}

function geometryOf(from: JsonCursor): RawGeometry | undefined {
  if (!from.isObject) {
    from.skip();
    return undefined;
  }
  let type = '';
  let coordinates: Coordinates | undefined;
  from.object((key) => {
    if (key === 'type' && from.isText) type = from.text() ?? '';
    else if (key === 'coordinates' && from.isList) {
      coordinates = new Coordinates();
      coordinates.read(from);
    } else from.skip();
  });
  const { points, vertices, depth, rings, polygons } = coordinates ?? new Coordinates();
  return { type, points: points.subarray(0, 2 * Math.min(vertices, MOST_VERTICES)), vertices, depth, rings, polygons };
}

const scratch = new Float64Array(2 * MOST_VERTICES); // of one geometry at a time, copied once it is whole

/** Lists of lists of positions, flat. */
class Coordinates {
  points = new Float64Array(0);
  vertices = 0;
  depth = -1;
  readonly rings: number[] = [];
  readonly polygons: number[] = [];

  read(from: JsonCursor): void {
    this.depth = this.#list(from, 0);
    this.points = scratch.slice(0, 2 * Math.min(this.vertices, MOST_VERTICES));
  }

  /** @returns how many lists lie between this one and a position: 0 for a position; -1 for an empty list */
  #list(from: JsonCursor, depth: number): number {
    if (depth > 8) throw from.broken('coordinates are nested too deeply');
    if (!from.beginList()) return -1;
    if (!from.isList) return this.#position(from);
    let height = -1;
    do {
      if (!from.isList) throw from.broken('a list of coordinates was expected');
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

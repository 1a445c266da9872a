// One feature of a GeoJSON file as it stands there: read from bytes, nothing judged yet.
import type { JsonCursor } from './json-bytes.ts';
import { geometryOf, type RawGeometry } from './raw-geometry.ts';

/** What a feature holds that has no place here: told once a file, with the first feature that has it. */
export type LeftOut =
  | 'encoding'
  | 'plane'
  | 'ellipse'
  | 'measurements'
  | 'metadata'
  | 'missing'
  | 'property'
  | 'nucleus'
  | 'type'
  | 'badColour';

export interface RawFeature {
  readonly said: string | undefined; //          what the file calls it: a Feature, or something else
  readonly type: QuPathType | undefined; //      where it says it
  readonly geometry: RawGeometry | undefined;
  readonly nucleus: RawGeometry | undefined; // a QuPath cell's
  readonly name: string | undefined;
  readonly className: string | undefined;
  readonly color: string | undefined; //         '#rrggbb', its class's
  readonly ownColor: string | undefined; //      of this object alone
  readonly isLocked: boolean;
  readonly measured: readonly (readonly [name: string, value: number])[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly exact: readonly number[] | undefined; // Eosin's own: centroid x and y, area, probability
  readonly tooLong: string | undefined; //       what of it is longer than anybody names a thing
  readonly leftOut: ReadonlySet<LeftOut> | undefined;
  readonly children: readonly RawFeature[]; //   QuPath's objects within it
}

/** A root is QuPath's hierarchy itself: it holds all others and is nowhere. */
export type QuPathType = 'annotation' | 'detection' | 'cell' | 'tile' | 'core' | 'root';

type Growing = { -readonly [K in keyof Omit<RawFeature, 'leftOut'>]: RawFeature[K] } & {
  leftOut: Set<LeftOut> | undefined;
};

const MOST_MEASURED = 2000; //          of a feature
const MOST_METADATA = 200;
/** From 0.4 on, from 0.3 on, and in 0.2, where it stood in the id. */
const TYPES: ReadonlyMap<string, QuPathType> = new Map([
  ...(['annotation', 'detection', 'cell', 'tile', 'root'] as const).map((type) => [type, type] as const),
  ...['tmaCore', 'tma_core', 'TMACoreObject'].map((type) => [type, 'core'] as const),
  ['PathAnnotationObject', 'annotation'],
  ['PathDetectionObject', 'detection'],
  ['PathCellObject', 'cell'],
  ['PathTileObject', 'tile'],
  ['PathRootObject', 'root'],
]);
const LONGEST_TYPE = Math.max(...Array.from(TYPES.keys(), ({ length }) => length)); // a UUID is none: not even made a text
const TYPE_KEYS = new Set(['objectType', 'object_type', 'type']); // the last as an alias
const DEEPEST_CHILDREN = 16; //         QuPath's objects within objects

/** The object at the cursor. @throws JsonBroken; MORE where its end is not there yet */
export function readFeature(from: JsonCursor, depth = 0): RawFeature {
  if (depth > DEEPEST_CHILDREN) throw from.broken('there are too many objects within objects');
  const feature: Growing = {
    said: undefined,
    type: undefined,
    geometry: undefined,
    nucleus: undefined,
    name: undefined,
    className: undefined,
    color: undefined,
    ownColor: undefined,
    isLocked: false,
    measured: [],
    metadata: [],
    exact: undefined,
    tooLong: undefined,
    leftOut: undefined,
    children: [],
  };
  const before = from.foreign;
  from.object((key) => {
    if (key === 'type') feature.said = textOf(from, feature, 'type');
    else if (key === 'id' && from.isText) feature.type ??= TYPES.get(from.text(LONGEST_TYPE) ?? '');
    else if (key === 'geometry') feature.geometry = geometryIn(from, feature);
    else if (key === 'nucleusGeometry') feature.nucleus = geometryIn(from, feature);
    else if (key === 'properties') propertiesOf(from, feature, depth);
    else if (key === 'features' && from.isList)
      feature.children = childrenOf(from, depth); // a collection in another
    else if (key === 'eosin') feature.exact = numbersOf(from);
    else from.skip();
  });
  if (from.foreign > before) leaveOut(feature, 'encoding');
  return feature;
}

function leaveOut(feature: Growing, what: LeftOut): void {
  feature.leftOut ??= new Set();
  feature.leftOut.add(what);
}

function geometryIn(from: JsonCursor, feature: Growing): RawGeometry | undefined {
  const geometry = geometryOf(from);
  if (geometry?.isEllipse) leaveOut(feature, 'ellipse');
  if (geometry?.isElsewhere) leaveOut(feature, 'plane');
  return geometry;
}

function propertiesOf(from: JsonCursor, feature: Growing, depth: number): void {
  if (!from.isObject) {
    from.skip();
    return;
  }
  from.object((key) => {
    if (key === 'name') feature.name = textOf(from, feature, 'name');
    else if (key === 'classification') classificationOf(from, feature);
    else if (key === 'color') feature.ownColor = colourOf(from, feature);
    else if (key === 'isLocked' || key === 'locked') feature.isLocked = isTrue(from);
    else if (key === 'measurements') feature.measured = measurementsOf(from, feature);
    else if (key === 'metadata') feature.metadata = metadataOf(from, feature);
    else if (key === 'nucleusGeometry') feature.nucleus = geometryIn(from, feature);
    else if ((key === 'childObjects' || key === 'children') && from.isList) feature.children = childrenOf(from, depth);
    else if (key === 'isMissing') {
      if (isTrue(from)) leaveOut(feature, 'missing');
    } else if (TYPE_KEYS.has(key) && from.isText) {
      const type = TYPES.get(from.text() ?? '');
      if (type) feature.type = type;
      else if (key === 'type') leaveOut(feature, 'property'); // of another program's
    } else {
      if (key !== 'id') leaveOut(feature, 'property'); // geopandas moves it there, and ids are not kept
      from.skip();
    }
  });
}

function childrenOf(from: JsonCursor, depth: number): RawFeature[] {
  const children: RawFeature[] = [];
  from.list(() => children.push(readFeature(from, depth + 1)));
  return children;
}

/** { name or names, color }, or a name alone; before QuPath 0.4 of a derived class { name, parentClass }. */
function classificationOf(from: JsonCursor, feature: Growing): void {
  if (!from.isObject) {
    feature.className = textOf(from, feature, 'class');
    return;
  }
  let parent: string | undefined;
  from.object((key) => {
    if (key === 'name') feature.className = textOf(from, feature, 'class');
    else if (key === 'parentClass' && from.isObject) {
      const of: Growing = { ...feature, className: undefined };
      classificationOf(from, of);
      parent = of.className;
      feature.tooLong = of.tooLong;
      feature.leftOut = of.leftOut;
    } else if (key === 'names' && from.isList) {
      const names: string[] = [];
      from.list(() => names.push(textOf(from, feature, 'class') ?? ''));
      feature.className = names.join(': '); // as QuPath shows a derived class
    } else if (key === 'color' || key === 'colorRGB') feature.color = colourOf(from, feature);
    else from.skip();
  });
  if (parent !== undefined && feature.className !== undefined) feature.className = `${parent}: ${feature.className}`;
}

/** A flag, also where it is written as a text. */
const isTrue = (from: JsonCursor): boolean => (from.isText ? from.text() === 'true' : (from.flag() ?? false));

/** A text, or a number as one: other programs count their classes. What is neither is left out. */
function textOf(from: JsonCursor, feature: Growing, what: string): string | undefined {
  if (from.isNumber) return String(from.number());
  if (!from.isText) {
    if (!from.isNull) leaveOut(feature, 'property');
    from.skip();
    return undefined;
  }
  const text = from.text();
  if (text === undefined) feature.tooLong = what;
  return text;
}

/** [r, g, b], QuPath's older number, or as web pages write one; null is none. */
function colourOf(from: JsonCursor, feature: Growing): string | undefined {
  if (from.isNull) {
    from.skip();
    return undefined;
  }
  const colour = from.isNumber
    ? hexOf(from.number() & 0xffffff)
    : from.isText
      ? colourIn(from.text()?.trim() ?? '')
      : colourOfParts(numbersOf(from) ?? []);
  if (colour === undefined) leaveOut(feature, 'badColour');
  return colour;
}

function colourOfParts([r = Number.NaN, g = Number.NaN, b = Number.NaN]: readonly number[]): string | undefined {
  return [r, g, b].every((part) => part >= 0 && part <= 255) ? hexOf((r << 16) | (g << 8) | b) : undefined;
}

/** '#rrggbb', '#rgb', or QuPath's number as a text. */
function colourIn(text: string): string | undefined {
  if (/^#[0-9a-f]{6}$/i.test(text)) return text.toLowerCase();
  const [, r, g, b] = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text.toLowerCase()) ?? [];
  if (r && g && b) return `#${r}${r}${g}${g}${b}${b}`;
  return /^-?\d{1,10}$/.test(text) ? hexOf(Number(text) & 0xffffff) : undefined;
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
function measurementsOf(from: JsonCursor, feature: Growing): (readonly [string, number])[] {
  const measured: (readonly [string, number])[] = [];
  const add = (name: string | undefined, value: number | undefined): void => {
    if (name !== undefined && value !== undefined && measured.length < MOST_MEASURED) measured.push([name, value]);
    else leaveOut(feature, 'measurements');
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

/** A number, also where it is written as a text: "NaN"; null is one that is not known. */
function measurementOf(from: JsonCursor): number | undefined {
  if (from.isNumber || from.isNull) return from.number();
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

/** Texts; numbers and flags become some. */
function metadataOf(from: JsonCursor, feature: Growing): (readonly [string, string])[] {
  const metadata: (readonly [string, string])[] = [];
  if (!from.isObject) from.skip();
  else
    from.object((key) => {
      const value = from.isText ? from.text() : from.isNumber ? String(from.number()) : from.flag()?.toString();
      if (value !== undefined && metadata.length < MOST_METADATA) metadata.push([key, value]);
      else leaveOut(feature, 'metadata');
    });
  return metadata;
}

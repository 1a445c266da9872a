// GeoJSON as QuPath's own writers put it down (its PathObject, PathClass and ROI type adapters, read 2026-11-26), by version:
// before 0.4 measurements are a list, classes carry a packed colour and a parent, and every object says whether it is locked; 0.2
// tells what an object is by its id, 0.3 by "object_type" and has no ids; afterwards measurements are an object, classes a name or
// names with a list for the colour, and ids are UUIDs. Numbers in brackets have a space behind the comma.

export type QuPathVersion = '0.2' | '0.3' | '0.4' | '0.6';

export interface QuPathObject {
  readonly type: 'annotation' | 'detection' | 'cell' | 'tile' | 'tmaCore';
  readonly geometry: string; //          what stands between the braces
  readonly nucleus?: string | undefined;
  readonly name?: string;
  readonly color?: readonly [number, number, number];
  readonly classes?: readonly string[]; // a derived class has several
  readonly classColor?: readonly [number, number, number];
  readonly isLocked?: boolean;
  readonly isMissing?: boolean;
  readonly measurements?: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly children?: readonly QuPathObject[];
}

type Points = readonly (readonly [number, number])[];

const position = ([x, y]: readonly [number, number]): string => `[${x}, ${y}]`;
const positions = (points: Points): string => `[${points.map(position).join(',')}]`;

export const geometry = {
  polygon: (...rings: readonly Points[]) => `"type":"Polygon","coordinates":[${rings.map(positions).join(',')}]`,
  multiPolygon: (...polygons: readonly (readonly Points[])[]) =>
    `"type":"MultiPolygon","coordinates":[${polygons.map((rings) => `[${rings.map(positions).join(',')}]`).join(',')}]`,
  line: (points: Points) => `"type":"LineString","coordinates":${positions(points)}`,
  point: (at: readonly [number, number]) => `"type":"Point","coordinates":${position(at)}`,
  points: (points: Points) => `"type":"MultiPoint","coordinates":${positions(points)}`,
};

/** QuPath writes a plane where it is not the first of all. */
export const inPlane = (of: string, z: number, t: number): string => `${of},"plane":{"c":-1,"z":${z},"t":${t}}`;
export const ellipse = (of: string): string => `${of},"isEllipse":true`;

const packed = ([r, g, b]: readonly [number, number, number]): number => (255 << 24) | (r << 16) | (g << 8) | b;

function classification(
  names: readonly string[],
  color: readonly [number, number, number],
  version: QuPathVersion,
): string {
  if (!isOld(version)) {
    const [name] = names;
    const called = names.length === 1 ? `"name":${JSON.stringify(name)}` : `"names":${JSON.stringify(names)}`;
    return `{${called},"color":[${color.join(', ')}]}`;
  }
  const [last, ...before] = [...names].reverse();
  const parent = before.length > 0 ? `"parentClass":${classification(before.reverse(), color, version)},` : '';
  return `{${parent}"name":${JSON.stringify(last)},"colorRGB":${packed(color)}}`;
}

/** Java's numbers that are none stand bare. */
const measured = (of: Readonly<Record<string, number>>, version: QuPathVersion): string =>
  isOld(version)
    ? `[${Object.entries(of)
        .map(([name, value]) => `{"name":${JSON.stringify(name)},"value":${value}}`)
        .join(',')}]`
    : `{${Object.entries(of)
        .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
        .join(',')}}`;

const isOld = (version: QuPathVersion): boolean => version === '0.2' || version === '0.3';

const CLASS_OF: Readonly<Record<QuPathObject['type'], string>> = {
  annotation: 'PathAnnotationObject',
  detection: 'PathDetectionObject',
  cell: 'PathCellObject',
  tile: 'PathTileObject',
  tmaCore: 'TMACoreObject',
};

let ids = 0;

export function featureText(of: QuPathObject, version: QuPathVersion): string {
  const uuid = `${(++ids).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const { classes, classColor = [200, 0, 0], color, measurements, metadata, children } = of;
  const id = version === '0.2' ? CLASS_OF[of.type] : version === '0.3' ? undefined : uuid;
  const type = of.type === 'tmaCore' && version === '0.3' ? 'tma_core' : of.type;
  const properties = [
    ...(version === '0.2' ? [] : [`"${version === '0.3' ? 'object_type' : 'objectType'}":"${type}"`]),
    ...(of.name === undefined ? [] : [`"name":${JSON.stringify(of.name)}`]),
    ...(color ? [`"color":[${color.join(', ')}]`] : []),
    ...(classes ? [`"classification":${classification(classes, classColor, version)}`] : []),
    ...(of.isLocked || isOld(version) ? [`"isLocked":${of.isLocked === true}`] : []),
    ...(of.type === 'tmaCore' ? [`"isMissing":${of.isMissing === true}`] : []),
    ...(measurements ? [`"measurements":${measured(measurements, version)}`] : []),
    ...(children ? [`"childObjects":[${children.map((child) => featureText(child, version)).join(',')}]`] : []),
    ...(metadata ? [`"metadata":${JSON.stringify(metadata)}`] : []),
  ];
  return `{"type":"Feature",${id === undefined ? '' : `"id":"${id}",`}"geometry":{${of.geometry}},${
    of.nucleus === undefined ? '' : `"nucleusGeometry":{${of.nucleus}},`
  }"properties":{${properties.join(',')}}}`;
}

/** As QuPath's menu saves it: a collection; its scripts also write bare lists. */
export const collectionText = (objects: readonly QuPathObject[], version: QuPathVersion): string =>
  `{"type":"FeatureCollection","features":[${objects.map((of) => featureText(of, version)).join(',')}]}`;
export const listText = (objects: readonly QuPathObject[], version: QuPathVersion): string =>
  `[${objects.map((of) => featureText(of, version)).join(',')}]`;

// Labels as QuPath reads and writes them: labelled patches as squares, annotations as areas; the class in the classification.
import { isInRing } from '#analysis/polygons.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';

export interface LabelledBox {
  readonly name: string;
  readonly color: string; // #rrggbb
  readonly box: Rect; //     level-0 px
}

export function labelsAsGeoJSON(patches: readonly LabelledBox[]): string {
  const features = patches.map(({ name, color, box: { x, y, width, height } }) => ({
    type: 'Feature',
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [x, y],
          [x + width, y],
          [x + width, y + height],
          [x, y + height],
          [x, y],
        ],
      ],
    },
    properties: {
      objectType: 'annotation',
      classification: { name, color: [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) },
    },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}

/** A named area of an annotation file, level-0 px. */
export interface NamedArea {
  readonly name: string; //                       of its class
  readonly pieces: readonly (readonly Float64Array[])[]; // polygons: an outer ring, then holes; x, y pairs
}

const MOST_CHARACTERS = 256 * 2 ** 20;

/**
 * Polygons of a GeoJSON file that carry a class, as QuPath and this app write them.
 * @returns and how many features have neither
 * @throws EosinError BadInput where it is no GeoJSON
 */
export function areasOfGeoJSON(text: string): { readonly areas: NamedArea[]; readonly refused: number } {
  if (text.length > MOST_CHARACTERS) throw noGeoJSON(`it holds ${text.length} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw noGeoJSON('it is no JSON', cause);
  }
  const all = Array.isArray(value) ? value : fieldOf(value, 'features');
  const features: unknown[] = Array.isArray(all) ? all : fieldOf(value, 'type') === 'Feature' ? [value] : [];
  if (features.length === 0) throw noGeoJSON('it holds no features');
  const areas = features.flatMap((feature): NamedArea[] => {
    const properties = fieldOf(feature, 'properties');
    const name = fieldOf(fieldOf(properties, 'classification'), 'name') ?? fieldOf(properties, 'name');
    const pieces = piecesOf(fieldOf(feature, 'geometry'));
    return typeof name === 'string' && name.trim() !== '' && pieces.length > 0 ? [{ name: name.trim(), pieces }] : [];
  });
  return { areas, refused: features.length - areas.length };
}

export const isInArea = ({ pieces }: NamedArea, x: number, y: number): boolean =>
  pieces.some(([outer, ...holes]) => outer && isInRing(outer, x, y) && !holes.some((hole) => isInRing(hole, x, y)));

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

function piecesOf(geometry: unknown): Float64Array[][] {
  const [type, coordinates] = [fieldOf(geometry, 'type'), fieldOf(geometry, 'coordinates')];
  const polygons: unknown[] =
    type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' && Array.isArray(coordinates) ? coordinates : [];
  return polygons.flatMap((polygon) => {
    if (!Array.isArray(polygon)) return [];
    const rings = polygon.flatMap((ring: unknown): Float64Array[] => {
      if (!Array.isArray(ring)) return [];
      const numbers = ring.flatMap((point: unknown): number[] => {
        if (!Array.isArray(point)) return [];
        const [x, y]: unknown[] = point;
        return typeof x === 'number' && typeof y === 'number' ? [x, y] : [];
      });
      return numbers.length >= 6 && numbers.every(Number.isFinite) ? [Float64Array.from(numbers)] : [];
    });
    return rings.length > 0 ? [rings] : [];
  });
}

const noGeoJSON = (seen: string, cause?: unknown): EosinError => {
  const todo = 'Export annotations as GeoJSON: in QuPath, File, Export objects as GeoJSON.';
  return new EosinError({ tag: 'BadInput', what: 'The labels file', seen, todo }, { cause });
};

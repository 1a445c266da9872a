// Labels as QuPath reads and writes them: labelled patches as squares, objects as outlines, annotations as areas; the class in the classification.
import { isInRing } from '#analysis/polygons.ts';
import { polygonsOf, shapeOf } from '#objects/io/feature-shape.ts';
import { featuresOf } from '#objects/io/feature-stream.ts';
import { pulling } from '#objects/io/geojson-read.ts';
import type { RawFeature } from '#objects/io/raw-feature.ts';
import { MOST_VERTICES } from '#objects/io/raw-geometry.ts';
import { inUtf8 } from '#objects/io/text-bytes.ts';

export interface LabelledArea {
  readonly name: string;
  readonly color: string; //      #rrggbb
  readonly ring: Float64Array; // x, y pairs, level-0 px, not closed
}

export function labelsAsGeoJSON(areas: readonly LabelledArea[]): string {
  const features = areas.map(({ name, color, ring }) => ({
    type: 'Feature',
    geometry: {
      type: 'Polygon',
      coordinates: [
        Array.from({ length: ring.length / 2 + 1 }, (_, k) => [
          ...ring.subarray((2 * k) % ring.length, ((2 * k) % ring.length) + 2),
        ]),
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

/**
 * Polygons of a GeoJSON file that carry a class, as QuPath and this app write them.
 * @returns and how many features have neither
 * @throws EosinError BadInput where it is no GeoJSON
 */
export async function areasOfGeoJSON(file: Blob): Promise<{ readonly areas: NamedArea[]; readonly refused: number }> {
  const areas: NamedArea[] = [];
  let refused = 0;
  for await (const batch of featuresOf(inUtf8(await pulling(file)))) {
    for (const told of batch) {
      if ('frame' in told) continue; // no feature
      const area = 'feature' in told ? areaOf(told.feature) : undefined;
      if (area) areas.push(area);
      else refused++;
    }
  }
  return { areas, refused };
}

function areaOf({ geometry, className, name }: RawFeature): NamedArea | undefined {
  const called = (className ?? name ?? '').trim();
  const shape = geometry && geometry.vertices <= MOST_VERTICES ? shapeOf(geometry) : undefined;
  if (called === '' || shape === undefined || typeof shape === 'string' || shape.is !== 'polygons') return undefined;
  const pieces = polygonsOf(shape).map((rings) =>
    rings.filter((ring) => ring.length >= 6 && ring.every(Number.isFinite)),
  );
  return pieces.some((rings) => rings.length > 0) ? { name: called, pieces } : undefined;
}

export const isInArea = ({ pieces }: NamedArea, x: number, y: number): boolean =>
  pieces.some(([outer, ...holes]) => outer && isInRing(outer, x, y) && !holes.some((hole) => isInRing(hole, x, y)));

// Labelled patches as QuPath reads them: one square a patch, its class in the classification.
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

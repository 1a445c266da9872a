// Attended patches as a table or as areas, the most attended first: for people who look at them elsewhere.
import { type Attended, type LeftOut, mostAttended, pooled } from '#analysis/attention.ts';
import type { ModelClass } from '#inference/manifest.ts';
import { boxAt, type Rect } from '#units/rect.ts';

export interface AttendedBag {
  readonly attended: Attended;
  readonly boxes: Float32Array; // [rows × 4] x, y, width, height, level-0 px
  readonly classes: readonly ModelClass[];
  readonly leftOut: LeftOut;
}

export interface AttendedRow {
  readonly box: Rect;
  readonly attention: number; //                raw logit
  readonly weight: number; //                   of all that count, which sum to 1
  readonly probabilities: readonly number[]; // of the patch by itself, by class
}

/** Every patch that counts. */
export function attendedRows({ attended, boxes, leftOut }: AttendedBag): AttendedRow[] {
  const { attention, patch, classes } = attended;
  const { weights } = pooled(attended, leftOut);
  return mostAttended(attention, attention.length, 'most', leftOut).map((row) => {
    const logits = Array.from(patch.subarray(row * classes, (row + 1) * classes));
    const most = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - most));
    const sum = powers.reduce((total, power) => total + power, 0);
    return {
      box: boxAt(boxes, row),
      attention: attention[row] ?? 0,
      weight: weights[row] ?? 0,
      probabilities: powers.map((power) => power / sum),
    };
  });
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export function attendedCSV(bag: AttendedBag): string {
  const head = ['rank', 'x', 'y', 'width', 'height', 'attention', 'weight'];
  const names = bag.classes.map(({ name }) => quoted(`probability of ${name}`));
  const lines = attendedRows(bag).map(({ box: { x, y, width, height }, attention, weight, probabilities }, i) =>
    [i + 1, x, y, width, height, attention, weight, ...probabilities].join(','),
  );
  return [[...head, ...names].join(','), ...lines, ''].join('\r\n');
}

/** Squares in QuPath's dialect, with their numbers as measurements. */
export function attendedGeoJSON(bag: AttendedBag): string {
  const features = attendedRows(bag).map(({ box: { x, y, width, height }, attention, weight, probabilities }, i) => ({
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
      objectType: 'tile',
      name: `Attended ${i + 1}`,
      measurements: {
        'Attention rank': i + 1,
        Attention: attention,
        'Attention weight': weight,
        ...Object.fromEntries(bag.classes.map(({ name }, k) => [`Probability of ${name}`, probabilities[k] ?? 0])),
      },
    },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}

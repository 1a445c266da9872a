import { expect, test } from 'vitest';
import { attendedCSV, attendedGeoJSON, attendedRows } from './attended-table.ts';

const bag = {
  attended: {
    attention: Float32Array.of(0, 2, 1),
    patch: Float32Array.of(0, 0, 0, Math.log(3), 1, 1),
    classes: 2,
  },
  boxes: Float32Array.of(0, 0, 224, 224, 224, 0, 224, 224, 0, 224.5, 224, 224),
  classes: [
    { name: 'none', color: '#000000' },
    { name: 'tumour, "all"', color: '#ffffff' },
  ],
  leftOut: undefined,
};

test('the most attended first, with weights that sum to 1 and probabilities of their own', () => {
  const rows = attendedRows(bag);
  expect(rows.map(({ box }) => [box.x, box.y])).toEqual([
    [224, 0],
    [0, 224.5],
    [0, 0],
  ]);
  expect(rows.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 6);
  expect(rows[0]?.probabilities[1]).toBeCloseTo(0.75, 6);
  const rest = attendedRows({ ...bag, leftOut: Uint8Array.of(0, 1, 0) });
  expect(rest).toHaveLength(2);
  expect(rest.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 6);
});

test('as CSV and as GeoJSON the same numbers', () => {
  const [head, first, ...more] = attendedCSV(bag).split('\r\n');
  expect(head).toBe('rank,x,y,width,height,attention,weight,"probability of none","probability of tumour, ""all"""');
  expect(first?.split(',').slice(0, 6)).toEqual(['1', '224', '0', '224', '224', '2']);
  expect(more).toHaveLength(3); // two lines, and the end of the last
  const { features } = JSON.parse(attendedGeoJSON(bag));
  expect(features).toHaveLength(3);
  expect(features[0].geometry.coordinates[0][2]).toEqual([448, 224]);
  expect(features[0].properties.measurements['Probability of tumour, "all"']).toBeCloseTo(0.75, 6);
});

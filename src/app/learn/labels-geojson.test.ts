import { expect, test } from 'vitest';
import { areasOfGeoJSON, isInArea, labelsAsGeoJSON } from './labels-geojson.ts';

test('what is written is read again: a square a patch, with its class', () => {
  const box = { x: 100, y: 50, width: 20, height: 20 };
  const { areas, refused } = areasOfGeoJSON(labelsAsGeoJSON([{ name: 'Tumour', color: '#ff7a1a', box }]));
  expect(refused).toBe(0);
  const [area] = areas;
  expect(area?.name).toBe('Tumour');
  expect(area && [isInArea(area, 110, 60), isInArea(area, 121, 60)]).toEqual([true, false]);
});

test('polygons with holes and in several pieces; features without a class are counted', () => {
  const square = (x: number, y: number, side: number) => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];
  const feature = (geometry: object, name: string | undefined) => ({
    type: 'Feature',
    geometry,
    properties: name === undefined ? {} : { classification: { name } },
  });
  const text = JSON.stringify([
    feature(
      { type: 'MultiPolygon', coordinates: [[square(0, 0, 10), square(4, 4, 2)], [square(100, 0, 10)]] },
      'Stroma',
    ),
    feature({ type: 'Polygon', coordinates: [square(0, 0, 5)] }, undefined),
    feature({ type: 'Point', coordinates: [1, 2] }, 'Nucleus'),
  ]);
  const { areas, refused } = areasOfGeoJSON(text);
  expect([areas.length, refused]).toEqual([1, 2]);
  const inside = [
    [1, 1],
    [5, 5],
    [105, 5],
    [50, 5],
  ].map(([x = 0, y = 0]) => areas[0] && isInArea(areas[0], x, y));
  expect(inside).toEqual([true, false, true, false]);
});

test('what is no GeoJSON is a sentence', () => {
  expect(() => areasOfGeoJSON('<html>')).toThrow(/no JSON.*Export annotations as GeoJSON/);
  expect(() => areasOfGeoJSON('{"type":"FeatureCollection","features":[]}')).toThrow(/no features/);
  expect(areasOfGeoJSON('[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[["a"]]]}}]').refused).toBe(1);
});

import { expect, test } from 'vitest';
import { ringOf } from '#analysis/polygons.ts';
import { areasOfGeoJSON, isInArea, labelsAsGeoJSON } from './labels-geojson.ts';

const read = (text: string) => areasOfGeoJSON(new Blob([text]));

test('what is written is read again: a square a patch, with its class', async () => {
  const ring = ringOf({ x: 100, y: 50, width: 20, height: 20 });
  const { areas, refused } = await read(labelsAsGeoJSON([{ name: 'Tumour', color: '#ff7a1a', ring }]));
  expect(refused).toBe(0);
  const [area] = areas;
  expect(area?.name).toBe('Tumour');
  expect(area && [isInArea(area, 110, 60), isInArea(area, 121, 60)]).toEqual([true, false]);
});

test('polygons with holes and in several pieces; features without a class are counted', async () => {
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
  const { areas, refused } = await read(text);
  expect([areas.length, refused]).toEqual([1, 2]);
  const inside = [
    [1, 1],
    [5, 5],
    [105, 5],
    [50, 5],
  ].map(([x = 0, y = 0]) => areas[0] && isInArea(areas[0], x, y));
  expect(inside).toEqual([true, false, true, false]);
});

test('a collection that names the frame of its coordinates has no feature more for it', async () => {
  const geometry = '{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]}';
  const feature = `{"type":"Feature","properties":{"name":"Tumour"},"geometry":${geometry}}`;
  const crs = '{"type":"name","properties":{"name":"EPSG:3857"}}';
  const { areas, refused } = await read(`{"type":"FeatureCollection","crs":${crs},"features":[${feature}]}`);
  expect([areas.length, refused]).toEqual([1, 0]);
});

test('what is no GeoJSON is a sentence', async () => {
  await expect(read('<html>')).rejects.toThrow(/a web page, not GeoJSON.*Export it again/);
  await expect(read('areas')).rejects.toThrow(/no JSON.*Export it again/);
  await expect(read('{"type":"FeatureCollection","features":[]}')).rejects.toThrow(/no features/);
  const { refused } = await read('[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[["a"]]]}}]');
  expect(refused).toBe(1);
});

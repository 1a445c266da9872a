// Where a file holds more than can be taken or shown, that is told, with what becomes of the rest.
import { expect, test } from 'vitest';
import { fileWindow } from './testing/file-window.ts';

const calm = { signal: new AbortController().signal };

/** One nucleus with so many measurements. */
function measured(x: number, from: number, count: number): Blob {
  const measurements = Object.fromEntries(Array.from({ length: count }, (_, k) => [`Measure ${from + k}`, k]));
  const corners = [
    [x, 50],
    [x + 9, 50],
    [x + 9, 59],
    [x, 50],
  ];
  const geometry = { type: 'Polygon', coordinates: [corners] };
  const properties = { objectType: 'detection', name: 'Nucleus', measurements };
  return new Blob([JSON.stringify({ type: 'Feature', geometry, properties })]);
}

test('more measurements than are offered as measures, also of several files together: told, and GeoJSON has all', async () => {
  const { desk, found } = fileWindow();
  expect((await desk.importGeoJSON(measured(50, 0, 500), calm)).refused).toEqual([]);
  const { imported, refused } = await desk.importGeoJSON(measured(80, 500, 3), calm);
  expect(imported).toBe(1);
  expect(refused).toEqual([{ feature: 0, partly: true, why: expect.stringContaining('503 measurements of files') }]);
  expect(refused[0]?.why).toContain('those from Measure 500 on stay with their objects');
  expect(found.store('nuclei').columns.extras?.names).toHaveLength(503);
  const text = await (await desk.exportGeoJSON(['nuclei'], false, calm)).text();
  expect(text).toContain('"Measure 502":2');
});

// Objects without a run: exact ones, at once.
import { expect, type Page } from '@playwright/test';
import type { Rect } from './shapes.ts';

/** The truth of the sample takes the place of a run's objects; measures of them can be asked for. */
export async function bringTruth(page: Page, region: Rect): Promise<void> {
  await page.evaluate(async (region) => {
    const features = (['nuclei', 'glands'] as const).flatMap((kind) => {
      const table = window.eosin.truth(kind, region);
      return Array.from({ length: table.count }, (_, i) => {
        const [ring = new Float64Array()] = table.polygon(i);
        const corners = Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k], ring[2 * k + 1]]);
        const name = kind === 'nuclei' ? 'Nucleus' : 'Gland';
        const classification = { name: table.classes[table.classIndex[i] ?? 0]?.name };
        const geometry = { type: 'Polygon', coordinates: [[...corners, corners[0]]] };
        return { type: 'Feature', geometry, properties: { objectType: 'detection', name, classification } };
      });
    });
    return window.eosin.importGeoJSON(new Blob([JSON.stringify({ type: 'FeatureCollection', features })]));
  }, region);
  await expect(page.getByRole('slider', { name: /Histogram of Area/ })).toBeVisible(); // the code of measures has come
}

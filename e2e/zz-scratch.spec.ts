import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/project.mjs';
import { analyse, objectsIn } from './findings.ts';
import { boxOf } from './shapes.ts';
import { openEosin, test } from './site.ts';
const SIBLING = join(root, 'e2e/fixtures/models/cerberus-sibling');
const MANIFEST = JSON.parse(readFileSync(join(SIBLING, 'model.json'), 'utf8'));
test('scan', async ({ page, site }) => {
  await page.route('**/models/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.endsWith('/models/index.json')) return route.fulfill({ json: [MANIFEST.id] });
    return route.fulfill({ path: join(SIBLING, path.split('/').at(-1) ?? '') });
  });
  await openEosin(page, site, 'slide=phantom:5');
  const r = await analyse(page, { region: { x: 49_000, y: 39_000, width: 2000, height: 2000 }, device: 'wasm' });
  console.log(JSON.stringify({ ...r, progress: 0 }));
  const cells: Record<string, number> = {};
  for (const kind of ['nuclei', 'glands'] as const)
    for (const { ring } of await objectsIn(page, kind)) {
      const b = boxOf(ring);
      const k = `${kind} ${Math.floor(b.x / 128)},${Math.floor(b.y / 128)}`;
      cells[k] = (cells[k] ?? 0) + 1;
    }
  console.log(JSON.stringify(Object.entries(cells).sort((a, b) => b[1] - a[1]).slice(0, 30)));
});

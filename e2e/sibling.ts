// A network of a few thousand weights in the place of the shipped ones: a patch of it takes milliseconds, so that journeys
// with many patches end soon. What it finds is of no use beyond that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';

const FOLDER = join(root, 'e2e/fixtures/models/cerberus-sibling');
const MANIFEST: { readonly id: string; readonly name: string } = JSON.parse(
  readFileSync(join(FOLDER, 'model.json'), 'utf8'),
);

export const SIBLING = MANIFEST.id;

/** Side of its patches on a phantom, level-0 px: 64 px at 0.5 µm, on a slide of 0.25. They have no margin. */
export const SIBLING_CORE = 128;

/** Three of its patches on phantom:5, one below the other, with lymphocytes in all of them. */
export const SIBLING_REGION = {
  x: 391 * SIBLING_CORE,
  y: 314 * SIBLING_CORE,
  width: SIBLING_CORE,
  height: 3 * SIBLING_CORE,
};

/** The same network under another name. */
export const TWIN = { id: `${MANIFEST.id}-twin`, name: 'Twin' };

/** What its golden patch must give. */
export const siblingGolden = (): Buffer => readFileSync(join(FOLDER, 'golden.bin'));

/** @param twin whether it is offered too */
export async function offerSibling(page: Page, twin = false): Promise<void> {
  await page.route('**/models/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.endsWith('/models/index.json')) return route.fulfill({ json: twin ? [SIBLING, TWIN.id] : [SIBLING] });
    if (path.endsWith(`/${TWIN.id}/model.json`)) return route.fulfill({ json: { ...MANIFEST, ...TWIN } });
    return route.fulfill({ path: join(FOLDER, path.split('/').at(-1) ?? '') });
  });
}

// axe on a state of the page: no serious violation of WCAG 2.2 AA.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { root } from '../scripts/project.mjs';
import { expect } from './site.ts';

declare global {
  interface Window {
    readonly axe: { run(context: Document, options: object): Promise<AxeResults> };
  }
}

/** @param state as the report names it */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  await page.addScriptTag({ path: join(root, 'node_modules/axe-core/axe.min.js') });
  const violations = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const results = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 4).map(({ html }) => html.slice(0, 200)) }));
  });
  expect.soft(violations, state).toEqual([]);
}

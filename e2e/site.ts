// What every journey stands on: the built site on a server of its own, a slide host on another origin, and a page with
// Eosin open. A page that threw, or sent anything anywhere, fails its test.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Page, type TestInfo } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { type Hosting, type Seen, serve } from '../scripts/serve.mjs';

export { expect };
export const dist = process.env.EOSIN_DIST ?? join(root, 'dist'); // a build beside the usual one
const shared = join(root, '..', 'shared');

/** The path of a file of the shared folder. Where it is absent the test is skipped, by name; with CI=true that fails. */
export function sharedFile(info: TestInfo, name: string): string {
  const path = join(shared, name);
  info.skip(!existsSync(path), `../shared/${name} is not here`);
  return path;
}

/** The tag of a journey that holds times: `npm test` runs it with no other beside it. */
export const ALONE = '@alone';

export interface Host {
  readonly url: string;
  /** Every request since the start, oldest first. */
  readonly requests: readonly Seen[];
}

interface Journey {
  /** A page at the site's address, with nothing open yet. Use `openEosin` to go there. */
  readonly page: Page;
}
interface Hosts {
  readonly site: Host;
  /** ../shared/slides on another origin, with CORS and byte ranges. */
  readonly slideHost: Host;
}

export async function hosting(options: Hosting): Promise<Host & { close(): Promise<void> }> {
  const requests: Seen[] = [];
  const { url, close } = await serve({ ...options, onRequest: (seen) => requests.push(seen) });
  return { url, requests, close };
}

export const test = base.extend<Journey, Hosts>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const host = await hosting({ root: dist, isolation: true });
      await use(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  slideHost: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const host = await hosting({ root: join(shared, 'slides'), cors: true });
      await use(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  page: async ({ page }, use) => {
    const thrown: string[] = [];
    const sent: string[] = [];
    page.on('pageerror', (error) => thrown.push(error.stack ?? error.message));
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      const leaves = protocol.startsWith('http') && hostname !== '127.0.0.1';
      if (leaves || !['GET', 'HEAD', 'OPTIONS'].includes(request.method()))
        sent.push(`${request.method()} ${request.url()}`);
    });
    await use(page);
    expect(thrown, 'errors that nothing caught').toEqual([]);
    expect(sent, 'requests that leave this machine, or carry data').toEqual([]);
  },
});

/** Opens the site and waits until its first slide and its models are there. `query` without the question mark. */
export async function openEosin(page: Page, site: Pick<Host, 'url'>, query = 'slide=phantom:1'): Promise<void> {
  const address = new URL(site.url);
  address.search = query;
  address.searchParams.set('drawer', 'canvas'); // software WebGL is slow; one test uses it all the same
  await page.goto(address.href);
  await page.waitForFunction(() => window.eosin?.slide() !== undefined && window.eosin.models().length > 0);
}

export const bytesOf = (path: string): Buffer => readFileSync(path);

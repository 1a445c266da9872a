// The models at hand, those that ship with the page and those that were added here: their manifests are small and read at
// the start, the networks when first used.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';
import type { Stores } from './stores.ts';

const SHELF = 'models/';
const OWN_SHELF = 'own-models/'; // addresses that only this browser's storage answers
export const OWN_ID = 'own-'; //           as inference/own/own-manifest.ts gives them; no shipped one begins so

export const OWN_CACHE = 'eosin-own-models';

const ownShelf = () => import('./wizard/own-shelf.ts');
const isHere = (url: string): boolean => url.startsWith(new URL(OWN_SHELF, document.baseURI).href);

/** Absent where the page is not served securely; throws where the browser forbids all storage. */
export function cachesOfPage(): CacheStorage | undefined {
  try {
    return globalThis.caches;
  } catch {
    return undefined; // models are loaded anew each time
  }
}

/** What downloads need of this page. */
export const network = {
  fetch: async (url: string, init: { signal: AbortSignal }): Promise<Response> =>
    isHere(url) ? (await ownShelf()).answer(url) : fetch(url, init),
  isHere,
  caches: cachesOfPage(),
};

/** Where a model's folder is, whatever the path this page is served under. */
export const modelFolder = (id: string): string =>
  new URL(`${id.startsWith(OWN_ID) ? OWN_SHELF : SHELF}${id}/`, document.baseURI).href;

/** Where nothing was ever added, there is nothing to load the code of it for. */
async function ownIds(): Promise<string[]> {
  const isAny = await cachesOfPage()
    ?.has(OWN_CACHE)
    .catch(() => false);
  return isAny ? (await ownShelf()).ownIds() : [];
}

async function readJson(path: string, waits: Waits): Promise<unknown> {
  const url = new URL(path, document.baseURI).href;
  const response = await fetch(url, waits);
  if (!response.ok) throw new EosinError({ tag: 'NotFound', url, status: response.status });
  try {
    return JSON.parse(await response.text());
  } catch (cause) {
    const todo = 'Build or copy the page again, with its folder models.';
    throw new EosinError({ tag: 'ModelInvalid', model: path, seen: 'it is not JSON', todo }, { cause });
  }
}

/** Reads every manifest of the shelf; one that is broken does not hide the others. */
export async function readShelf(stores: Stores, waits: Waits): Promise<void> {
  try {
    const ids = await readJson(`${SHELF}index.json`, waits);
    const shipped = Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
    const [{ readManifest }, own] = await Promise.all([import('#inference/download.ts'), ownIds()]);
    const names = [...shipped, ...own];
    const read = await Promise.allSettled(names.map((id) => readManifest(modelFolder(id), network, waits)));
    const manifests = read.flatMap((one): ModelManifest[] => (one.status === 'fulfilled' ? [one.value] : []));
    const broken = read.find((one) => one.status === 'rejected');
    stores.models.setState(({ chosen }) => ({
      manifests,
      chosen: chosen ?? manifests.find(({ task }) => task === 'segmentation')?.id,
      problem: broken && failureOf(broken.reason),
    }));
  } catch (thrown) {
    stores.models.setState({ problem: failureOf(thrown) });
  }
}

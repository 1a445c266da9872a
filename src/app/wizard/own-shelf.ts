// Models that were added here, kept by the browser between visits. They lie in its cache of responses: the shelf is read by
// address, a response streams from disk, and every browser writes there from a page, in a worker or not. The manifest is
// written last and removed first, so that a folder is whole or is not there.
import { EosinError } from '#errors/failure.ts';
import { cachesOfPage, OWN_CACHE } from '../models.ts';

type Kept = Pick<Cache, 'match' | 'put' | 'delete' | 'keys'>;
type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const MANIFEST = 'model.json';

const open = (): Promise<Kept> => {
  const caches = cachesOfPage();
  if (caches) return caches.open(OWN_CACHE);
  throw new EosinError({
    tag: 'BadInput',
    what: 'This page',
    seen: 'the browser gives it no storage of its own, because it is not served over HTTPS',
    todo: 'Open it over HTTPS or on localhost.',
  });
};

/** What lies at an address of the shelf; 404 where nothing does. */
export async function answer(url: string, kept: () => Promise<Kept> = open): Promise<Response> {
  return (await (await kept()).match(url)) ?? new Response(undefined, { status: 404 });
}

/** In the order they were added. A browser without storage has none. */
export async function ownIds(kept: () => Promise<Kept> = open): Promise<string[]> {
  try {
    const urls = (await (await kept()).keys()).map(({ url }) => url.split('/'));
    return urls.flatMap((parts) => (parts.at(-1) === MANIFEST ? [parts.at(-2) ?? ''] : []));
  } catch {
    return []; // forbidden by a setting: nothing was added either
  }
}

/**
 * @param folder its address, ending in '/'; what lies there is replaced
 * @throws EosinError StorageFull, and then nothing of it is kept
 */
export async function keepModel(folder: string, files: Files, kept: () => Promise<Kept> = open): Promise<void> {
  const cache = await kept();
  const manifest = files.get(MANIFEST);
  if (!manifest) throw new EosinError({ tag: 'Unexpected', reason: 'A model folder without its manifest.' });
  await forgetModel(folder, kept);
  try {
    for (const [name, bytes] of [...files].filter(([name]) => name !== MANIFEST))
      await cache.put(folder + name, new Response(bytes));
    await cache.put(folder + MANIFEST, new Response(manifest));
  } catch (thrown) {
    await forgetModel(folder, kept);
    if (!(thrown instanceof DOMException) || thrown.name !== 'QuotaExceededError') throw thrown;
    const neededBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    throw new EosinError({ tag: 'StorageFull', neededBytes, freeBytes: undefined }, { cause: thrown });
  }
}

/** Nothing happens where there is none. */
export async function forgetModel(folder: string, kept: () => Promise<Kept> = open): Promise<void> {
  const cache = await kept();
  await cache.delete(folder + MANIFEST);
  for (const { url } of await cache.keys()) if (url.startsWith(folder)) await cache.delete(url);
}

// The shelf of added models on a cache of responses that is a map, and that fills up.
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { answer, forgetModel, keepModel, ownIds } from './own-shelf.ts';

const BASE = 'http://site/models/';

/** As the browser's: by address, in the order of writing. @param most responses that fit */
function cacheOf(most = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, Response>();
  const addressOf = (request: RequestInfo | URL): string => (request instanceof Request ? request.url : `${request}`);
  const cache = {
    match: async (request: RequestInfo | URL) => kept.get(addressOf(request))?.clone(),
    put: async (request: RequestInfo | URL, response: Response) => {
      if (kept.size >= most) throw new DOMException('full', 'QuotaExceededError');
      kept.set(addressOf(request), response);
    },
    delete: async (request: RequestInfo | URL) => kept.delete(addressOf(request)),
    keys: async () => [...kept.keys()].map((url) => new Request(url)),
  };
  return { open: async () => cache, urls: () => [...kept.keys()] };
}

const folderOf = (...names: string[]): ReadonlyMap<string, Uint8Array<ArrayBuffer>> =>
  new Map(names.map((name) => [name, new TextEncoder().encode(name)]));
const WHOLE = folderOf('model.json', 'model.onnx', 'golden.bin');

test('a model is kept whole, its manifest last; it answers by address, and is gone when it is removed', async () => {
  const { open, urls } = cacheOf();
  await keepModel(`${BASE}own-a/`, WHOLE, open);
  await keepModel(`${BASE}own-b/`, WHOLE, open);
  expect(await ownIds(open)).toEqual(['own-a', 'own-b']);
  expect(urls()[2]).toBe(`${BASE}own-a/model.json`);
  expect(await (await answer(`${BASE}own-a/model.onnx`, open)).text()).toBe('model.onnx');
  expect((await answer(`${BASE}own-c/model.onnx`, open)).status).toBe(404);
  await forgetModel(`${BASE}own-a/`, open);
  expect(await ownIds(open)).toEqual(['own-b']);
  expect(urls().every((url) => url.startsWith(`${BASE}own-b/`))).toBe(true);
  await forgetModel(`${BASE}own-a/`, open); // nothing happens
});

test('what lay there before is replaced', async () => {
  const { open, urls } = cacheOf();
  await keepModel(`${BASE}own-a/`, folderOf('model.json', 'model.onnx', 'README.md'), open);
  await keepModel(`${BASE}own-a/`, folderOf('model.json', 'model.onnx'), open);
  expect(urls()).toEqual([`${BASE}own-a/model.onnx`, `${BASE}own-a/model.json`]);
});

test('a disk that fills up keeps nothing of it, and says so', async () => {
  const { open, urls } = cacheOf(4);
  await keepModel(`${BASE}own-a/`, WHOLE, open);
  const keeping = keepModel(`${BASE}own-b/`, WHOLE, open);
  await expect(keeping).rejects.toThrow(EosinError);
  await expect(keeping).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
  expect(await ownIds(open)).toEqual(['own-a']);
  expect(urls()).toHaveLength(3);
});

test('a browser that forbids it has no models, and a folder without its manifest is none', async () => {
  const forbidden = async (): Promise<never> => {
    throw new DOMException('no', 'SecurityError');
  };
  expect(await ownIds(forbidden)).toEqual([]);
  await expect(keepModel(`${BASE}own-a/`, folderOf('model.onnx'), cacheOf().open)).rejects.toThrow(
    /without its manifest/,
  );
});

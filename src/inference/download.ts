// A model folder over HTTP: manifest, ONNX with progress and hash, golden files. The ONNX is kept by its hash.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';
import type { ModelSource } from './protocol.ts';

type KeptFiles = Pick<Cache, 'match' | 'put' | 'delete' | 'keys'>;

/** What a download needs of the browser. */
export interface Network {
  readonly fetch: (url: string, init: { signal: AbortSignal }) => Promise<Response>;
  /** Absent where the page is not served securely. */
  readonly caches: { open(name: string): Promise<KeptFiles> } | undefined;
  /** What lies on this computer already is not kept a second time. */
  readonly isHere?: (url: string) => boolean;
}

export interface DownloadOptions extends Waits {
  /** Bytes of the ONNX file so far, of how many. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

const CACHE = 'eosin-models';
const MOST_MANIFEST = 2 ** 20; // bytes
const MOST_GOLDEN = 64 * 2 ** 20; // bytes, of each of both files

/**
 * @param base URL of the model's folder, absolute, ending in '/'
 * @throws EosinError NotFound, Unreachable, ModelInvalid, ModelHash
 */
export async function downloadModel(base: string, network: Network, options: DownloadOptions): Promise<ModelSource> {
  const manifest = await readManifest(base, network, options);
  const file = async (name: string): Promise<Blob> => {
    const url = new URL(name, base).href;
    const { signal } = options;
    return new Blob([await readAll(await answer(url, manifest.id, network, options), url, MOST_GOLDEN, { signal })]);
  };
  const model = await readOnnx(new URL(manifest.file, base).href, manifest, network, options);
  const { golden } = manifest;
  const named = 'image' in golden ? golden.image : golden.features;
  const [input, outputs] = await Promise.all([file(named), file(golden.outputs)]);
  return { manifest, model, golden: { input, outputs } };
}

/** The manifest alone, for a list of models. @throws as downloadModel */
export async function readManifest(base: string, network: Network, { signal }: Waits): Promise<ModelManifest> {
  const url = new URL('model.json', base).href;
  const bytes = await readAll(await answer(url, base, network, { signal }), url, MOST_MANIFEST, { signal });
  try {
    return parseManifest(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const seen = `model.json is not JSON (${thrown.message})`;
    throw new EosinError({ tag: 'ModelInvalid', model: base, seen, todo: 'Copy the model folder to the host again.' });
  }
}

async function answer(url: string, model: string, { fetch }: Network, { signal }: Waits): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw new EosinError({
      tag: 'Unreachable',
      url,
      reason: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
  if (!response.ok) throw new EosinError({ tag: 'NotFound', url, status: response.status });
  if (response.headers.get('content-type')?.startsWith('text/html')) throw new EosinError(pageInstead(url, model));
  return response;
}

const pageInstead = (url: string, model: string) =>
  ({
    tag: 'ModelInvalid',
    model,
    seen: `${url} is an HTML page`,
    todo: 'Hosts often answer a missing file with their start page: copy the whole model folder there.',
  }) as const;

async function readOnnx(
  url: string,
  manifest: ModelManifest,
  network: Network,
  options: DownloadOptions,
): Promise<Blob> {
  const key = `${url}?sha256=${manifest.sha256}`;
  const caches = network.isHere?.(url) ? undefined : network.caches;
  const cache = await caches?.open(CACHE).catch(() => undefined); // a browser that forbids storage still computes
  const kept = await cache?.match(key);
  if (kept) {
    const bytes = await kept.arrayBuffer();
    if ((await sha256(bytes)) === manifest.sha256) {
      options.onProgress?.(bytes.byteLength, bytes.byteLength);
      return new Blob([bytes]);
    }
    await cache?.delete(key);
  }
  const bytes = await readAll(await answer(url, manifest.id, network, options), url, manifest.bytes, options);
  if (bytes[0] === 0x3c) throw new EosinError(pageInstead(url, manifest.id)); // '<': no ONNX file starts so
  const seen = await sha256(bytes.buffer);
  options.signal.throwIfAborted();
  if (seen !== manifest.sha256) {
    throw new EosinError({ tag: 'ModelHash', model: manifest.id, expected: manifest.sha256, seen });
  }
  if (cache) await keep(cache, url, key, bytes);
  return new Blob([bytes]);
}

/** The whole body, and how far it is; a host that sends more than `most` bytes is left. */
async function readAll(
  response: Response,
  url: string,
  most: number,
  { onProgress, signal }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      if (length > most) break;
      onProgress?.(length, most);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw new EosinError({ tag: 'Unreachable', url, reason: `it broke off after ${length} bytes (${String(thrown)})` });
  }
  if (length > most) {
    await reader?.cancel();
    const seen = `${url} is longer than ${most} bytes`;
    throw new EosinError({ tag: 'ModelInvalid', model: url, seen, todo: 'Copy the model folder to the host again.' });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Puts a new version in place of the old ones. Storage that is full or forbidden only costs the next download. */
async function keep(cache: KeptFiles, url: string, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    for (const { url: old } of await cache.keys()) if (old.startsWith(`${url}?`)) await cache.delete(old);
    await cache.put(key, new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } }));
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
  }
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  if (!('subtle' in crypto)) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'This page',
      seen: 'it is not served over HTTPS, so the browser gives it neither GPU, threads nor checksums',
      todo: 'Open it over HTTPS or on localhost.',
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

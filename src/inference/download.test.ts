import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { downloadModel, type Network } from './download.ts';
import { manifestExample } from './testing/manifest-example.ts';

const BASE = 'https://slides.example/models/cerberus-lite/';
const onnx = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + 8) % 251);
const sha256 = createHash('sha256').update(onnx).digest('hex');
const manifest = { ...manifestExample, sha256, bytes: onnx.length };
const { signal } = new AbortController();

/** A host with this folder on it; `asked` is what was fetched. */
function host(files: Record<string, () => Response>, caches?: Caches) {
  const asked: string[] = [];
  const all: Record<string, () => Response> = {
    'model.json': () => Response.json(manifest),
    'model.onnx': () => new Response(onnx),
    'golden.png': () => new Response('png'),
    'golden.bin': () => new Response('bin'),
    ...files,
  };
  const network: Network = {
    caches,
    fetch: async (url, init) => {
      init.signal.throwIfAborted();
      asked.push(url.slice(BASE.length));
      return all[url.slice(BASE.length)]?.() ?? new Response('no', { status: 404 });
    },
  };
  return { network, asked };
}

const page = () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } });

type Caches = NonNullable<Network['caches']>;

/** Cache storage in memory: what downloads use of it. */
function memoryCaches(entries: Map<string, Response>): Caches {
  const keyOf = (request: RequestInfo | URL): string => (request instanceof Request ? request.url : String(request));
  return {
    open: async () => ({
      match: async (request) => entries.get(keyOf(request))?.clone(),
      put: async (request, response) => void entries.set(keyOf(request), response),
      delete: async (request) => entries.delete(keyOf(request)),
      keys: async () => [...entries.keys()].map((url) => new Request(url)),
    }),
  };
}

describe('downloadModel', () => {
  test('reads the whole folder and says how far it is', async () => {
    const { network, asked } = host({});
    const progress: [number, number][] = [];
    const source = await downloadModel(BASE, network, { signal, onProgress: (...at) => progress.push(at) });
    expect(asked.sort()).toEqual(['golden.bin', 'golden.png', 'model.json', 'model.onnx']);
    expect(new Uint8Array(await source.model.arrayBuffer())).toEqual(onnx);
    expect(await source.golden.outputs.text()).toBe('bin');
    expect(progress.at(-1)).toEqual([onnx.length, onnx.length]);
  });

  test.each([
    ['a page for the manifest', { 'model.json': page }, 'ModelInvalid', 'model.json is an HTML page'],
    ['a page for the model', { 'model.onnx': page }, 'ModelInvalid', 'model.onnx is an HTML page'],
    ['a page without a type', { 'model.onnx': () => new Response('<html>') }, 'ModelInvalid', 'is an HTML page'],
    ['a page for the golden patch', { 'golden.bin': page }, 'ModelInvalid', 'golden.bin is an HTML page'],
    ['broken JSON', { 'model.json': () => new Response('{"schema":') }, 'ModelInvalid', 'model.json is not JSON'],
    [
      'another file',
      { 'model.onnx': () => new Response(onnx.slice(1)) },
      'ModelHash',
      `expected ${sha256.slice(0, 8)}`,
    ],
    ['nothing', { 'model.onnx': () => new Response('', { status: 404 }) }, 'NotFound', '404'],
  ] as const)('of %s says what was seen', async (_, files, tag, message) => {
    const failed = downloadModel(BASE, host(files).network, { signal });
    await expect(failed).rejects.toMatchObject({ failure: { tag } });
    await expect(failed).rejects.toThrow(message);
  });

  test('of a host that cannot be reached says so', async () => {
    const network = { caches: undefined, fetch: () => Promise.reject(new TypeError('Failed to fetch')) };
    await expect(downloadModel(BASE, network, { signal })).rejects.toMatchObject({ failure: { tag: 'Unreachable' } });
  });

  test('of a transfer that breaks off says how far it came', async () => {
    const broken = () => {
      let sent = false;
      return new Response(
        new ReadableStream<Uint8Array>({
          pull: (stream) => {
            if (sent) stream.error(new Error('reset'));
            else stream.enqueue(onnx.slice(0, 1000));
            sent = true;
          },
        }),
      );
    };
    await expect(downloadModel(BASE, host({ 'model.onnx': broken }).network, { signal })).rejects.toThrow(
      'broke off after 1000 bytes',
    );
  });

  test.each([
    ['model.onnx', onnx.length],
    ['model.json', 2 ** 20],
    ['golden.bin', 64 * 2 ** 20],
  ])('leaves a host that goes on sending %s', async (name, most) => {
    const piece = new Uint8Array(2 ** 18).fill(8);
    let sent = 0;
    let left = false;
    const endless = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull: (stream) => {
            sent += piece.length;
            stream.enqueue(piece);
          },
          cancel: () => {
            left = true;
          },
        }),
      );
    const progress: number[] = [];
    const failed = downloadModel(BASE, host({ [name]: endless }).network, {
      signal,
      onProgress: (bytes) => progress.push(bytes),
    });
    await expect(failed).rejects.toMatchObject({ failure: { tag: 'ModelInvalid' } });
    await expect(failed).rejects.toThrow(`${name} is longer than ${most} bytes`);
    expect(left).toBe(true);
    expect(sent).toBeLessThan(most + 4 * piece.length);
    expect(Math.max(0, ...progress)).toBeLessThanOrEqual(onnx.length);
  });

  test('rejects with the reason of an abort', async () => {
    const controller = new AbortController();
    const { network } = host({});
    const aborting: Network = {
      ...network,
      fetch: (url, init) => {
        if (url.endsWith('.onnx')) controller.abort(new Error('cancelled'));
        return network.fetch(url, init);
      },
    };
    await expect(downloadModel(BASE, aborting, { signal: controller.signal })).rejects.toThrow('cancelled');
  });
});

describe('the kept copy', () => {
  const key = `${BASE}model.onnx?sha256=${sha256}`;

  test('is asked first the second time', async () => {
    const entries = new Map<string, Response>([[`${BASE}model.onnx?sha256=old`, new Response('old version')]]);
    await downloadModel(BASE, host({}, memoryCaches(entries)).network, { signal });
    expect([...entries.keys()]).toEqual([key]); // and the old version made way
    const second = host({}, memoryCaches(entries));
    const { model } = await downloadModel(BASE, second.network, { signal });
    expect(second.asked).not.toContain('model.onnx');
    expect(model.size).toBe(onnx.length);
  });

  test('is thrown away where it is damaged', async () => {
    const entries = new Map<string, Response>([[key, new Response('damaged')]]);
    const { network, asked } = host({}, memoryCaches(entries));
    const { model } = await downloadModel(BASE, network, { signal });
    expect(asked).toContain('model.onnx');
    expect(model.size).toBe(onnx.length);
  });

  test('is missed without harm where storage is full', async () => {
    const entries = new Map<string, Response>();
    const caches = memoryCaches(entries);
    const full: Caches = {
      open: async (name) => {
        const cache = await caches.open(name);
        return { ...cache, put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) };
      },
    };
    const { network } = host({}, full);
    await expect(downloadModel(BASE, network, { signal })).resolves.toBeDefined();
  });
});

// A URL read by HTTP ranges, in whole blocks: neighbours are fetched together, and no block is fetched twice while kept.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { assertInside, type ByteSource, fingerprint, HEAD_BYTES } from './byte-source.ts';
import { SharedCache } from './shared-cache.ts';
import { SharedJob } from './shared-job.ts';

export type Fetch = typeof globalThis.fetch;

export interface UrlOptions {
  /** For tests and for Node; the browser's own otherwise. */
  readonly fetch?: Fetch;
  /** How many bytes of blocks are kept. */
  readonly budgetBytes?: number;
}

const BLOCK = HEAD_BYTES;
const MAX_RUN = 16; // blocks a request: 1 MiB
const DEFAULT_BUDGET = 64 * 1024 * 1024; // bytes

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Opens by reading the first block.
 * @throws EosinError NotFound (any status that is no success), NoRanges, Unreachable (network or CORS); the signal's reason
 */
export async function openUrlSource(url: string, waits: Waits, options: UrlOptions = {}): Promise<ByteSource> {
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const first = await firstBlock(fetch, url, waits);
  const { size, etag } = first;
  const name = nameOf(url);
  const blocks = new BlockReader(
    (offset, length, during) => fetchRange(fetch, { url, name, size, etag }, offset, length, during),
    size,
    options.budgetBytes ?? DEFAULT_BUDGET,
  );
  blocks.keep(0, first.bytes);
  return {
    name,
    size,
    identity: `${url} ${size}-${etag ?? fingerprint(first.bytes)}`,
    async read(offset, length, during) {
      assertInside({ name, size }, offset, length);
      during.signal.throwIfAborted();
      return blocks.read(offset, length, during);
    },
    forget: (offset, length) => blocks.forget(offset, length),
  };
}

/** The last part of the path, for messages; the host where there is none. */
function nameOf(url: string): string {
  const parsed = new URL(url, 'http://localhost/');
  const last = parsed.pathname.split('/').findLast((part) => part !== '');
  if (last === undefined) return parsed.host;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a stray per cent sign: shown as it is
  }
}

interface FirstBlock {
  readonly bytes: Bytes;
  readonly size: number;
  readonly etag: string | undefined;
}

async function firstBlock(fetch: Fetch, url: string, waits: Waits): Promise<FirstBlock> {
  const response = await request(fetch, url, { headers: { Range: `bytes=0-${BLOCK - 1}` } }, waits);
  const etag = response.headers.get('ETag') ?? undefined;
  if (response.status === 416) return { bytes: new Uint8Array(0), size: 0, etag }; // no byte satisfies the range: empty
  if (response.status === 200) return wholeFile(response, url, etag, waits);
  const bytes = await bodyOf(response, url, BLOCK, waits);
  const size = totalOf(response) ?? (await sizeByHead(fetch, url, waits));
  if (bytes.byteLength !== Math.min(size, BLOCK)) {
    throw unreachable(url, `the server sent ${bytes.byteLength} of ${Math.min(size, BLOCK)} bytes`);
  }
  return { bytes, size, etag };
}

/** The server ignored the range. A file that ends within the first block is all there; a larger one is stopped. */
async function wholeFile(response: Response, url: string, etag: string | undefined, waits: Waits): Promise<FirstBlock> {
  const announced = numberOf(response.headers.get('Content-Length'));
  const encoded = response.headers.get('Content-Encoding') !== null; // then the length is that of the packed bytes
  const bytes = await bodyOf(response, url, BLOCK + 1, waits);
  if (bytes.byteLength <= BLOCK) return { bytes, size: bytes.byteLength, etag };
  throw new EosinError({ tag: 'NoRanges', url, bytes: encoded ? undefined : announced });
}

/** Content-Range is hidden from other origins unless exposed; Content-Length is not. */
async function sizeByHead(fetch: Fetch, url: string, waits: Waits): Promise<number> {
  const response = await request(fetch, url, { method: 'HEAD' }, waits);
  const size = numberOf(response.headers.get('Content-Length'));
  if (size === undefined) throw unreachable(url, 'the server does not say how large the file is');
  return size;
}

interface Remote {
  readonly url: string;
  readonly name: string;
  readonly size: number;
  readonly etag: string | undefined;
}

async function fetchRange(fetch: Fetch, remote: Remote, offset: number, length: number, waits: Waits): Promise<Bytes> {
  const { url, name, size, etag } = remote;
  const response = await request(fetch, url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` } }, waits);
  const total = totalOf(response);
  const seen = response.headers.get('ETag') ?? undefined;
  const replaced =
    (total !== undefined && total !== size) || (seen !== undefined && etag !== undefined && seen !== etag);
  if (replaced || response.status === 416) {
    await response.body?.cancel();
    throw new EosinError({ tag: 'SlideChanged', name });
  }
  if (response.status !== 206) {
    await response.body?.cancel();
    throw new EosinError({ tag: 'NoRanges', url, bytes: size });
  }
  const bytes = await bodyOf(response, url, length, waits);
  if (bytes.byteLength !== length) {
    throw unreachable(url, `the server sent ${bytes.byteLength} of ${length} bytes`);
  }
  return bytes;
}

async function request(fetch: Fetch, url: string, init: RequestInit, { signal }: Waits): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw unreachable(url, thrown instanceof Error ? thrown.message : 'the network failed', thrown);
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  throw new EosinError({ tag: 'NotFound', url, status: response.status });
}

/** At most `limit` bytes of the body; the rest is not downloaded. */
async function bodyOf(response: Response, url: string, limit: number, { signal }: Waits): Promise<Bytes> {
  const out = new Uint8Array(limit);
  let length = 0;
  const reader = response.body?.getReader();
  if (!reader) return out.subarray(0, 0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return length === limit ? out : out.slice(0, length);
      const part = value.subarray(0, limit - length);
      out.set(part, length);
      length += part.byteLength;
      if (part.byteLength < value.byteLength) break;
    }
    await reader.cancel(); // only where there is more: a body read to its end leaves the connection to the next request
    return out;
  } catch (thrown) {
    signal.throwIfAborted();
    throw unreachable(url, 'the connection broke off', thrown);
  }
}

const unreachable = (url: string, reason: string, cause?: unknown): EosinError =>
  new EosinError({ tag: 'Unreachable', url, reason }, { cause });

/** The total of "bytes 0-65535/1938955", where the header is there and gives it. */
const totalOf = (response: Response): number | undefined =>
  numberOf(response.headers.get('Content-Range')?.split('/')[1] ?? null);

function numberOf(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

interface Gathered {
  readonly index: number;
  readonly signal: AbortSignal;
  start(run: SharedJob<Bytes>, at: number): void;
  giveUp(reason: unknown): void;
}

/** Indices of the blocks that hold a range. */
const blocksOf = (offset: number, length: number) => ({
  first: Math.floor(offset / BLOCK),
  last: Math.floor((offset + Math.max(length, 1) - 1) / BLOCK),
});

/** Blocks of one file: kept within a budget, gathered for a moment so that neighbours travel in one request. */
class BlockReader {
  readonly #fetchRange: (offset: number, length: number, waits: Waits) => Promise<Bytes>;
  readonly #size: number;
  readonly #blocks: SharedCache<number, Bytes>;
  #gathering: Gathered[] = [];

  constructor(
    fetchRange: (offset: number, length: number, waits: Waits) => Promise<Bytes>,
    size: number,
    budgetBytes: number,
  ) {
    this.#fetchRange = fetchRange;
    this.#size = size;
    this.#blocks = new SharedCache(budgetBytes, (bytes: Bytes) => bytes.byteLength);
  }

  keep(index: number, bytes: Bytes): void {
    if (bytes.byteLength > 0) this.#blocks.set(index, bytes);
  }

  forget(offset: number, length: number): void {
    const { first, last } = blocksOf(offset, length);
    this.#blocks.deleteWhere((index) => index >= first && index <= last);
  }

  async read(offset: number, length: number, waits: Waits): Promise<Bytes> {
    const { first, last } = blocksOf(offset, length);
    const wanted = Array.from({ length: last - first + 1 }, (_, i) => this.#block(first + i, waits));
    const blocks = await Promise.all(wanted);
    const out = new Uint8Array(length);
    for (const [i, block] of blocks.entries()) {
      const blockStart = (first + i) * BLOCK;
      const from = Math.max(offset, blockStart);
      const to = Math.min(offset + length, blockStart + block.byteLength);
      if (to > from) out.set(block.subarray(from - blockStart, to - blockStart), from - offset);
    }
    return out;
  }

  #block(index: number, waits: Waits): Promise<Bytes> {
    return this.#blocks.get(index, (shared) => this.#fetched(index, shared), waits);
  }

  /** Waits until the blocks asked for in this turn of the event loop are known, then for the request it travels in. */
  async #fetched(index: number, waits: Waits): Promise<Bytes> {
    const { run, at } = await new Promise<{ run: SharedJob<Bytes>; at: number }>((resolve, reject) => {
      if (this.#gathering.length === 0) setTimeout(() => this.#send(), 0);
      this.#gathering.push({ index, signal: waits.signal, start: (run, at) => resolve({ run, at }), giveUp: reject });
    });
    const bytes = await run.join(waits);
    return bytes.slice(at * BLOCK, (at + 1) * BLOCK);
  }

  #send(): void {
    for (const gone of this.#gathering.filter(({ signal }) => signal.aborted)) gone.giveUp(gone.signal.reason);
    const asked = this.#gathering.filter(({ signal }) => !signal.aborted).sort((a, b) => a.index - b.index);
    this.#gathering = [];
    for (let i = 0; i < asked.length; ) {
      const head = asked[i];
      if (!head) break;
      let count = 1;
      while (count < MAX_RUN && asked[i + count]?.index === head.index + count) count++;
      const offset = head.index * BLOCK;
      const length = Math.min(count * BLOCK, this.#size - offset);
      const run = new SharedJob<Bytes>((waits) => this.#fetchRange(offset, length, waits));
      for (let k = 0; k < count; k++) asked[i + k]?.start(run, k);
      i += count;
    }
  }
}

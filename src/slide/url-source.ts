// A URL read by HTTP ranges: what is missing and nothing else, neighbours together, nothing twice while it is kept.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import { assertInside, type ByteSource, FIRST_BYTES, fingerprint } from './byte-source.ts';
import type { Header, HeaderMemory } from './header-memory.ts';
import { RangeReader } from './range-reader.ts';

export type Fetch = typeof globalThis.fetch;

export interface UrlOptions {
  /** For tests and for Node; the browser's own otherwise. */
  readonly fetch?: Fetch;
  /** How many bytes are kept. */
  readonly budgetBytes?: number;
  /** What was read of the URL's file when it was opened before. */
  readonly headers?: HeaderMemory;
}

const DEFAULT_BUDGET = 64 * 1024 * 1024; // bytes

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Opens by reading the first bytes; where the file was opened before and is still the same, by one byte.
 * @throws EosinError NotFound (any status that is no success), NoRanges, Unreachable (network or CORS); the signal's reason
 */
export async function openUrlSource(url: string, waits: Waits, options: UrlOptions = {}): Promise<ByteSource> {
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const known = await options.headers?.recall(url);
  const same = known && (await isUnchanged(fetch, url, known, waits)) ? known : undefined;
  const { size, version, parts } = same ?? (await firstParts(fetch, url, waits));
  const name = nameOf(url);
  const reader = new RangeReader(
    (offset, length, during, cut) => fetchRange(fetch, { url, name, size, version }, { offset, length, cut }, during),
    size,
    options.budgetBytes ?? DEFAULT_BUDGET,
  );
  for (const { offset, bytes } of parts) reader.keep(offset, bytes);
  return {
    name,
    size,
    identity: `${url} ${size}-${version ?? fingerprint(parts[0]?.bytes ?? new Uint8Array(0))}`,
    async read(offset, length, during) {
      assertInside({ name, size }, offset, length);
      return reader.read(offset, length, during);
    },
    async expect(offset, length, during) {
      const inside = offset >= 0 && offset + length <= size;
      // Whoever reads it is told what went wrong.
      if (inside) await reader.read(offset, length, during).then(undefined, () => undefined);
    },
    forget: (offset, length) => reader.forget(offset, length),
    async remember() {
      if (version !== undefined && !same) await options.headers?.keep(url, { size, version, parts: reader.pieces });
    },
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

type Start = Omit<Header, 'version'> & { readonly version: string | undefined };

async function firstParts(fetch: Fetch, url: string, waits: Waits): Promise<Start> {
  const response = await request(fetch, url, { headers: { Range: `bytes=0-${FIRST_BYTES - 1}` } }, waits);
  const version = versionOf(response);
  if (response.status === 416) return { parts: [], size: 0, version }; // no byte satisfies the range: empty
  if (response.status === 200) return wholeFile(response, url, version, waits);
  const bytes = await partOf(response, url, { offset: 0, length: FIRST_BYTES }, waits);
  const size = totalOf(response) ?? (await announcedSize(fetch, url, waits));
  if (size === undefined) throw unreachable(url, 'the server does not say how large the file is');
  expectAll(response, url, bytes, Math.min(size, FIRST_BYTES));
  return { parts: [{ offset: 0, bytes }], size, version };
}

/** One byte is asked for: its answer tells ETag and total. Whatever else it tells, opening anew will find out. */
async function isUnchanged(fetch: Fetch, url: string, known: Header, waits: Waits): Promise<boolean> {
  try {
    const response = await request(fetch, url, { headers: { Range: 'bytes=0-0' } }, waits);
    await response.body?.cancel();
    const size = totalOf(response) ?? known.size; // hidden from other origins unless exposed
    return response.status === 206 && versionOf(response) === known.version && size === known.size;
  } catch {
    waits.signal.throwIfAborted();
    return false;
  }
}

/** The server ignored the range. A file that ends within the first bytes is all there; a larger one is stopped. */
async function wholeFile(response: Response, url: string, version: string | undefined, waits: Waits): Promise<Start> {
  const announced = numberOf(response.headers.get('Content-Length'));
  const encoded = response.headers.get('Content-Encoding') !== null; // then the length is that of the packed bytes
  const bytes = await bodyOf(response, url, FIRST_BYTES + 1, waits);
  if (bytes.byteLength <= FIRST_BYTES) return { parts: [{ offset: 0, bytes }], size: bytes.byteLength, version };
  throw new EosinError({ tag: 'NoRanges', url, bytes: encoded ? undefined : announced });
}

/**
 * For where Content-Range is hidden from this page: Content-Length never is. A host may refuse HEAD, as one does whose address
 * is signed for GET alone, or let pages of other origins use GET alone; then the whole file is asked for, and stopped at its
 * header.
 */
export async function announcedSize(fetch: Fetch, url: string, waits: Waits): Promise<number | undefined> {
  for (const method of ['HEAD', 'GET']) {
    try {
      const response = await request(fetch, url, { method }, waits);
      await response.body?.cancel();
      const size = numberOf(response.headers.get('Content-Length'));
      if (size !== undefined && response.headers.get('Content-Encoding') === null) return size;
    } catch (thrown) {
      waits.signal.throwIfAborted();
      if (method === 'GET' && failureOf(thrown).tag !== 'NotFound') throw thrown;
    }
  }
  return undefined;
}

interface Remote {
  readonly url: string;
  readonly name: string;
  readonly size: number;
  readonly version: string | undefined;
}

interface Range {
  readonly offset: number;
  readonly length: number;
  /** Gets what had come when the answer was given up or broke off. */
  cut?(beginning: Bytes): void;
}

async function fetchRange(fetch: Fetch, remote: Remote, range: Range, waits: Waits): Promise<Bytes> {
  const { url, name, size, version } = remote;
  const { offset, length } = range;
  const response = await request(fetch, url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` } }, waits);
  const total = totalOf(response);
  const seen = versionOf(response);
  const replaced =
    (total !== undefined && total !== size) || (seen !== undefined && version !== undefined && seen !== version);
  if (replaced || response.status === 416) {
    await response.body?.cancel();
    throw new EosinError({ tag: 'SlideChanged', name });
  }
  if (response.status !== 206) {
    await response.body?.cancel();
    throw new EosinError({ tag: 'NoRanges', url, bytes: size });
  }
  const bytes = await partOf(response, url, range, waits);
  expectAll(response, url, bytes, length);
  return bytes;
}

/** What a 206 brings, unless it brings something else than was asked for: no byte of that may pass for one of the file. */
async function partOf(response: Response, url: string, range: Range, waits: Waits): Promise<Bytes> {
  const { offset, length } = range;
  const wrong = wrongPart(response, offset);
  if (wrong) {
    await response.body?.cancel();
    throw unreachable(url, wrong);
  }
  const bytes = await bodyOf(response, url, length + 1, waits, announcesAll(response, length) ? range.cut : undefined);
  if (bytes.byteLength > length)
    throw unreachable(url, `the server sent more than the ${length} bytes asked for${packed(response)}`);
  return bytes;
}

/** What is wrong with a 206 by its header, as the end of a sentence. */
export function wrongPart({ headers }: Response, offset: number): string | undefined {
  if (/^multipart\//i.test(headers.get('Content-Type') ?? ''))
    return 'the server wraps the part that was asked for (multipart/byteranges), as if several had been';
  const from = numberOf(/^\s*bytes\s+(\d+)-/i.exec(headers.get('Content-Range') ?? '')?.[1] ?? null);
  return from === undefined || from === offset
    ? undefined
    : `the server sent bytes from ${from} on where those from ${offset} on were asked for`;
}

/**
 * Whether the answer is the part that was asked for by what its header says of its length, before all of it is there. Every
 * origin sees Content-Length; of what is compressed on its way it is another one, or is not said.
 */
const announcesAll = ({ headers }: Response, length: number): boolean =>
  numberOf(headers.get('Content-Length')) === length && (headers.get('Content-Encoding') ?? 'identity') === 'identity';

function expectAll(response: Response, url: string, { byteLength }: Bytes, length: number): void {
  if (byteLength !== length)
    throw unreachable(url, `the server sent ${byteLength} of ${length} bytes${packed(response)}`);
}

/** Of a file that is compressed on its way, parts are parts of something else. Other origins see the header only if exposed. */
const packed = ({ headers }: Response): string => {
  const encoding = headers.get('Content-Encoding');
  return encoding === null || encoding === 'identity' ? '' : `: it compresses them (Content-Encoding: ${encoding})`;
};

async function request(fetch: Fetch, url: string, init: RequestInit, { signal }: Waits): Promise<Response> {
  let response: Response;
  try {
    // Chromium's HTTP cache answers requests for one address one after the other; what is read is kept here instead.
    response = await fetch(url, { cache: 'no-store', ...init, signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw unreachable(url, thrown instanceof Error ? thrown.message : 'the network failed', thrown);
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  throw new EosinError({ tag: 'NotFound', url, status: response.status });
}

/** At most `limit` bytes of the body; the rest is not downloaded. Where it ends by failing, `cut` gets what had come. */
async function bodyOf(
  response: Response,
  url: string,
  limit: number,
  { signal }: Waits,
  cut?: (beginning: Bytes) => void,
): Promise<Bytes> {
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
    cut?.(out.slice(0, length));
    signal.throwIfAborted();
    throw unreachable(url, 'the connection broke off', thrown);
  }
}

const unreachable = (url: string, reason: string, cause?: unknown): EosinError =>
  new EosinError({ tag: 'Unreachable', url, reason }, { cause });

/**
 * Which writing of the file this is. Last-Modified is told to every origin, ETag only where the host exposes it. A cache between
 * may call weak (W/) what the host does not.
 */
const versionOf = ({ headers }: Response): string | undefined =>
  headers.get('ETag')?.replace(/^W\//i, '') ?? headers.get('Last-Modified') ?? undefined;

/** The total of "bytes 0-65535/1938955", where the header is there and gives it. */
const totalOf = (response: Response): number | undefined =>
  numberOf(response.headers.get('Content-Range')?.split('/')[1] ?? null);

function numberOf(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

// What a DICOMweb server is asked, and what it says of a series. Nothing is sent but addresses: no credentials, no cookies.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, fingerprint } from '../byte-source.ts';
import { whatStarts } from '../first-bytes.ts';
import { isObject, type Json, type JsonObject } from '../formats/json.ts';
import { partsOf } from '../multipart.ts';
import { Patience } from '../patience.ts';
import type { Fetch } from '../url-source.ts';
import { below, type WebAddress } from './web-address.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Asking {
  readonly fetch: Fetch;
  /** How long is waited for a server that says nothing. */
  readonly patienceMs: number;
}

export const PATIENCE_MS = 30_000;
export const JSON_ACCEPT = 'application/dicom+json';
const MOST_METADATA = 128 * 1024 * 1024; // bytes: a slide that places each frame says a kilobyte of each
const MOST_PROFILE = 8 * 1024 * 1024; //    bytes of a colour profile

/** @throws EosinError NotFound with the status, Unreachable; the signal's reason */
export async function answerOf(fetch: Fetch, url: string, accept: string, { signal }: Waits): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Accept: accept }, credentials: 'omit', signal });
  } catch (thrown) {
    signal.throwIfAborted();
    const reason = thrown instanceof Error ? thrown.message : 'the network failed';
    throw new EosinError({ tag: 'Unreachable', url, reason }, { cause: thrown });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new EosinError({ tag: 'NotFound', url, status: response.status });
}

/** The first part of an answer, or all of one that has no parts. */
async function whole(asking: Asking, url: string, accept: string, most: number, waits: Waits): Promise<Bytes> {
  using patience = new Patience(url, asking.patienceMs, waits);
  const response = await answerOf(asking.fetch, url, accept, patience);
  try {
    for await (const { bytes } of partsOf(response, most, () => patience.heard())) return bytes;
    return new Uint8Array(0);
  } catch (thrown) {
    patience.signal.throwIfAborted();
    const reason = thrown instanceof Error ? thrown.message : 'the connection broke off';
    throw new EosinError({ tag: 'Unreachable', url, reason }, { cause: thrown });
  }
}

/** What a server says of one series, in its own words. */
export interface WebSeries {
  /** The series, or the one instance that was asked for. */
  readonly address: WebAddress;
  readonly source: ByteSource; // the metadata, as bytes
}

/**
 * @throws EosinError BadInput for a study of several slides; NotFound, Unreachable, NotASlide; the signal's reason
 */
export async function openWebSeries(address: WebAddress, asking: Asking, waits: Waits): Promise<WebSeries> {
  const series = address.of === 'study' ? await slideOfStudy(address, asking, waits) : address;
  const url = below(series, 'metadata');
  const stored = await whole(asking, url, JSON_ACCEPT, MOST_METADATA, waits);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? await gunzipped(stored, url) : stored;
  const name = series.url.slice(series.url.lastIndexOf('/') + 1);
  const size = bytes.length;
  const identity = `${series.url}${series.query} ${size}-${fingerprint(bytes.subarray(0, 64 * 1024))}`;
  const read: ByteSource['read'] = async (offset, length) => bytes.subarray(offset, offset + length);
  return { address: series, source: { name, size, identity, read } };
}

/** Some archives keep metadata compressed and do not say so. */
async function gunzipped(bytes: Bytes, url: string): Promise<Bytes> {
  const plain = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')));
  try {
    for await (const part of partsOf(plain, MOST_METADATA, () => undefined)) return part.bytes;
    return new Uint8Array(0);
  } catch (thrown) {
    const reason = `its metadata does not unpack: ${thrown instanceof Error ? thrown.message : 'it is damaged'}`;
    throw new EosinError({ tag: 'Unreachable', url, reason }, { cause: thrown });
  }
}

/** The objects of a list in DICOM's JSON model. @throws EosinError NotASlide, CorruptSlide */
export function listOf(bytes: Bytes, name: string): JsonObject[] {
  let list: Json;
  try {
    list = JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    const start = whatStarts(bytes);
    if (start !== 'JSON') throw new EosinError({ tag: 'NotASlide', name, seen: start }, { cause: thrown });
    throw new EosinError({ tag: 'CorruptSlide', name, reason: 'its metadata is cut short' }, { cause: thrown });
  }
  return (Array.isArray(list) ? list : [list]).filter(isObject);
}

const firstValue = (json: JsonObject, tag: string): Json | undefined => {
  const entry = json[tag];
  const values = isObject(entry) ? entry.Value : undefined;
  return Array.isArray(values) ? values[0] : undefined;
};

/** The one series of slide microscopy in a study: asked for by its kind, or found among all that the study holds. */
async function slideOfStudy(study: WebAddress, asking: Asking, waits: Waits): Promise<WebAddress> {
  const ask = async (path: string, more: string): Promise<JsonObject[]> => {
    const bytes = await whole(asking, below(study, path, more), JSON_ACCEPT, MOST_METADATA, waits);
    return bytes.length === 0 ? [] : listOf(bytes, study.url); // 204: none
  };
  let rows: JsonObject[];
  try {
    rows = await ask('series', 'Modality=SM');
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (!(thrown instanceof EosinError) || thrown.failure.tag !== 'NotFound') throw thrown;
    rows = await ask('metadata', ''); // a server that answers no searches
  }
  const found = new Set<string>();
  for (const row of rows) {
    const uid = firstValue(row, '0020000E');
    const modality = firstValue(row, '00080060') ?? 'SM';
    if (modality === 'SM' && typeof uid === 'string' && /^[\d.]{1,128}$/.test(uid)) found.add(uid);
  }
  const [uid] = found;
  const what = `The study ${study.url.slice(study.url.lastIndexOf('/') + 1)}`;
  const todo = `Open the address of one series: ${study.url}/series/${uid ?? 'UID'}`;
  if (uid === undefined) throw new EosinError({ tag: 'BadInput', what, seen: 'it holds no slide microscopy', todo });
  if (found.size > 1) throw new EosinError({ tag: 'BadInput', what, seen: `it holds ${found.size} slides`, todo });
  return { of: 'series', url: `${study.url}/series/${uid}`, query: study.query };
}

/**
 * A value that the server keeps apart. Only from the server itself: another host is not asked for what a file names.
 * @returns undefined where it is elsewhere, or cannot be had: a profile is no reason not to open a slide
 */
export async function bulkOf(
  uri: string,
  near: WebAddress,
  asking: Asking,
  waits: Waits,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const base = new URL(`${near.url}/metadata`, 'location' in globalThis ? globalThis.location.href : undefined);
  const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (url?.origin !== base.origin) return undefined;
  try {
    const accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
    const bytes = await whole(asking, url.href, accept, MOST_PROFILE, waits);
    return bytes.length > 0 ? bytes : undefined;
  } catch {
    waits.signal.throwIfAborted();
    return undefined;
  }
}

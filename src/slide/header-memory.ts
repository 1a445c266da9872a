// What opening an address took, kept for the next time: read again only where the file is another.

/** The parts of a file that were read to open it. */
export interface Header {
  readonly size: number; // bytes of the whole file
  readonly version: string; // what the host calls this writing of the file: its ETag, or when it was modified
  readonly parts: readonly { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

export interface HeaderMemory {
  recall(url: string): Promise<Header | undefined>;
  /** Copies what it keeps. */
  keep(url: string, header: Header): Promise<void>;
}

const MOST_BYTES = 4 * 1024 * 1024; // of one header: a file that takes more to open is opened anew
const MOST_KEPT = 100; //              addresses; the oldest go first
const NAME = 'eosin-headers-1';

/** In the browser's own cache for this site: it survives a reload, and goes with the site's data. */
export function headersInBrowser(): HeaderMemory {
  const opened = (): Promise<Cache> => caches.open(NAME);
  const keyOf = (url: string): string => `/slide-header?of=${encodeURIComponent(new URL(url, location.href).href)}`;
  return {
    async recall(url) {
      try {
        const found = await (await opened()).match(keyOf(url));
        return found && unpacked(new Uint8Array(await found.arrayBuffer()));
      } catch {
        return undefined; // no storage here, a private window: opened as if for the first time
      }
    },
    async keep(url, header) {
      if (header.parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) > MOST_BYTES) return;
      try {
        const cache = await opened();
        await cache.delete(keyOf(url)); // so that it is the youngest
        await cache.put(keyOf(url), new Response(packed(header)));
        const keys = await cache.keys();
        for (const old of keys.slice(0, Math.max(0, keys.length - MOST_KEPT))) await cache.delete(old);
      } catch {
        // full, or forbidden: a help that is not there
      }
    },
  };
}

/** Length of the JSON (4 bytes, little-endian), the JSON, then the parts one behind the other. */
export function packed({ size, version, parts }: Header): Blob {
  const places = parts.map(({ offset, bytes }) => [offset, bytes.byteLength]);
  const text = new TextEncoder().encode(JSON.stringify({ size, version, places }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.byteLength, true);
  return new Blob([length, text, ...parts.map(({ bytes }) => bytes)]);
}

/** Undefined where the bytes are nothing that `packed` wrote. */
export function unpacked(bytes: Uint8Array<ArrayBuffer>): Header | undefined {
  if (bytes.byteLength < 4) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  } catch {
    return undefined; // cut short
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const [size, version, places] = ['size', 'version', 'places'].map((key): unknown => Reflect.get(found, key));
  if (typeof size !== 'number' || typeof version !== 'string' || !Array.isArray(places)) return undefined;
  const parts: { offset: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  let at = 4 + length;
  for (const place of places) {
    const [offset, count]: unknown[] = Array.isArray(place) ? place : [];
    if (typeof offset !== 'number' || typeof count !== 'number' || at + count > bytes.byteLength) return undefined;
    parts.push({ offset, bytes: bytes.slice(at, at + count) });
    at += count;
  }
  return { size, version, parts };
}

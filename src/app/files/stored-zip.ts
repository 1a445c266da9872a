// A ZIP whose entries are only stored: one file of several, which any program opens, written and read without being held in memory.

import { crc32 } from '#checksum/crc32.ts';
import { EosinError } from '#errors/failure.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800;
const MOST_BYTES = 0xfffffffe; // without ZIP64
const MOST_ENTRIES = 1024;
const END_BYTES = 22;

/** @throws EosinError BadInput where it would be longer than 4 GB; the signal's reason */
export async function zipOf(
  entries: readonly { readonly name: string; readonly blob: Blob }[],
  { signal }: { readonly signal: AbortSignal },
): Promise<Blob> {
  const parts: BlobPart[] = [];
  const central: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { name, blob } of entries) {
    const header = headerOf(name, blob.size, await crcOf(blob, signal));
    parts.push(record(LOCAL, header.slice(1), name), blob);
    central.push(record(CENTRAL, [...header, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]], name));
    at += 30 + bytesOf(name).length + blob.size;
    if (at > MOST_BYTES) throw tooLarge;
  }
  const size = central.reduce((sum, { length }) => sum + length, 0);
  const n = entries.length;
  const end = record(END, [
    [0, 2],
    [0, 2],
    [n, 2],
    [n, 2],
    [size, 4],
    [at, 4],
    [0, 2],
  ]);
  return new Blob([...parts, ...central, end], { type: 'application/zip' });
}

/**
 * Entries by name, each a part of the file.
 * @param checked the one whose bytes are held against their checksum; without it all are, which reads all of the file
 * @throws EosinError BadInput where it is no such ZIP, or damaged
 */
export async function entriesOf(
  zip: Blob,
  { signal }: { readonly signal: AbortSignal },
  checked?: string,
): Promise<ReadonlyMap<string, Blob>> {
  const end = await viewOf(zip, zip.size - END_BYTES, END_BYTES);
  if (end.getUint32(0, true) !== END) throw notOurs('its end is missing');
  const [count, size, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (count > MOST_ENTRIES || size > 1 << 20 || start + size + END_BYTES !== zip.size)
    throw notOurs('its table of contents is damaged');
  const table = await viewOf(zip, start, size);
  const entries = new Map<string, Blob>();
  for (let k = 0, at = 0; k < count; k++) {
    if (at + 46 > size || table.getUint32(at, true) !== CENTRAL) throw notOurs('its table of contents is damaged');
    const [method, crc, bytes] = [
      table.getUint16(at + 10, true),
      table.getUint32(at + 16, true),
      table.getUint32(at + 24, true),
    ];
    const [nameBytes, extra, offset] = [
      table.getUint16(at + 28, true),
      table.getUint32(at + 30, true),
      table.getUint32(at + 42, true),
    ];
    if (at + 46 + nameBytes > size || extra !== 0) throw notOurs('its table of contents is damaged');
    const name = new TextDecoder().decode(new Uint8Array(table.buffer, at + 46, nameBytes));
    at += 46 + nameBytes;
    if (method !== 0) throw notOurs(`its part ${name} was packed by another program`);
    const from = offset + 30 + nameBytes;
    if (from + bytes > start) throw notOurs(`its part ${name} is cut short`);
    const blob = zip.slice(from, from + bytes);
    if ((checked ?? name) === name && (await crcOf(blob, signal)) !== crc)
      throw notOurs(`its part ${name} was changed or damaged: the checksum differs`);
    entries.set(name, blob);
  }
  return entries;
}

type Field = readonly [value: number, bytes: 2 | 4];

/** What local and central headers share: version made by, needed, flags, method, time, date, sum, sizes, name, extra. */
const headerOf = (name: string, size: number, crc: number): Field[] => [
  ...([
    [20, 2],
    [20, 2],
    [UTF8, 2],
    [0, 2],
    [0, 2],
    [0x21, 2],
  ] as const), // 1980-01-01: the content alone decides the bytes
  ...([
    [crc, 4],
    [size, 4],
    [size, 4],
    [bytesOf(name).length, 2],
    [0, 2],
  ] as const),
];

function record(mark: number, fields: readonly Field[], name = ''): Uint8Array<ArrayBuffer> {
  const text = bytesOf(name);
  const length = 4 + fields.reduce((sum, [, bytes]) => sum + bytes, 0);
  const out = new Uint8Array(length + text.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, mark, true);
  let at = 4;
  for (const [value, bytes] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  out.set(text, length);
  return out;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function crcOf(blob: Blob, signal: AbortSignal): Promise<number> {
  let crc = 0;
  const reader = blob.stream().getReader();
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) return crc;
    crc = crc32(value, crc);
  }
}

async function viewOf(zip: Blob, from: number, size: number): Promise<DataView> {
  if (from < 0) throw notOurs('it is too short');
  return new DataView(await zip.slice(from, from + size).arrayBuffer());
}

const WHOLE = 'Give a session that Eosin saved, copied whole.';
export const notOurs = (seen: string, todo = WHOLE): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The session file', seen, todo });
const tooLarge = new EosinError({
  tag: 'BadInput',
  what: 'The session file',
  seen: 'it would be longer than 4 GB',
  todo: 'Save the objects as GeoJSON, compressed.',
});

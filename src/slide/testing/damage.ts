// Damaged copies of files, by seed: the same seed, the same damage.
import { tiffKind } from '../tiff.ts';

/** mulberry32: a small generator whose whole state is the seed. */
export function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type TiffKind = NonNullable<ReturnType<typeof tiffKind>>;

interface Directory {
  readonly at: number;
  readonly entries: number;
  readonly next: number; // where the place of the next one stands
}

function directoriesOf(bytes: Uint8Array<ArrayBuffer>, kind: TiffKind): Directory[] {
  const view = new DataView(bytes.buffer);
  const { big, littleEndian } = kind;
  const word = (at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const found: Directory[] = [];
  for (let at = word(big ? 8 : 4); at > 0 && at + 1024 < bytes.length && found.length < 8; ) {
    const entries = big ? word(at) : view.getUint16(at, littleEndian);
    const next = at + (big ? 8 + entries * 20 : 2 + entries * 12);
    found.push({ at, entries, next });
    at = next + 8 < bytes.length ? word(next) : 0;
  }
  return found;
}

/** Where the directories and their neighbours lie: damage there does more than damage in pixels. */
function headerRanges(bytes: Uint8Array<ArrayBuffer>): [number, number][] {
  const kind = tiffKind(bytes);
  if (!kind) return [[0, Math.min(bytes.length, 1500)]];
  const directories = directoriesOf(bytes, kind);
  return [[0, 16], ...directories.map(({ at, next }): [number, number] => [at, Math.min(bytes.length, next + 200)])];
}

const LIES = [0, 1, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A directory that leads back, or an entry whose count or value is far too large. */
function lie(bytes: Uint8Array<ArrayBuffer>, kind: TiffKind, pick: (n: number) => number): void {
  const directories = directoriesOf(bytes, kind);
  const directory = directories[pick(directories.length)];
  if (!directory) return;
  const { big, littleEndian } = kind;
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number): void => {
    if (at + 8 > bytes.length) return;
    if (big) view.setBigUint64(at, BigInt(value), littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  const entry = directory.at + (big ? 8 : 2) + pick(directory.entries) * (big ? 20 : 12);
  if (pick(4) === 0) put(directory.next, directories[pick(directories.length)]?.at ?? 0);
  else put(entry + (pick(2) === 0 ? 4 : big ? 12 : 8), LIES[pick(LIES.length)] ?? 0);
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff];

/** A few bytes changed, most of them in headers; some copies are cut off. */
export function damaged(whole: Uint8Array<ArrayBuffer>, next: () => number): Uint8Array<ArrayBuffer> {
  const bytes = whole.slice();
  const ranges = headerRanges(whole);
  const pick = (n: number): number => Math.floor(next() * n);
  const edits = 1 + pick(6);
  for (let i = 0; i < edits; i++) {
    const [from, to] = next() < 0.8 ? (ranges[pick(ranges.length)] ?? [0, 8]) : [0, bytes.length];
    const at = from + pick(to - from);
    const how = next();
    if (how < 0.4) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    else if (how < 0.8) bytes[at] = INTERESTING[pick(INTERESTING.length)] ?? 0;
    else bytes.fill(pick(256), at, at + 1 + pick(4));
  }
  const kind = tiffKind(whole);
  if (kind && next() < 0.3) lie(bytes, kind, pick);
  return next() < 0.15 ? bytes.slice(0, pick(bytes.length)) : bytes;
}

/** A PNG with the checksums that its chunks would have: or the first of them is all that ever meets damage. */
export function withSums(png: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > png.length) break;
    view.setUint32(end, crc32(png.subarray(at + 4, end)));
    at = end + 4;
  }
  return png;
}

function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

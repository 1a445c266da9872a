// The ICC profile that a PNG, JPEG or WebP carries.

import type { ImageType } from '../decode.ts';
import { inflated } from '../inflate.ts';
import { joined } from '../joined.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const MOST = 4 * 1024 * 1024; // bytes of a profile

/** @returns undefined where the picture has none, or it is damaged */
export async function profileInPicture(bytes: Bytes, type: ImageType): Promise<Bytes | undefined> {
  try {
    const found = type === 'image/png' ? await inPng(bytes) : type === 'image/jpeg' ? inJpeg(bytes) : inWebp(bytes);
    return found && found.length > 0 && found.length <= MOST ? found : undefined;
  } catch {
    return undefined; // the picture is there without it
  }
}

const textAt = (bytes: Bytes, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** Chunk iCCP: a name, a zero, the method (0), and the profile deflated. */
async function inPng(bytes: Bytes): Promise<Bytes | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = textAt(bytes, at + 4, 4);
    if (kind === 'iCCP') {
      const chunk = bytes.subarray(at + 8, at + 8 + length);
      return inflated(chunk.slice(chunk.indexOf(0) + 2), 'deflate', MOST);
    }
    if (kind === 'IDAT') return undefined; // it stands before the pixels
    at += 12 + length;
  }
  return undefined;
}

const JPEG_NAME = 'ICC_PROFILE\0';

/** Segments APP2, numbered from 1: a profile may need several. */
function inJpeg(bytes: Bytes): Bytes | undefined {
  const parts = new Map<number, Uint8Array>();
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (bytes[at + 1] === 0xe2 && textAt(bytes, at + 4, 12) === JPEG_NAME)
      parts.set(bytes[at + 16] ?? 0, bytes.subarray(at + 18, at + 2 + length));
    at += 2 + length;
  }
  return parts.size === 0 ? undefined : joined([...parts].sort(([a], [b]) => a - b).map(([, part]) => part));
}

function inWebp(bytes: Bytes): Bytes | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (textAt(bytes, at, 4) === 'ICCP') return bytes.slice(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

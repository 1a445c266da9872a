import { hasText } from './formats/format.ts';

const KNOWN = [
  [0, '\x89PNG', 'a PNG picture'], //  reached when the name promised a scanner's slide
  [0, '\xff\xd8\xff', 'a JPEG picture'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, 'PK\x05\x06', 'an empty ZIP archive'],
  [0, '\x1f\x8b', 'a gzip archive'],
  [0, '%PDF', 'a PDF'],
  [0, '7z\xbc\xaf', 'a 7-Zip archive'],
  [0, 'Rar!', 'a RAR archive'],
  [257, 'ustar', 'a tar archive'],
  [0, 'GIF8', 'a GIF picture'],
  [0, 'BM', 'a BMP picture'],
  [4, 'ftyp', 'a video, or a HEIC or AVIF picture'],
  [0, '\x7fELF', 'a program'],
  [0, 'MZ', 'a program'],
  [0, '\x89HDF', 'an HDF5 file'],
] as const;

/** What a file that is no slide looks like, to end the sentence "It starts with …". */
export function whatStarts(head: Uint8Array<ArrayBuffer>): string {
  if (head.length === 0) return 'nothing at all';
  const known = KNOWN.find(([at, text]) => hasText(head, at, text));
  if (known) return known[2];
  const text = asText(head.subarray(0, 512));
  if (text !== undefined) {
    const start = text.trimStart().toLowerCase();
    if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'an HTML page';
    if (start.startsWith('<?xml') || start.startsWith('<')) return 'XML';
    if (start.startsWith('{') || start.startsWith('[')) return 'JSON';
    return `the text “${text.trim().split('\n')[0]?.slice(0, 40).trim() ?? ''}”`;
  }
  return `the bytes ${[...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

/** The bytes as text when they are text throughout. */
function asText(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  if (bytes.some((byte) => byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13)) return undefined;
  const text = new TextDecoder().decode(bytes, { stream: true }); // a letter cut in half at the end is no objection
  return text.includes('\ufffd') ? undefined : text;
}

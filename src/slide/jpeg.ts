// JPEG streams of tiled slides: TIFF keeps the tables apart, and says the colour space in a tag the decoder never sees.
import { joined } from './joined.ts';

/** Markers without a length of their own: TEM, RSTn, SOI, EOI. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
export const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

export interface Segment {
  readonly marker: number;
  readonly start: number; // of the 0xFF
  readonly end: number;
}

/** The segments before the first scan (that one's header included). Ends early where the stream is damaged. */
export function segmentsOf(jpeg: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at + 1 < jpeg.length) {
    if (jpeg[at] !== 0xff) break;
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // fill bytes may precede a marker
      continue;
    }
    const length = isBare(marker) ? 0 : ((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0);
    const end = at + 2 + length;
    if (end > jpeg.length || (length < 2 && !isBare(marker))) break;
    segments.push({ marker, start: at, end });
    if (marker === 0xda || marker === 0xd9) break;
    at = end;
  }
  return segments;
}

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bits: number;
}

/** What the start-of-frame marker says; undefined where there is none before the first scan. */
export const frameOf = (jpeg: Uint8Array): JpegFrame | undefined => frameIn(segmentsOf(jpeg), jpeg);

export function frameIn(segments: readonly Segment[], jpeg: Uint8Array): JpegFrame | undefined {
  const frame = segments.find(({ marker }) => isStartOfFrame(marker));
  if (!frame || frame.end - frame.start < 10) return undefined;
  const at = frame.start + 4;
  const u16 = (i: number): number => ((jpeg[i] ?? 0) << 8) | (jpeg[i + 1] ?? 0);
  return { bits: jpeg[at] ?? 0, height: u16(at + 1), width: u16(at + 3), components: jpeg[at + 5] ?? 0 };
}

/** The transform of an Adobe APP14 marker: 0 RGB or CMYK, 1 YCbCr, 2 YCCK; undefined without the marker. */
export const adobeTransformOf = (jpeg: Uint8Array): number | undefined => adobeTransformIn(segmentsOf(jpeg), jpeg);

export function adobeTransformIn(segments: readonly Segment[], jpeg: Uint8Array): number | undefined {
  const adobe = segments.find(
    ({ marker, start, end }) => marker === 0xee && end - start >= 16 && jpeg[start + 4] === 0x41,
  );
  return adobe && jpeg[adobe.start + 15];
}

/** True when the stream has a JFIF marker, which means YCbCr, or components named R, G, B. */
export function saysColours(jpeg: Uint8Array): boolean {
  const segments = segmentsOf(jpeg);
  if (segments.some(({ marker, start }) => marker === 0xe0 && jpeg[start + 4] === 0x4a)) return true;
  const frame = segments.find(({ marker }) => isStartOfFrame(marker));
  return frame !== undefined && jpeg[frame.start + 10] === 0x52;
}

/** True when some components are stored at fewer pixels than others: those are no red, green and blue. */
export function isSubsampled(jpeg: Uint8Array): boolean {
  const frame = segmentsOf(jpeg).find(({ marker }) => isStartOfFrame(marker));
  if (!frame) return false;
  const factors = Array.from({ length: jpeg[frame.start + 9] ?? 0 }, (_, c) => jpeg[frame.start + 11 + 3 * c]);
  return factors.some((factor) => factor !== factors[0]);
}

/** True when the stream ends with its end-of-image marker, padding aside: one that was cut does not. */
export function isComplete(jpeg: Uint8Array): boolean {
  let end = jpeg.length;
  while (end > 0 && jpeg[end - 1] === 0) end--;
  return jpeg[end - 1] === 0xd9 && jpeg[end - 2] === 0xff;
}

const SOI = Uint8Array.of(0xff, 0xd8);
const ADOBE_RGB = Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0);

/**
 * A JPEG any decoder reads: SOI, the colour marker, the tables without their SOI and EOI, the tile without its SOI.
 * @param colours 'rgb' when the components are stored as red, green, blue: without the Adobe marker a decoder takes them
 * for YCbCr. A JFIF marker says YCbCr too, so it is dropped then. 'stream': whatever the stream itself says.
 */
export function spliced(
  tile: Uint8Array<ArrayBuffer>,
  tables: Uint8Array<ArrayBuffer> | undefined,
  colours: 'rgb' | 'stream',
): Uint8Array<ArrayBuffer> {
  if (!tables && colours === 'stream') return tile;
  const parts: Uint8Array[] = [SOI];
  if (colours === 'rgb') parts.push(ADOBE_RGB);
  const dropped = (marker: number): boolean => colours === 'rgb' && (marker === 0xe0 || marker === 0xee);
  if (tables) {
    for (const { marker, start, end } of segmentsOf(tables)) {
      if (!isBare(marker) && !dropped(marker)) parts.push(tables.subarray(start, end));
    }
  }
  let rest = 0;
  for (const { marker, start, end } of segmentsOf(tile)) {
    if (marker === 0xda) break;
    if (marker !== 0xd8 && !dropped(marker)) parts.push(tile.subarray(start, end));
    rest = end;
  }
  parts.push(tile.subarray(rest));
  return joined(parts);
}

// What the header of a JPEG 2000 codestream says, read before anything is decoded: a few bytes may claim gigabytes.

export interface Jpeg2000Header {
  readonly width: number; // pixels
  readonly height: number;
  readonly components: number;
  readonly depth: number; //     bits a component
  readonly subsampled: boolean; // colour at half the width, or half of both
  readonly mixed: boolean; //      the codestream mixes its colours itself, and gives back RGB
  readonly resolutions: number; // times that it can be decoded at half the size
}

const MOST_BOXES = 4096; // bytes of JP2 boxes that may precede the codestream

/** The codestream within the bytes, which may be wrapped in a JP2 file; undefined where there is none. */
function codestreamIn(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 4 <= Math.min(bytes.length, MOST_BOXES); at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff && bytes[at + 3] === 0x51) return at;
  }
  return undefined;
}

/** @returns undefined for what is no codestream, or one that no slide holds (parts cut off, differing depths) */
export function jpeg2000Header(bytes: Uint8Array<ArrayBuffer>): Jpeg2000Header | undefined {
  const start = codestreamIn(bytes);
  if (start === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = start + 4; // Lsiz
    const [width, height, left, top] = [size + 4, size + 8, size + 12, size + 16].map((at) => view.getUint32(at));
    const components = view.getUint16(size + 36);
    const parts = Array.from({ length: Math.min(components, 4) }, (_, c) => ({
      depth: view.getUint8(size + 38 + 3 * c),
      dx: view.getUint8(size + 39 + 3 * c),
      dy: view.getUint8(size + 40 + 3 * c),
    }));
    const [first, ...others] = parts;
    const [second = first] = others;
    if (!first || !second || first.dx !== 1 || first.dy !== 1 || left !== 0 || top !== 0) return undefined;
    const { dx, dy } = second;
    const alike = others.every((part) => part.depth === first.depth && part.dx === dx && part.dy === dy);
    if (!alike || dx < 1 || dx > 2 || dy < 1 || dy > dx) return undefined;
    return {
      width: width ?? 0,
      height: height ?? 0,
      components,
      depth: (first.depth & 0x7f) + 1,
      subsampled: dx === 2,
      ...codingOf(view, size + view.getUint16(size)),
    };
  } catch {
    return undefined; // the header runs off the end: the only thing that throws here
  }
}

/** From the COD marker among the segments of the main header. */
function codingOf(view: DataView, from: number): Pick<Jpeg2000Header, 'mixed' | 'resolutions'> {
  for (let at = from; at + 10 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker === 0xff52) return { mixed: view.getUint8(at + 8) === 1, resolutions: view.getUint8(at + 9) };
    if (marker === 0xff90 || marker < 0xff00) break; // the first tile: there was none
    at += 2 + view.getUint16(at + 2);
  }
  return { mixed: false, resolutions: 0 };
}

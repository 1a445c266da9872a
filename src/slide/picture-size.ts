// How large a picture claims to be, by its first bytes: one that is too large must not be decoded to find out.

export interface Size {
  readonly width: number; // pixels
  readonly height: number;
}

const viewOf = (bytes: Uint8Array<ArrayBuffer>): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** From the IHDR chunk, which comes first. */
export function pngSize(bytes: Uint8Array<ArrayBuffer>): Size | undefined {
  if (bytes.length < 24) return undefined;
  return { width: viewOf(bytes).getUint32(16), height: viewOf(bytes).getUint32(20) };
}

/** From the first chunk: extended, lossless or lossy. */
export function webpSize(bytes: Uint8Array<ArrayBuffer>): Size | undefined {
  if (bytes.length < 30) return undefined;
  const view = viewOf(bytes);
  const u24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (String.fromCharCode(...bytes.subarray(12, 16))) {
    case 'VP8X':
      return { width: u24(24) + 1, height: u24(27) + 1 };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

const MAGIC = 0xfd2fb528;
const BLOCK_MOST = 128 * 1024; // bytes that a compressed block can hold, by the format's definition

/**
 * The most that a zstd stream can unpack to, in bytes, by its block headers alone: a few kilobytes may claim gigabytes.
 * Infinity where it is no zstd stream. The format is RFC 8878, section 3.1.
 */
export function zstdBound(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  let at = 0;
  try {
    while (at < bytes.length) {
      if (view.getUint32(at, true) !== MAGIC) return Number.POSITIVE_INFINITY;
      const descriptor = view.getUint8(at + 4);
      const single = (descriptor & 0x20) !== 0;
      const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
      const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
      at += 5 + (single ? 0 : 1) + dictionary + contentSize;
      for (let last = false; !last; ) {
        const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
        last = (header & 1) === 1;
        const type = (header >>> 1) & 3; // 0 stored, 1 one byte repeated, 2 compressed
        const size = header >>> 3;
        total += type === 2 ? BLOCK_MOST : size;
        at += 3 + (type === 1 ? 1 : size);
      }
      at += (descriptor & 4) === 0 ? 0 : 4; // checksum
    }
    return total;
  } catch {
    return Number.POSITIVE_INFINITY; // the headers run off the end: the only thing that throws here
  }
}

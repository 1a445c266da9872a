// Byte-to-byte packings that TIFF and Zarr share, or that only Zarr has: unpacked to a known size and never more.
import { zstdBound } from './zstd-bound.ts';

export const CODECS = ['zlib', 'gzip', 'zstd', 'blosc', 'lz4', 'crc32c'] as const;
export type Codec = (typeof CODECS)[number];

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * @param codecs in the order in which they were applied
 * @param size bytes of what was packed
 * @throws Error when the bytes do not unpack, or to more than that
 */
export async function unpackedBy(codecs: readonly Codec[], bytes: Bytes, size: number): Promise<Bytes> {
  let out = bytes;
  for (const [index, codec] of [...codecs.entries()].reverse()) {
    const most = index === 0 ? size : 2 * size + SLACK; // what one codec hands to the next may be a little larger
    out = await STEPS[codec](out, most);
  }
  return out;
}

const SLACK = 64 * 1024; // bytes
const ZSTD_SLACK = 8 * 2 ** 20; // bytes: small tiles may lie in several blocks, each counted as full

const STEPS: Readonly<Record<Codec, (bytes: Bytes, most: number) => Promise<Bytes>>> = {
  zlib: (bytes, most) => inflate(bytes, 'deflate', most),
  gzip: (bytes, most) => inflate(bytes, 'gzip', most),
  zstd: (bytes, most) => {
    if (zstdBound(bytes) > 8 * most + ZSTD_SLACK) throw tooMuch(most);
    return byZarrita('zstd', bytes);
  },
  // The header says the unpacked size: 16 bytes, the size in the second four.
  blosc: (bytes, most) => byZarrita('blosc', atMost(bytes, 16, 4, most)),
  lz4: (bytes, most) => byZarrita('lz4', atMost(bytes, 4, 0, most)),
  crc32c: async (bytes) => bytes.subarray(0, Math.max(0, bytes.length - 4)), // the checksum of what stands before it
};

const tooMuch = (most: number): Error => new Error(`it inflates to more than its ${most} bytes`);

/** The bytes, when the little-endian size that they claim at `at` is no more than that. */
function atMost(bytes: Bytes, header: number, at: number, most: number): Bytes {
  if (bytes.length < header) throw new Error('its header is cut short');
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true) > most) throw tooMuch(most);
  return bytes;
}

/** Checksums included, to `most` bytes; stops with an error where there are more. */
async function inflate(bytes: Bytes, format: 'deflate' | 'gzip', most: number): Promise<Bytes> {
  const out = new Uint8Array(most);
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  for (let used = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return out.subarray(0, used);
    if (used + value.byteLength > most) {
      await reader.cancel();
      throw tooMuch(most);
    }
    out.set(value, used);
    used += value.byteLength;
  }
}

async function byZarrita(name: 'zstd' | 'blosc' | 'lz4', bytes: Bytes): Promise<Bytes> {
  const { registry } = await import('zarrita');
  const entry = await registry.get(name)?.();
  if (!entry) throw new Error(`no decoder for ${name}`);
  const meta = { dataType: 'uint8', shape: [bytes.length], codecs: [], fillValue: 0 } as const;
  const decoded: unknown = await entry.fromConfig({}, { ...meta, shape: [...meta.shape], codecs: [] }).decode(bytes);
  if (!(decoded instanceof Uint8Array)) throw new Error(`the ${name} decoder gave no bytes`);
  return new Uint8Array(decoded);
}

// RLE Lossless of DICOM (PS3.5, annex G): each byte of each sample is a plane of its own, packed as PackBits does.
import { unpackBits } from './pack-bits.ts';

const HEADER = 64; //       bytes: how many planes there are, and where each begins
const MOST_PLANES = 15;

/** Told by its header alone: a frame has no other mark. */
export function isRle(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false;
  const [count = 0, ...offsets] = headerOf(bytes);
  if (count < 1 || count > MOST_PLANES || offsets[0] !== HEADER) return false;
  return offsets.every((offset, i) => (i < count ? i === 0 || offset > (offsets[i - 1] ?? 0) : offset === 0));
}

/**
 * @param pixels of the frame @param depth bits a sample
 * @returns the samples plane by plane, those of 16 bits little-endian
 * @throws Error that says what is wrong, as the end of a sentence
 */
export function decodeRle(
  bytes: Uint8Array<ArrayBuffer>,
  pixels: number,
  samples: number,
  depth: number,
): Uint8Array<ArrayBuffer> {
  if (!isRle(bytes)) throw new Error('its RLE header is damaged');
  const [count = 0, ...offsets] = headerOf(bytes);
  const size = depth / 8;
  if (count !== samples * size) throw new Error(`it holds ${count} of ${samples * size} RLE planes`);
  const out = new Uint8Array(pixels * count);
  for (let plane = 0; plane < count; plane++) {
    const end = plane + 1 < count ? offsets[plane + 1] : bytes.length;
    const values = unpackBits(bytes.subarray(offsets[plane], end), pixels);
    if (values.length < pixels) throw new Error(`an RLE plane of it holds ${values.length} of ${pixels} pixels`);
    const sample = Math.floor(plane / size);
    const byte = size - 1 - (plane % size); // the highest byte comes first
    for (let i = 0, at = sample * pixels * size + byte; i < pixels; i++, at += size) out[at] = values[i] ?? 0;
  }
  return out;
}

function headerOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: HEADER / 4 }, (_, i) => view.getUint32(4 * i, true));
}

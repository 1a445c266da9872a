// The maps of nuclei on the grid on which they are segmented: inner + 4096 × foreground, sixteenths of 8-bit values.

const innerOf = (packed: number): number => (packed >> 8) & 255;
const foregroundOf = (packed: number): number => Math.min(255, ((packed >> 8) & 255) + ((packed >> 16) & 255));

/** 16 × inner + 4096 × (16 × foreground) of one pixel; sums of sixteen weights of it do not carry over. */
const both = (packed: number): number => innerOf(packed) + 4096 * foregroundOf(packed);

/**
 * @param packed [height × width] background + 256 inner + 65536 contour
 * @param up 2 doubles the picture: bilinear at half-pixel centres with clamped edges, weights 9, 3, 3, 1 of 16
 * @param out written from index `first`, `stride` from row to row
 */
export function valuesOf(
  packed: Int32Array,
  width: number,
  height: number,
  up: 1 | 2,
  out: Int32Array,
  first: number,
  stride: number,
): void {
  if (up === 2) upsampledTwice(packed, width, height, out, first, stride);
  else {
    for (let y = 0, i = 0; y < height; y++) {
      for (let o = first + y * stride, end = o + width; o < end; o++, i++) {
        const value = packed[i] ?? 0;
        out[o] = value < 256 ? 0 : 16 * both(value);
      }
    }
  }
}

function upsampledTwice(
  packed: Int32Array,
  width: number,
  height: number,
  out: Int32Array,
  first: number,
  stride: number,
): void {
  for (let y = 0; y < 2 * height; y++) {
    const near = (y >> 1) * width;
    const far = Math.min(height - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * width;
    for (let x = 0, o = first + y * stride; x < 2 * width; x++, o++) {
      const cx = x >> 1;
      const fx = Math.min(width - 1, Math.max(0, cx + (x & 1 ? 1 : -1)));
      const [a, b] = [packed[near + cx] ?? 0, packed[near + fx] ?? 0];
      const [c, d] = [packed[far + cx] ?? 0, packed[far + fx] ?? 0];
      out[o] = 9 * both(a) + 3 * (both(b) + both(c)) + both(d);
    }
  }
}

// The maps of nuclei on the grid on which they are segmented: inner + 4096 × foreground, sixteenths of 8-bit values.

const innerOf = (packed: number): number => (packed >> 8) & 255;
const foregroundOf = (packed: number): number => Math.min(255, ((packed >> 8) & 255) + ((packed >> 16) & 255));

/** 16 × inner + 4096 × (16 × foreground) of one pixel; sums of sixteen weights of it do not carry over. */
const both = (packed: number): number => innerOf(packed) + 4096 * foregroundOf(packed);

/** The first of some pixels whose foreground (0 to 255) is `least` or more, `end` where there is none. @param least above 0 */
export function nextForeground(packed: Int32Array, from: number, end: number, least: number): number {
  for (let i = from; i < end; i++) {
    const value = packed[i] ?? 0;
    if (value >= 256 && foregroundOf(value) >= least) return i; // most of a slide ends at the first of these
  }
  return end;
}

/** The first of some pixels whose foreground is less than `least`. */
export function nextBackground(packed: Int32Array, from: number, end: number, least: number): number {
  for (let i = from; i < end; i++) if (foregroundOf(packed[i] ?? 0) < least) return i;
  return end;
}

/** A network's map of nuclei. */
export interface PackedMap {
  readonly packed: Int32Array; // [height × width] background + 256 inner + 65536 contour
  readonly width: number;
  readonly height: number;
  readonly up: 1 | 2; // 2 doubles the picture: bilinear at half-pixel centres with clamped edges, weights 9, 3, 3, 1 of 16
}

/**
 * The pixels [x0, x1) of one row of the grid.
 * @param out written from index `at`
 */
export function fineRow(map: PackedMap, y: number, x0: number, x1: number, out: Int32Array, at: number): void {
  if (map.up === 2) upsampledRow(map, y, x0, x1, out, at);
  else plainRow(map, y, x0, x1, out, at);
}

function plainRow({ packed, width }: PackedMap, y: number, x0: number, x1: number, out: Int32Array, at: number): void {
  for (let i = y * width + x0, end = y * width + x1, o = at; i < end; i++, o++) {
    const value = packed[i] ?? 0;
    out[o] = value < 256 ? 0 : 16 * both(value);
  }
}

function upsampledRow(
  { packed, width, height }: PackedMap,
  y: number,
  x0: number,
  x1: number,
  out: Int32Array,
  at: number,
): void {
  const near = (y >> 1) * width;
  const far = Math.min(height - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * width;
  for (let x = x0, o = at; x < x1; x++, o++) {
    const cx = x >> 1;
    const fx = Math.min(width - 1, Math.max(0, cx + (x & 1 ? 1 : -1)));
    const [a, b] = [packed[near + cx] ?? 0, packed[near + fx] ?? 0];
    const [c, d] = [packed[far + cx] ?? 0, packed[far + fx] ?? 0];
    out[o] = 9 * both(a) + 3 * (both(b) + both(c)) + both(d);
  }
}

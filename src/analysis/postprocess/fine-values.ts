// The maps of nuclei on the grid on which they are segmented: inner + 4096 × foreground, sixteenths of 8-bit values.

const innerOf = (packed: number): number => (packed >> 8) & 255;
const foregroundOf = (packed: number): number => Math.min(255, ((packed >> 8) & 255) + ((packed >> 16) & 255));

/** 16 × inner + 4096 × (16 × foreground) of one pixel; sums of sixteen weights of it do not carry over. */
const both = (packed: number): number => innerOf(packed) + 4096 * foregroundOf(packed);

/** Bits of packed pixels of which one is set where inner and contour come to `least` (above 0) or more. */
export function brightBits(least: number): number {
  const below = 2 ** Math.floor(Math.log2((least + 1) / 2)); // two that are less come to 2 × below - 2 at most
  return (255 & -below) * (2 ** 8 + 2 ** 16);
}

/**
 * The first of some pixels whose foreground (0 to 255) is `least` or more, `end` where there is none. Most of a slide is passed
 * over four pixels at a time.
 * @param bright brightBits of `least`
 */
export function nextForeground(packed: Int32Array, from: number, end: number, least: number, bright: number): number {
  let i = from;
  for (; i + 4 <= end; i += 4) {
    const any = (packed[i] ?? 0) | (packed[i + 1] ?? 0) | (packed[i + 2] ?? 0) | (packed[i + 3] ?? 0);
    if ((any & bright) === 0) continue;
    for (let k = i; k < i + 4; k++) if (foregroundOf(packed[k] ?? 0) >= least) return k;
  }
  for (; i < end; i++) if (foregroundOf(packed[i] ?? 0) >= least) return i;
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

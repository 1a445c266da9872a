// Objects of a few pixels: discs of their area in a raster of groups and of how much of each pixel they cover, which a palette
// colours. Pure.
import { type Frame, toScreen, transformOf } from '../frame.ts';
import { rgbOf } from './colormaps.ts';
import type { FarRows } from './far.ts';
import { HIDDEN } from './groups.ts';
import { lentPixels } from './lent-pixels.ts';

const NONE = 0xffffffff; // no colour: those have 24 bits

/** What lies on each device px. */
export interface GroupRaster {
  readonly width: number; //   device px
  readonly height: number;
  readonly groups: Uint8Array<ArrayBuffer>; // [width × height]; HIDDEN where nothing lies
  readonly cover: Uint8Array<ArrayBuffer>; //  [width × height] 0 to 255, of the pixel; from 128 on its centre is held
}

/**
 * Every object that is shown takes at least the pixel its centroid lies in; of several that hold a pixel's centre the last
 * row is seen.
 * @param groups [n], HIDDEN: not shown
 * @param leastPx device px: the smallest radius
 */
export function discsOf(
  far: FarRows,
  groups: Uint8Array,
  frame: Frame,
  pixelRatio: number,
  leastPx = 0.5,
): GroupRaster {
  const width = Math.round(frame.width * pixelRatio);
  const height = Math.round(frame.height * pixelRatio);
  const out = new Uint8Array(width * height).fill(HIDDEN);
  const cover = new Uint8Array(width * height);
  const [a, b, c, d] = transformOf(frame, { x: 0, y: 0 }, pixelRatio);
  const origin = toScreen(frame, 0, 0);
  const [e, f] = [origin.x * pixelRatio, origin.y * pixelRatio];
  const scale = (frame.zoom * pixelRatio) / Math.sqrt(Math.PI);
  const { centroid, areaPx, count } = far;
  for (let i = 0; i < count; i++) {
    const group = groups[i] ?? HIDDEN;
    if (group === HIDDEN) continue;
    const [x, y] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
    const px = a * x + c * y + e;
    const py = b * x + d * y + f;
    const radius = Math.max(leastPx, Math.sqrt(areaPx[i] ?? 0) * scale);
    if (px < -radius || py < -radius || px > width + radius || py > height + radius) continue;
    const column = Math.floor(px);
    const line = Math.floor(py);
    if (column >= 0 && line >= 0 && column < width && line < height) {
      out[line * width + column] = group;
      cover[line * width + column] = 255;
    }
    const rim2 = radius * radius + radius;
    const rim = Math.sqrt(rim2);
    const slope = 128 / radius;
    const y1 = Math.min(height - 1, Math.floor(py + rim - 0.5));
    for (let row = Math.max(0, Math.ceil(py - rim - 0.5)); row <= y1; row++) {
      const dy = row + 0.5 - py;
      const left2 = rim2 - dy * dy;
      const half = Math.sqrt(left2);
      const x0 = Math.max(0, Math.ceil(px - half - 0.5));
      const x1 = Math.min(width - 1, Math.floor(px + half - 0.5));
      for (let col = x0; col <= x1; col++) {
        const dx = col + 0.5 - px;
        const held = Math.min(255, slope * (left2 - dx * dx)); // half at the radius, as a rim a pixel wide has it
        const k = row * width + col;
        const before = cover[k] ?? 0;
        if (held >= 128 || before === 0) out[k] = group;
        if (held > before) cover[k] = held;
      }
    }
  }
  return { width, height, groups: out, cover };
}

/** RGBA of a raster: as opaque as a pixel is covered; lent, see lentPixels. */
export function colouredDiscs(
  { groups, cover }: GroupRaster,
  palette: readonly string[],
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = lentPixels(groups.length);
  const words = new Uint32Array(bytes.buffer, 0, groups.length); // little-endian on every machine that browsers run on
  const colours = Uint32Array.from({ length: 256 }, (_, group) => {
    const color = palette[group];
    if (color === undefined) return NONE;
    const [r, g, b] = rgbOf(color);
    return (b << 16) | (g << 8) | r;
  });
  for (let i = 0; i < groups.length; i++) {
    const colour = colours[groups[i] ?? HIDDEN] ?? NONE;
    words[i] = colour === NONE ? 0 : colour | ((cover[i] ?? 0) << 24);
  }
  return bytes;
}

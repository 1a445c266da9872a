// Objects of a few pixels: discs of their area in a raster of groups, one byte a pixel, which a palette colours. Pure.
import { type Frame, toScreen, transformOf } from '../frame.ts';
import { rgbOf } from './colormaps.ts';
import type { FarRows } from './far.ts';
import { HIDDEN } from './groups.ts';

/** What lies on each device px. */
export interface GroupRaster {
  readonly width: number; //   device px
  readonly height: number;
  readonly groups: Uint8Array<ArrayBuffer>; // [width × height]; HIDDEN where nothing lies
}

/**
 * Every object that is shown takes at least the pixel its centroid lies in; of several the last row is seen.
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
    if (column >= 0 && line >= 0 && column < width && line < height) out[line * width + column] = group;
    const y1 = Math.min(height - 1, Math.ceil(py + radius - 0.5));
    for (let row = Math.max(0, Math.floor(py - radius + 0.5)); row <= y1; row++) {
      const dy = row + 0.5 - py;
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy));
      const x0 = Math.max(0, Math.ceil(px - half - 0.5));
      const x1 = Math.min(width - 1, Math.floor(px + half - 0.5));
      for (let col = x0; col <= x1; col++) out[row * width + col] = group;
    }
  }
  return { width, height, groups: out };
}

/** RGBA of a raster: opaque where something lies. */
export function colouredDiscs({ groups }: GroupRaster, palette: readonly string[]): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(4 * groups.length);
  const words = new Uint32Array(bytes.buffer); // little-endian on every machine that browsers run on
  const colours = Uint32Array.from({ length: 256 }, (_, group) => {
    const color = palette[group];
    if (color === undefined) return 0;
    const [r, g, b] = rgbOf(color);
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
  for (let i = 0; i < groups.length; i++) words[i] = colours[groups[i] ?? HIDDEN] ?? 0;
  return bytes;
}

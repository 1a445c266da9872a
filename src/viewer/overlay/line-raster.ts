// Outlines of many small objects as a raster: for each device px how far the nearest outline is, whose group it has, and
// whether the px lies inside. A palette makes colours of it, so a change of colour paints nothing anew. Pure.
import { type Frame, transformOf } from '../frame.ts';
import { HIDDEN } from './groups.ts';
import { lentPixels } from './lent-pixels.ts';
import type { NearRows } from './near.ts';

/** Codes of `codes`: a distance in sixteenths of a device px, FAR at most; with INSIDE added inside of an object. */
export const PER_PX = 16;
const FAR = 126;
export const INSIDE = 128;
export const NOTHING = 255;

export interface LineRaster {
  readonly width: number; //   device px
  readonly height: number;
  readonly groups: Uint8Array<ArrayBuffer>; // [width × height] of the nearest outline, or of what it lies inside
  readonly codes: Uint8Array<ArrayBuffer>; //  [width × height]
}

/** @param fills px inside are marked, too: costs a pass over every object */
export interface RasterAsked {
  readonly frame: Frame;
  readonly pixelRatio: number;
  readonly reach: number; // device px, at most 7: outlines are looked for so far away
  readonly fills: boolean;
}

/**
 * @param groups [n]; rows that are HIDDEN are left out
 * @param over a raster that nobody needs any more: its memory is taken over where it is of the same size
 */
export function lineRaster(
  near: NearRows,
  groups: Uint8Array,
  { frame, pixelRatio, reach, fills }: RasterAsked,
  over?: LineRaster,
): LineRaster {
  const width = Math.round(frame.width * pixelRatio);
  const height = Math.round(frame.height * pixelRatio);
  const size = width * height;
  const raster =
    over?.width === width && over.height === height
      ? over
      : { width, height, groups: new Uint8Array(size), codes: new Uint8Array(size) };
  raster.codes.fill(NOTHING); // where nothing is, the group is not looked at
  const xy = onScreen(near, frame, pixelRatio);
  const nearer = nearerThan(reach);
  const { firstRing, firstVertex } = near;
  for (let k = 0; k < near.count; k++) {
    const group = groups[k] ?? HIDDEN;
    if (group === HIDDEN) continue;
    const [ring0, ring1] = [firstRing[k] ?? 0, firstRing[k + 1] ?? 0];
    const [v0, v1] = [firstVertex[ring0] ?? 0, firstVertex[ring1] ?? 0];
    if (isOff(xy, v0, v1, width, height, reach)) continue;
    if (fills) fillInside(raster, xy, firstVertex, ring0, ring1, group);
    for (let ring = ring0; ring < ring1; ring++) {
      const [from, to] = [firstVertex[ring] ?? 0, firstVertex[ring + 1] ?? 0];
      for (let v = from, w = to - 1; v < to; w = v++) {
        segment(raster, xy, w, v, reach, nearer, group);
      }
    }
  }
  return raster;
}

/** Vertices in device px. */
function onScreen({ xy, rect }: NearRows, frame: Frame, pixelRatio: number): Float32Array {
  const [a, b, c, d, e, f] = transformOf(frame, rect, pixelRatio);
  const out = new Float32Array(xy.length);
  for (let k = 0; k < xy.length; k += 2) {
    const [x, y] = [xy[k] ?? 0, xy[k + 1] ?? 0];
    out[k] = a * x + c * y + e;
    out[k + 1] = b * x + d * y + f;
  }
  return out;
}

function isOff(xy: Float32Array, v0: number, v1: number, width: number, height: number, reach: number): boolean {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = v0; v < v1; v++) {
    const [x, y] = [xy[2 * v] ?? 0, xy[2 * v + 1] ?? 0];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return x1 < -reach || y1 < -reach || x0 > width + reach || y0 > height + reach;
}

/** [128] by code without INSIDE: the square of the distance below which a line is nearer than the code says, and in reach. */
const nearerThan = (reach: number): Float64Array =>
  Float64Array.from({ length: 128 }, (_, code) => Math.min(code / PER_PX, reach) ** 2);

/** Distances of the px around one side of an outline, from vertex `w` to vertex `v`. @param nearer of `nearerThan` */
function segment(
  { width, height, groups, codes }: LineRaster,
  xy: Float32Array,
  w: number,
  v: number,
  reach: number,
  nearer: Float64Array,
  group: number,
): void {
  const [ax, ay, bx, by] = [xy[2 * w] ?? 0, xy[2 * w + 1] ?? 0, xy[2 * v] ?? 0, xy[2 * v + 1] ?? 0];
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const inverse = length2 === 0 ? 0 : 1 / length2;
  const x0 = Math.max(0, Math.ceil(Math.min(ax, bx) - reach - 0.5));
  const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx) + reach - 0.5));
  const y0 = Math.max(0, Math.ceil(Math.min(ay, by) - reach - 0.5));
  const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by) + reach - 0.5));
  for (let row = y0; row <= y1; row++) {
    const qy = row + 0.5 - ay;
    const last = row * width + x1;
    let qx = x0 + 0.5 - ax;
    for (let at = row * width + x0; at <= last; at++, qx++) {
      const along = (qx * dx + qy * dy) * inverse;
      const t = Math.max(0, Math.min(1, along));
      const ex = qx - t * dx;
      const ey = qy - t * dy;
      const distance2 = ex * ex + ey * ey;
      const before = codes[at] ?? NOTHING;
      if (distance2 >= (nearer[before & 127] ?? 0)) continue;
      const code = Math.floor(Math.sqrt(distance2) * PER_PX);
      codes[at] = before === NOTHING ? code : code | (before & INSIDE);
      groups[at] = group;
    }
  }
}

const crossings: number[] = [];

/** Marks the px whose centres lie inside the rings, by the even-odd rule. */
function fillInside(
  raster: LineRaster,
  xy: Float32Array,
  firstVertex: Uint32Array,
  ring0: number,
  ring1: number,
  group: number,
): void {
  const { width, height, groups, codes } = raster;
  let [top, bottom] = [Infinity, -Infinity];
  for (let v = firstVertex[ring0] ?? 0; v < (firstVertex[ring1] ?? 0); v++) {
    const y = xy[2 * v + 1] ?? 0;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  const last = Math.min(height - 1, Math.floor(bottom - 0.5));
  for (let row = Math.max(0, Math.ceil(top - 0.5)); row <= last; row++) {
    const y = row + 0.5;
    crossings.length = 0;
    for (let ring = ring0; ring < ring1; ring++) {
      const [from, to] = [firstVertex[ring] ?? 0, firstVertex[ring + 1] ?? 0];
      for (let v = from, w = to - 1; v < to; w = v++) {
        const ay = xy[2 * w + 1] ?? 0;
        const by = xy[2 * v + 1] ?? 0;
        if (ay > y === by > y) continue;
        const ax = xy[2 * w] ?? 0;
        crossings.push(ax + ((y - ay) / (by - ay)) * ((xy[2 * v] ?? 0) - ax));
      }
    }
    if (crossings.length > 2) crossings.sort((p, q) => p - q);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const [one, other] = [crossings[k] ?? 0, crossings[k + 1] ?? 0]; // two alone come in either order
      const to = Math.min(width - 1, Math.floor(Math.max(one, other) - 0.5));
      for (let col = Math.max(0, Math.ceil(Math.min(one, other) - 0.5)); col <= to; col++) {
        const at = row * width + col;
        const before = codes[at] ?? NOTHING;
        if (before === NOTHING) {
          codes[at] = FAR | INSIDE;
          groups[at] = group;
        } else codes[at] = before | INSIDE;
      }
    }
  }
}

/** A colour with its opacity. */
export interface Tone {
  readonly rgb: readonly [number, number, number]; // 0 to 255
  readonly alpha: number; //                          0 to 1
}

/** What a px of a group looks like so far from the outline. @param distance device px, negative inside */
export type Look = (group: number, distance: number) => readonly Tone[]; // from the bottom up

/** RGBA of a raster by what each code looks like, lent: see lentPixels. */
export function colouredLines(
  { groups, codes }: LineRaster,
  palette: number,
  look: Look,
): Uint8ClampedArray<ArrayBuffer> {
  const table = new Uint32Array(256 * palette);
  for (let group = 0; group < palette; group++) {
    for (let code = 0; code < NOTHING; code++) {
      const distance = ((code & 127) + 0.5) / PER_PX;
      table[group * 256 + code] = wordOf(look(group, code >= INSIDE ? -distance : distance));
    }
  }
  const bytes = lentPixels(codes.length);
  const words = new Uint32Array(bytes.buffer, 0, codes.length); // little-endian on every machine that browsers run on
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? NOTHING;
    words[i] = code === NOTHING ? 0 : (table[(groups[i] ?? 0) * 256 + code] ?? 0);
  }
  return bytes;
}

/** Tones one over the other, as a little-endian RGBA word. */
function wordOf(tones: readonly Tone[]): number {
  let [r, g, b, alpha] = [0, 0, 0, 0]; // multiplied by alpha
  for (const { rgb, alpha: own } of tones) {
    const rest = 1 - own;
    [r, g, b] = [r * rest + rgb[0] * own, g * rest + rgb[1] * own, b * rest + rgb[2] * own];
    alpha = own + alpha * rest;
  }
  if (alpha === 0) return 0;
  const part = (value: number): number => Math.round(value / alpha) & 255;
  return ((Math.round(255 * alpha) << 24) | (part(b) << 16) | (part(g) << 8) | part(r)) >>> 0;
}

/** How much of a px lies nearer to a line than `half`, for one whose centre is so far from it. Device px. */
export const coverage = (half: number, distance: number): number => Math.min(1, Math.max(0, half - distance + 0.5));

// Outlines of many small objects as a raster: for each device px how far the nearest outline is, whose group it has, and
// whether the px lies inside. A palette makes colours of it, so a change of colour paints nothing anew; and what each object
// marks is kept, so that a change of what is shown looks at no outline again. Pure.
import { type Frame, transformOf } from '../frame.ts';
import { HIDDEN } from './groups.ts';
import { lentPixels } from './lent-pixels.ts';
import type { NearRows } from './near.ts';
import { Stamps } from './stamps.ts';

/** Codes of `codes`: a distance in sixteenths of a device px, FAR at most; with INSIDE added inside of an object. */
export const PER_PX = 16;
const FAR = 126;
export const INSIDE = 128;
export const NOTHING = 255;

export interface LineRaster {
  readonly width: number; //   device px
  readonly height: number;
  readonly groups: Uint8Array<ArrayBuffer>; // [width × height] of the nearest outline, or of what it lies inside
  readonly codes: Uint8Array<ArrayBuffer>; //  [width × height]; where they are NOTHING, the group is not looked at
}

/** @param fills px inside are marked, too: costs a pass over every object */
export interface RasterAsked {
  readonly frame: Frame;
  readonly pixelRatio: number;
  readonly reach: number; // device px, at most 7: outlines are looked for so far away
  readonly fills: boolean;
}

/** Some px of a picture, whose first is `left`, `top` of it, while one object's outline is gone along. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
  nearest: Float64Array; // [width × height] square of the distance to the nearest side, device px; that of the reach: none
  crossed: Uint8Array; //   [width × height] 1: between the centre of the px before and its own a row is crossed oddly often
}

/** What lies around one frame. */
export class Lines {
  readonly #near: NearRows;
  readonly #asked: RasterAsked;
  readonly #transform: ReturnType<typeof transformOf>;
  readonly #stamps: Stamps;
  readonly #raster: LineRaster;
  #laid: Uint8Array | undefined; // groups that the raster shows

  /** @param over nobody needs it any more: its memory is taken over where it fits, for new memory costs more than filling it */
  constructor(near: NearRows, asked: RasterAsked, over?: Lines) {
    const { frame, pixelRatio } = asked;
    const width = Math.round(frame.width * pixelRatio);
    const height = Math.round(frame.height * pixelRatio);
    const size = width * height;
    const had = over ? over.#raster : undefined;
    this.#near = near;
    this.#asked = asked;
    this.#transform = transformOf(frame, near.rect, pixelRatio);
    this.#stamps = new Stamps(near.count, over ? over.#stamps : undefined);
    this.#raster =
      had?.width === width && had.height === height
        ? had
        : { width, height, groups: new Uint8Array(size), codes: new Uint8Array(size) };
  }

  /**
   * The same raster each time, laid anew where the groups are others.
   * @param groups [n]; rows that are HIDDEN are left out; the same array: the same groups
   */
  raster(groups: Uint8Array): LineRaster {
    const raster = this.#raster;
    if (groups === this.#laid) return raster;
    const stamps = this.#stamps;
    raster.codes.fill(NOTHING);
    for (let k = 0; k < this.#near.count; k++) {
      const group = groups[k] ?? HIDDEN;
      if (group === HIDDEN) continue;
      const first = stamps.first(k);
      if (first >= 0) lay(raster, stamps, first, stamps.end(k), group);
      else this.#find(k, group);
    }
    this.#laid = groups;
    return raster;
  }

  /** What an object marks, found, laid and kept. */
  #find(k: number, group: number): void {
    const { width, height } = this.#raster;
    const { firstRing, firstVertex } = this.#near;
    const { reach, fills } = this.#asked;
    const [ring0, ring1] = [firstRing[k] ?? 0, firstRing[k + 1] ?? 0];
    const v0 = firstVertex[ring0] ?? 0;
    const xy = onScreen(this.#near, v0, firstVertex[ring1] ?? 0, this.#transform);
    box.left = Math.max(0, Math.ceil(bounds.x0 - reach - 0.5)) | 0;
    box.top = Math.max(0, Math.ceil(bounds.y0 - reach - 0.5)) | 0;
    box.width = (Math.min(width - 1, Math.floor(bounds.x1 + reach - 0.5)) - box.left + 1) | 0;
    box.height = (Math.min(height - 1, Math.floor(bounds.y1 + reach - 0.5)) - box.top + 1) | 0;
    const stamps = this.#stamps;
    const first = stamps.room(0);
    if (box.width <= 0 || box.height <= 0) {
      stamps.keep(k, first);
      return;
    }
    const size = box.width * box.height;
    if (box.nearest.length < size) [box.nearest, box.crossed] = [new Float64Array(2 * size), new Uint8Array(2 * size)];
    box.nearest.fill(reach * reach, 0, size);
    for (let ring = ring0; ring < ring1; ring++) {
      const [from, to] = [(firstVertex[ring] ?? 0) - v0, (firstVertex[ring + 1] ?? 0) - v0];
      for (let v = from, w = to - 1; v < to; w = v++) side(box, xy, w, v, reach, fills);
    }
    const end = taken(box, stamps, reach, width);
    lay(this.#raster, stamps, first, end, group);
    stamps.keep(k, end);
  }
}

/** What one object marks, and where its vertices are: the next one's comes into the same memory. */
const box: Box = {
  left: 0,
  top: 0,
  width: 0,
  height: 0,
  nearest: new Float64Array(1024),
  crossed: new Uint8Array(1024), // zeros whenever no object is gone along
};
let vertices = new Float32Array(512); // [v × 2] device px
const bounds = { x0: 0, y0: 0, x1: 0, y1: 0 }; // of them

/** Vertices in device px, and their bounds. */
function onScreen(
  { xy }: NearRows,
  v0: number,
  v1: number,
  [a, b, c, d, e, f]: ReturnType<typeof transformOf>,
): Float32Array {
  const count = v1 - v0;
  if (vertices.length < 2 * count) vertices = new Float32Array(4 * count);
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v < count; v++) {
    const [x, y] = [xy[2 * (v0 + v)] ?? 0, xy[2 * (v0 + v) + 1] ?? 0];
    const px = a * x + c * y + e;
    const py = b * x + d * y + f;
    vertices[2 * v] = px;
    vertices[2 * v + 1] = py;
    if (px < x0) x0 = px;
    if (px > x1) x1 = px;
    if (py < y0) y0 = py;
    if (py > y1) y1 = py;
  }
  bounds.x0 = x0;
  bounds.y0 = y0;
  bounds.x1 = x1;
  bounds.y1 = y1;
  return vertices;
}

/** Writes the px that are marked behind what is kept. @returns where they end @param width of the picture */
function taken(
  { left, top, width: across, height, nearest, crossed }: Box,
  stamps: Stamps,
  reach: number,
  width: number,
): number {
  let end = stamps.room(across * height);
  const { px, codes } = stamps;
  const none = reach * reach;
  for (let row = 0, i = 0; row < height; row++) {
    const start = (top + row) * width + left;
    let inside = 0;
    for (let col = 0; col < across; col++, i++) {
      inside ^= crossed[i] ?? 0;
      crossed[i] = 0;
      const distance2 = nearest[i] ?? none;
      if (distance2 >= none && inside === 0) continue;
      px[end] = start + col;
      codes[end++] = (distance2 < none ? (Math.sqrt(distance2) * PER_PX) | 0 : FAR) | (INSIDE * inside);
    }
  }
  return end;
}

/** The nearest outline counts, of several as near the first; inside of one is inside. */
function lay({ groups, codes }: LineRaster, stamps: Stamps, first: number, end: number, group: number): void {
  const { px, codes: own } = stamps;
  for (let k = first; k < end; k++) {
    const at = px[k] ?? 0;
    const code = own[k] ?? NOTHING;
    const before = codes[at] ?? NOTHING;
    if (before === NOTHING) {
      codes[at] = code;
      groups[at] = group;
    } else if ((code & 127) < (before & 127)) {
      codes[at] = code | (before & INSIDE);
      groups[at] = group;
    } else codes[at] = before | (code & INSIDE);
  }
}

/**
 * Distances of the px around one side of an outline, from vertex `w` to vertex `v`; and with `fills` where it crosses the
 * middles of rows: what is crossed oddly often to the left lies inside, by the even-odd rule.
 */
function side(
  { left, top, width, height, nearest, crossed }: Box,
  xy: Float32Array,
  w: number,
  v: number,
  reach: number,
  fills: boolean,
): void {
  const ax = (xy[2 * w] ?? 0) - left;
  const ay = (xy[2 * w + 1] ?? 0) - top;
  const bx = (xy[2 * v] ?? 0) - left;
  const by = (xy[2 * v + 1] ?? 0) - top;
  const [dx, dy] = [bx - ax, by - ay];
  const [high, low] = [Math.min(ay, by), Math.max(ay, by)];
  const length2 = dx * dx + dy * dy;
  const inverse = length2 === 0 ? 0 : 1 / length2;
  const x0 = Math.max(0, Math.ceil(Math.min(ax, bx) - reach - 0.5)) | 0;
  const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx) + reach - 0.5)) | 0;
  const y0 = Math.max(0, Math.ceil(high - reach - 0.5)) | 0;
  const y1 = Math.min(height - 1, Math.floor(low + reach - 0.5)) | 0;
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
      if (distance2 < (nearest[at] ?? 0)) nearest[at] = distance2;
    }
  }
  if (!fills) return;
  const first = Math.max(0, Math.ceil(high - 0.5)) | 0;
  const last = Math.min(height - 1, Math.ceil(low - 0.5) - 1) | 0;
  for (let row = first; row <= last; row++) {
    const col = Math.max(0, Math.ceil(ax + ((row + 0.5 - ay) / dy) * dx - 0.5)) | 0;
    if (col < width) crossed[row * width + col] = (crossed[row * width + col] ?? 0) ^ 1;
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

// Objects of a few pixels: discs of their area in a raster of groups and of how much of each pixel they cover, which a palette
// colours. What each of them covers is kept, so that a change of what is shown looks at no other object. Pure.
import { type Frame, transformOf } from '../frame.ts';
import { rgbOf } from './colormaps.ts';
import type { FarRows } from './far.ts';
import { HIDDEN } from './groups.ts';
import { lentPixels } from './lent-pixels.ts';
import { Stamps } from './stamps.ts';

const NONE = 0xffffffff; // no colour: those have 24 bits
const HELD = 128; //        of `cover`, from which on the pixel's centre is held
const WHOLE = 255;

/** What lies on each device px. */
export interface GroupRaster {
  readonly width: number; //   device px
  readonly height: number;
  readonly groups: Uint8Array<ArrayBuffer>; // [width × height]; HIDDEN where nothing lies
  readonly cover: Uint8Array<ArrayBuffer>; //  [width × height] 0 to 255, of the pixel; from 128 on its centre is held
}

/** The objects that a frame shows. */
export class Discs {
  readonly #far: FarRows;
  readonly #transform: ReturnType<typeof transformOf>;
  readonly #scale: number; //      device px that a disc of one px² has for its radius
  readonly #leastPx: number;
  readonly #rows: Uint32Array; //  the first #count of them, ascending
  readonly #count: number;
  readonly #stamps: Stamps; //     by place in #rows
  readonly #raster: GroupRaster;
  #laid: Uint8Array | undefined; // groups that the raster shows

  /**
   * @param leastPx device px: the smallest radius
   * @param over nobody needs it any more: its memory is taken over where it fits, for new memory costs more than filling it
   */
  constructor(far: FarRows, frame: Frame, pixelRatio: number, leastPx: number, over?: Discs) {
    const width = Math.round(frame.width * pixelRatio);
    const height = Math.round(frame.height * pixelRatio);
    const had = over ? over.#raster : undefined;
    this.#far = far;
    this.#transform = transformOf(frame, { x: 0, y: 0 }, pixelRatio);
    this.#scale = (frame.zoom * pixelRatio) / Math.sqrt(Math.PI);
    this.#leastPx = leastPx;
    this.#raster =
      had?.width === width && had.height === height
        ? had
        : { width, height, groups: new Uint8Array(width * height), cover: new Uint8Array(width * height) };
    this.#rows = over && over.#rows.length >= far.count ? over.#rows : new Uint32Array(far.count);
    this.#count = this.#look();
    this.#stamps = new Stamps(this.#count, over ? over.#stamps : undefined);
  }

  /** Finds the rows in the frame. @returns how many there are */
  #look(): number {
    const { width, height } = this.#raster;
    const [a, b, c, d, e, f] = this.#transform;
    const { centroid, areaPx, count } = this.#far;
    const rows = this.#rows;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const [x, y] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
      const px = a * x + c * y + e;
      const py = b * x + d * y + f;
      const radius = Math.max(this.#leastPx, Math.sqrt(areaPx[i] ?? 0) * this.#scale);
      if (px >= -radius && py >= -radius && px <= width + radius && py <= height + radius) rows[found++] = i;
    }
    return found;
  }

  /**
   * Every object that is shown takes at least the pixel its centroid lies in; of several that hold a pixel's centre the last
   * row is seen. The same raster each time, laid anew where the groups are others.
   * @param groups [n], HIDDEN: not shown; the same array: the same groups
   */
  raster(groups: Uint8Array): GroupRaster {
    const raster = this.#raster;
    if (groups === this.#laid) return raster;
    const stamps = this.#stamps;
    raster.groups.fill(HIDDEN);
    raster.cover.fill(0);
    for (let k = 0; k < this.#count; k++) {
      const group = groups[this.#rows[k] ?? 0] ?? HIDDEN;
      if (group === HIDDEN) continue;
      const first = stamps.first(k);
      if (first >= 0) lay(raster, stamps, first, stamps.end(k), group);
      else this.#find(k, group);
    }
    this.#laid = groups;
    return raster;
  }

  /** What an object covers, found, laid and kept. */
  #find(k: number, group: number): void {
    const { width, height } = this.#raster;
    const [a, b, c, d, e, f] = this.#transform;
    const i = this.#rows[k] ?? 0;
    const { centroid, areaPx } = this.#far;
    const [x, y] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
    const px = a * x + c * y + e;
    const py = b * x + d * y + f;
    const radius = Math.max(this.#leastPx, Math.sqrt(areaPx[i] ?? 0) * this.#scale);
    const rim2 = radius * radius + radius;
    const rim = Math.sqrt(rim2);
    const slope = HELD / radius;
    const y0 = Math.max(0, Math.ceil(py - rim - 0.5)) | 0;
    const y1 = Math.min(height - 1, Math.floor(py + rim - 0.5)) | 0;
    const across = (Math.min(width, Math.ceil(2 * rim) + 1) * Math.max(0, y1 - y0 + 1)) | 0;
    const stamps = this.#stamps;
    const first = stamps.room(across + 1);
    const { px: places, codes } = stamps;
    let end = first;
    const isIn = px >= 0 && py >= 0 && px < width && py < height;
    const own = isIn ? (py | 0) * width + (px | 0) : -1;
    if (isIn) {
      places[end] = own;
      codes[end++] = WHOLE;
    }
    for (let row = y0; row <= y1; row++) {
      const dy = row + 0.5 - py;
      const left2 = rim2 - dy * dy;
      const half = Math.sqrt(left2);
      const x0 = Math.max(0, Math.ceil(px - half - 0.5)) | 0;
      const x1 = Math.min(width - 1, Math.floor(px + half - 0.5)) | 0;
      for (let col = x0; col <= x1; col++) {
        const at = row * width + col;
        if (at === own) continue;
        const dx = col + 0.5 - px;
        places[end] = at;
        codes[end++] = Math.min(WHOLE, slope * (left2 - dx * dx)) | 0; // half at the radius, as a rim a pixel wide has it
      }
    }
    lay(this.#raster, stamps, first, end, group);
    stamps.keep(k, end);
  }
}

/** Of several that hold a pixel's centre the last is seen, of several that do not the first; the most that one covers counts. */
function lay({ groups, cover }: GroupRaster, stamps: Stamps, first: number, end: number, group: number): void {
  const { px, codes } = stamps;
  for (let k = first; k < end; k++) {
    const at = px[k] ?? 0;
    const own = codes[k] ?? 0;
    const before = cover[at] ?? 0;
    if (own >= HELD || before === 0) groups[at] = group;
    if (own > before) cover[at] = own;
  }
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

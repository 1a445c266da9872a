// Truth as label images: at a pixel, the number of the object whose polygon holds its centre.
import type { Rect } from '#units/rect.ts';

export interface Labels {
  readonly width: number;
  readonly height: number;
  readonly ids: Uint16Array<ArrayBuffer>; // [height × width], 0 is none
  readonly from: readonly number[]; // object n + 1 is ring from[n]: rings of which no pixel shows have no number
}

/**
 * Paints rings in order: a later one covers an earlier one, as in the picture.
 * @param rings x, y pairs in level-0 px
 * @param downsample level-0 px a pixel of the image
 */
export function labelImage(
  rings: readonly Float64Array[],
  region: Rect,
  downsample: number,
  width: number,
  height: number,
): Labels {
  const ids = new Uint16Array(width * height);
  const crossings: number[] = [];
  for (const [index, ring] of rings.entries()) {
    let top = Infinity;
    let bottom = -Infinity;
    for (let v = 1; v < ring.length; v += 2) {
      top = Math.min(top, ring[v] ?? 0);
      bottom = Math.max(bottom, ring[v] ?? 0);
    }
    const first = Math.max(0, Math.ceil((top - region.y) / downsample - 0.5));
    const last = Math.min(height - 1, Math.floor((bottom - region.y) / downsample - 0.5));
    for (let row = first; row <= last; row++) {
      const y = region.y + (row + 0.5) * downsample;
      crossings.length = 0;
      let px = ring[ring.length - 2] ?? 0;
      let py = ring[ring.length - 1] ?? 0;
      for (let v = 0; v < ring.length; v += 2) {
        const qx = ring[v] ?? 0;
        const qy = ring[v + 1] ?? 0;
        if (py > y !== qy > y) crossings.push(px + ((y - py) * (qx - px)) / (qy - py));
        px = qx;
        py = qy;
      }
      crossings.sort((a, b) => a - b);
      for (let c = 0; c + 1 < crossings.length; c += 2) {
        const from = Math.max(0, Math.ceil(((crossings[c] ?? 0) - region.x) / downsample - 0.5));
        const to = Math.min(width - 1, Math.ceil(((crossings[c + 1] ?? 0) - region.x) / downsample - 0.5) - 1);
        if (to >= from) ids.fill(index + 1, row * width + from, row * width + to + 1);
      }
    }
  }
  return { width, height, ...numbered(ids, rings.length) };
}

/** Numbers without gaps, in the rings' order. */
function numbered(ids: Uint16Array<ArrayBuffer>, rings: number): Pick<Labels, 'ids' | 'from'> {
  const seen = new Uint16Array(rings + 1);
  for (const id of ids) seen[id] = 1;
  const from: number[] = [];
  for (let id = 1; id <= rings; id++) {
    if (seen[id] === 0) continue;
    from.push(id - 1);
    seen[id] = from.length;
  }
  seen[0] = 0;
  return { ids: ids.map((id) => seen[id] ?? 0), from };
}

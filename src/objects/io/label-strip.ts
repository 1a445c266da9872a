// Objects → labels: rows of an image in which each pixel says whose middle of a pixel it is.
import { type ObjectColumns, ringsOf } from '../columns.ts';

/**
 * Fills rows [top, top + rows) of an image whose pixel is `px` level-0 pixels a side. By the even-odd rule at the middle of
 * each pixel, so that holes stay open; a later object lies over an earlier one.
 * @param labels [count] of the objects @param into [rows × width], zeros
 */
export function drawLabels(
  objects: ObjectColumns,
  labels: ArrayLike<number>,
  image: { readonly width: number; readonly top: number; readonly rows: number; readonly px: number },
  into: Uint16Array | Uint32Array,
): void {
  const { width, top, rows, px } = image;
  const crossings: number[] = [];
  for (let i = 0; i < objects.count; i++) {
    const rings = ringsOf(objects, i);
    let [y0, y1] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const ring of rings)
      for (let k = 1; k < ring.length; k += 2) {
        y0 = Math.min(y0, ring[k] ?? 0);
        y1 = Math.max(y1, ring[k] ?? 0);
      }
    const first = Math.max(top, Math.ceil(y0 / px - 0.5));
    const last = Math.min(top + rows - 1, Math.floor(y1 / px - 0.5));
    for (let row = first; row <= last; row++) {
      crossings.length = 0;
      for (const ring of rings) cross(ring, (row + 0.5) * px, crossings);
      crossings.sort((a, b) => a - b);
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const from = Math.max(0, Math.ceil((crossings[k] ?? 0) / px - 0.5));
        const to = Math.min(width, Math.ceil((crossings[k + 1] ?? 0) / px - 0.5));
        if (to > from) into.fill(labels[i] ?? 0, (row - top) * width + from, (row - top) * width + to);
      }
    }
  }
}

/** Where a ring crosses a level. */
function cross(ring: Float64Array, y: number, into: number[]): void {
  for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
    const ay = ring[before + 1] ?? 0;
    const by = ring[k + 1] ?? 0;
    if (ay <= y === by <= y) continue;
    const ax = ring[before] ?? 0;
    into.push(ax + ((y - ay) / (by - ay)) * ((ring[k] ?? 0) - ax));
  }
}

/** A rectangle in level-0 pixels (or, where said, in the pixels of one level): half open, [x, x + width) × [y, y + height). */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const right = (r: Rect): number => r.x + r.width;
export const bottom = (r: Rect): number => r.y + r.height;
export const isEmpty = (r: Rect): boolean => !(r.width > 0 && r.height > 0);

export const contains = (r: Rect, x: number, y: number): boolean =>
  x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height;

/** The common part; width or height is 0 where there is none. */
export function intersect(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(right(a), right(b)) - x),
    height: Math.max(0, Math.min(bottom(a), bottom(b)) - y),
  };
}

export const intersects = (a: Rect, b: Rect): boolean => !isEmpty(intersect(a, b));

/** Of a row of [rows × 4] x, y, width, height. */
export const boxAt = (boxes: Float32Array, row: number): Rect => ({
  x: boxes[4 * row] ?? 0,
  y: boxes[4 * row + 1] ?? 0,
  width: boxes[4 * row + 2] ?? 0,
  height: boxes[4 * row + 3] ?? 0,
});

/** Grown by `by` on every side (shrunk where negative). */
export const grow = (r: Rect, by: number): Rect => ({
  x: r.x - by,
  y: r.y - by,
  width: r.width + 2 * by,
  height: r.height + 2 * by,
});

export const scale = (r: Rect, by: number): Rect => ({
  x: r.x * by,
  y: r.y * by,
  width: r.width * by,
  height: r.height * by,
});

export const centreOf = (r: Rect): Point => ({ x: r.x + r.width / 2, y: r.y + r.height / 2 });

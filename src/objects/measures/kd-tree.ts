// The nearest of many points: a k-d tree in two flat arrays.

/**
 * Bentley's tree (1975), balanced by selection: the middle of every range splits it, by x and by y in turn. 20 bytes a
 * point. Immutable once built.
 */
export class KdTree {
  readonly #ids: Uint32Array<ArrayBuffer>;
  readonly #coords: Float64Array<ArrayBuffer>; // [n × 2] in the order of the tree
  readonly #stack = new Float64Array(4 * 64); //  ranges still to be looked at: left, right, axis, least distance²

  /** @param points x, y pairs, borrowed @param rows those that are meant; all where left out */
  constructor(points: Float64Array, rows?: Uint32Array<ArrayBuffer>) {
    const count = rows ? rows.length : points.length / 2;
    const ids = rows ? rows.slice() : Uint32Array.from({ length: count }, (_, i) => i);
    const coords = new Float64Array(2 * count);
    for (let k = 0; k < count; k++) {
      const from = 2 * (ids[k] ?? 0);
      coords[2 * k] = points[from] ?? 0;
      coords[2 * k + 1] = points[from + 1] ?? 0;
    }
    this.#ids = ids;
    this.#coords = coords;
    split(ids, coords, 0, count - 1, 0);
  }

  get count(): number {
    return this.#ids.length;
  }

  /** The distance to the nearest point, leaving out the one of row `without`; infinite where there is none. */
  nearest(x: number, y: number, without: number): number {
    const [ids, coords, stack] = [this.#ids, this.#coords, this.#stack];
    let best = Number.POSITIVE_INFINITY;
    let top = 0;
    stack[top++] = 0;
    stack[top++] = ids.length - 1;
    stack[top++] = 0;
    stack[top++] = 0;
    while (top > 0) {
      const least = stack[--top] ?? 0;
      let axis = stack[--top] ?? 0;
      let right = stack[--top] ?? 0;
      let left = stack[--top] ?? 0;
      if (least >= best) continue;
      while (left <= right) {
        const middle = (left + right) >> 1;
        const dx = x - (coords[2 * middle] ?? 0);
        const dy = y - (coords[2 * middle + 1] ?? 0);
        const d2 = dx * dx + dy * dy;
        if (d2 < best && ids[middle] !== without) best = d2;
        const off = axis === 0 ? dx : dy;
        axis = 1 - axis;
        // the side where the point lies first; the other is looked at later, if it can still hold a nearer one
        stack[top++] = off < 0 ? middle + 1 : left;
        stack[top++] = off < 0 ? right : middle - 1;
        stack[top++] = axis;
        stack[top++] = off * off;
        if (off < 0) right = middle - 1;
        else left = middle + 1;
      }
    }
    return Math.sqrt(best);
  }
}

function split(ids: Uint32Array, coords: Float64Array, left: number, right: number, axis: 0 | 1): void {
  if (right <= left) return;
  const middle = (left + right) >> 1;
  select(ids, coords, middle, left, right, axis);
  split(ids, coords, left, middle - 1, axis === 0 ? 1 : 0);
  split(ids, coords, middle + 1, right, axis === 0 ? 1 : 0);
}

/** The k-th by the axis comes to k, smaller ones before it, larger ones behind (Floyd and Rivest, 1975). */
function select(ids: Uint32Array, coords: Float64Array, k: number, left: number, right: number, axis: 0 | 1): void {
  let [low, high] = [left, right];
  while (high > low) {
    if (high - low > 600) {
      const n = high - low + 1;
      const m = k - low + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (m - n / 2 < 0 ? -1 : 1);
      const from = Math.max(low, Math.floor(k - (m * s) / n + sd));
      const to = Math.min(high, Math.floor(k + ((n - m) * s) / n + sd));
      select(ids, coords, k, from, to, axis);
    }
    const pivot = coords[2 * k + axis] ?? 0;
    let [i, j] = [low, high];
    swap(ids, coords, low, k);
    if ((coords[2 * high + axis] ?? 0) > pivot) swap(ids, coords, low, high);
    while (i < j) {
      swap(ids, coords, i, j);
      i++;
      j--;
      while ((coords[2 * i + axis] ?? 0) < pivot) i++;
      while ((coords[2 * j + axis] ?? 0) > pivot) j--;
    }
    if (coords[2 * low + axis] === pivot) swap(ids, coords, low, j);
    else {
      j++;
      swap(ids, coords, j, high);
    }
    if (j <= k) low = j + 1;
    if (k <= j) high = j - 1;
  }
}

function swap(ids: Uint32Array, coords: Float64Array, a: number, b: number): void {
  const [id, x, y] = [ids[a] ?? 0, coords[2 * a] ?? 0, coords[2 * a + 1] ?? 0];
  ids[a] = ids[b] ?? 0;
  ids[b] = id;
  coords[2 * a] = coords[2 * b] ?? 0;
  coords[2 * a + 1] = coords[2 * b + 1] ?? 0;
  coords[2 * b] = x;
  coords[2 * b + 1] = y;
}

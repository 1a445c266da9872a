// How much of each pixel a polygon covers, exactly, by signed areas (as in Raph Levien's font-rs). What a pixel gets does
// not depend on where the window is cut: rows stand alone, and a row is summed from the polygon's own left edge.

/** The window that is being painted, in absolute pixels of its level. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Coverage {
  /** Coverage 0 to 1, row-major [height × width] of the box below; valid until the next `fill`. */
  values = new Float32Array(1 << 16);
  x = 0; // box, absolute pixels; may begin left of the window, never above it
  y = 0;
  width = 0;
  height = 0;

  /** @param ring x, y pairs in absolute pixels, not closed; either direction. False where nothing is in the window. */
  fill(ring: Float64Array, window: Window): boolean {
    let left = Infinity;
    let top = Infinity;
    let right = -Infinity;
    let bottom = -Infinity;
    for (let v = 0; v < ring.length; v += 2) {
      const x = ring[v] ?? 0;
      const y = ring[v + 1] ?? 0;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    if (right <= window.x || bottom <= window.y || left >= window.x + window.width || top >= window.y + window.height)
      return false;
    this.x = Math.floor(left);
    this.y = Math.max(Math.floor(top), window.y);
    this.width = Math.min(Math.ceil(right), window.x + window.width) - this.x;
    this.height = Math.min(Math.ceil(bottom), window.y + window.height) - this.y;
    const size = this.width * this.height;
    if (size <= 0) return false;
    if (this.values.length < size) this.values = new Float32Array(size + (size >> 1));
    else this.values.fill(0, 0, size);
    let px = ring[ring.length - 2] ?? 0;
    let py = ring[ring.length - 1] ?? 0;
    for (let v = 0; v < ring.length; v += 2) {
      const x = ring[v] ?? 0;
      const y = ring[v + 1] ?? 0;
      if (py < y) this.#edge(px - this.x, py, x - this.x, y, 1);
      else if (py > y) this.#edge(x - this.x, y, px - this.x, py, -1);
      px = x;
      py = y;
    }
    this.#sum();
    return true;
  }

  #edge(x0: number, y0: number, x1: number, y1: number, sign: number): void {
    const { values, width, height } = this;
    const slope = (x1 - x0) / (y1 - y0);
    const from = Math.max(Math.floor(y0), this.y);
    const to = Math.min(Math.ceil(y1), this.y + height);
    for (let row = from; row < to; row++) {
      const top = Math.max(row, y0);
      const bottom = Math.min(row + 1, y1);
      const d = (bottom - top) * sign;
      const a = x0 + (top - y0) * slope;
      const b = x0 + (bottom - y0) * slope;
      const low = Math.max(0, Math.min(a, b));
      const high = Math.max(0, a, b);
      const first = Math.floor(low);
      const last = Math.ceil(high);
      const line = (row - this.y) * width;
      if (first >= width) continue;
      if (last <= first + 1) {
        const mean = 0.5 * (low + high) - first;
        values[line + first] = (values[line + first] ?? 0) + d * (1 - mean);
        if (first + 1 < width) values[line + first + 1] = (values[line + first + 1] ?? 0) + d * mean;
        continue;
      }
      // The edge crosses several pixels of this row: each gets the part of d that lies left of its right side.
      const per = d / (high - low);
      let before = 0;
      for (let c = first; c < last && c < width; c++) {
        const l = Math.max(low, c);
        const r = Math.min(high, c + 1);
        const here = before + per * (r - l) * (c + 1 - 0.5 * (l + r));
        const entered = before + per * (r - l);
        // `here` is what pixel c covers; values hold differences between neighbours.
        values[line + c] = (values[line + c] ?? 0) + here - (c === first ? 0 : this.#carried);
        this.#carried = here;
        before = entered;
      }
      if (last < width) values[line + last] = (values[line + last] ?? 0) + d - this.#carried;
    }
  }
  #carried = 0;

  #sum(): void {
    const { values, width, height } = this;
    for (let row = 0; row < height; row++) {
      let sum = 0;
      for (let i = row * width; i < (row + 1) * width; i++) {
        sum += values[i] ?? 0;
        const covered = Math.abs(sum);
        values[i] = covered > 1 ? 1 : covered < 1e-5 ? 0 : covered;
      }
    }
  }
}

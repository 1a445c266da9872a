// From labelled pixels to outlines.

/**
 * Outlines are x, y pairs in pixels of the picture: its first pixel covers [0, 1) × [0, 1). Not closed. A view of a buffer
 * that the next call writes over.
 */
export type Tracer = (
  labels: Int32Array | Uint8Array, // at least one pixel of something else surrounds the object on all sides
  stride: number, //    from a pixel to the one below it
  number: number,
  first: number, //     index of the object's topmost, then leftmost pixel
  origin: number, //    index of the picture's upper left pixel
  tolerance: number, // of the simplification, px
) => Float64Array;

/**
 * Follows the outer pixel edges of a 4-connected object, clockwise on the screen, and keeps their midpoints: a
 * staircase becomes the slope it stands for, and the pixels whose centre lies inside are exactly the object's. Then
 * simplifies (Douglas and Peucker, 1973).
 */
export function createTracer(): Tracer {
  const way = new Way();
  let ring = new Float64Array(256);
  return (labels, stride, number, first, origin, tolerance) => {
    way.follow(labels, stride, number, first, origin);
    way.simplify(tolerance);
    const { points, keep, count } = way;
    if (2 * count > ring.length) ring = new Float64Array(points.length);
    let o = 0;
    for (let i = 0; i < count; i++) {
      if (keep[i] === 0) continue;
      ring[o++] = (points[2 * i] ?? 0) / 2;
      ring[o++] = (points[2 * i + 1] ?? 0) / 2;
    }
    return ring.subarray(0, o);
  };
}

/** The outline that is being made; its buffers are used again. */
class Way {
  points = new Int32Array(1024); // x, y, twice the coordinates, so that midpoints are whole numbers
  keep = new Uint8Array(512); //    1: the simplified outline has it
  count = 0;
  readonly #stack: number[] = [];

  /** Midpoints where the way bends: those on the line between two others would never be kept. */
  follow(labels: Int32Array | Uint8Array, stride: number, number: number, first: number, origin: number): void {
    const y0 = Math.floor((first - origin) / stride);
    let x = 2 * (first - origin - y0 * stride); // of the corner, twice
    let y = 2 * y0;
    let pixel = first; //                          the one on the lower right of the corner
    let way = 0; //                                east, south, west, north; the object is on the right
    let points = this.points;
    let n = 0;
    let [lastX, lastY, stepX, stepY] = [0, 0, 0, 0];
    do {
      const dx = way === 0 ? 1 : way === 2 ? -1 : 0;
      const dy = way === 1 ? 1 : way === 3 ? -1 : 0;
      const [midX, midY] = [x + dx, y + dy];
      const goesOn = n > 1 && midX - lastX === stepX && midY - lastY === stepY;
      if (!goesOn) n++;
      if (2 * n > points.length) points = this.#grow();
      points[2 * n - 2] = midX;
      points[2 * n - 1] = midY;
      stepX = midX - lastX;
      stepY = midY - lastY;
      lastX = midX;
      lastY = midY;
      x += 2 * dx;
      y += 2 * dy;
      pixel += dx + dy * stride;
      // the pixels ahead, on the right and on the left of the way
      const right = pixel - (way === 1 ? 1 : way === 2 ? stride + 1 : way === 3 ? stride : 0);
      const left = pixel - (way === 0 ? stride : way === 2 ? 1 : way === 3 ? stride + 1 : 0);
      if (labels[right] !== number) way = (way + 1) & 3;
      else if (labels[left] === number) way = (way + 3) & 3;
    } while (pixel !== first || way !== 0);
    this.count = n;
  }

  simplify(tolerance: number): void {
    const { points, keep, count } = this;
    const stack = this.#stack;
    keep.fill(0, 0, count);
    const far = this.#farthest();
    keep[0] = 1;
    keep[far] = 1;
    stack.push(0, far, far, count);
    const limit = (2 * tolerance) ** 2;
    while (stack.length > 0) {
      const to = stack.pop() ?? 0;
      const from = stack.pop() ?? 0;
      const ax = points[2 * from] ?? 0;
      const ay = points[2 * from + 1] ?? 0;
      const end = to === count ? 0 : to;
      const dx = (points[2 * end] ?? 0) - ax;
      const dy = (points[2 * end + 1] ?? 0) - ay;
      const length2 = dx * dx + dy * dy;
      let worst = limit;
      let split = -1;
      for (let i = from + 1; i < to; i++) {
        const px = (points[2 * i] ?? 0) - ax;
        const py = (points[2 * i + 1] ?? 0) - ay;
        const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
        const [offX, offY] = [px - t * dx, py - t * dy];
        const off = offX * offX + offY * offY;
        if (off <= worst) continue;
        split = i;
        worst = off;
      }
      if (split < 0) continue;
      keep[split] = 1;
      stack.push(from, split, split, to);
    }
  }

  #farthest(): number {
    const { points, count } = this;
    let far = 0;
    let most = -1;
    for (let i = 1; i < count; i++) {
      const dx = (points[2 * i] ?? 0) - (points[0] ?? 0);
      const dy = (points[2 * i + 1] ?? 0) - (points[1] ?? 0);
      const distance = dx * dx + dy * dy;
      if (distance <= most) continue;
      far = i;
      most = distance;
    }
    return far;
  }

  #grow(): Int32Array<ArrayBuffer> {
    const grown = new Int32Array(2 * this.points.length);
    grown.set(this.points);
    this.points = grown;
    this.keep = new Uint8Array(this.points.length / 2);
    return grown;
  }
}

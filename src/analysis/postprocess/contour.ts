// From labelled pixels to outlines.

/** Outlines are x, y pairs in pixels of the labelled picture: pixel (0, 0) covers [0, 1) × [0, 1). Not closed. */
export type Tracer = (
  labels: Int32Array | Uint8Array,
  width: number,
  height: number,
  number: number,
  first: number, // index of the object's first pixel in raster order
  tolerance: number, // of the simplification, px
) => Float64Array<ArrayBuffer>;

/**
 * Follows the outer pixel edges of a 4-connected object, clockwise on the screen, and keeps their midpoints: a
 * staircase becomes the slope it stands for, and the pixels whose centre lies inside are exactly the object's. Then
 * simplifies (Douglas and Peucker, 1973).
 */
export function createTracer(): Tracer {
  let points = new Int32Array(1024); // twice the coordinates, so that midpoints are whole numbers
  let keep = new Uint8Array(512);
  const stack: number[] = [];

  const follow = (
    labels: Int32Array | Uint8Array,
    width: number,
    height: number,
    number: number,
    first: number,
  ): number => {
    const x0 = first % width;
    const y0 = (first - x0) / width;
    const inside = (x: number, y: number): boolean =>
      x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === number;
    let [x, y, dx, dy] = [x0, y0, 1, 0]; // along the top edge of the first pixel, the object on the right hand
    let n = 0;
    do {
      if (2 * n + 2 > points.length) {
        const grown = new Int32Array(2 * points.length);
        grown.set(points);
        points = grown;
      }
      points[2 * n] = 2 * x + dx;
      points[2 * n + 1] = 2 * y + dy;
      n++;
      x += dx;
      y += dy;
      // the pixels ahead, on the right and on the left of the way
      const rx = x + (dx - dy - 1) / 2;
      const ry = y + (dy + dx - 1) / 2;
      const lx = x + (dx + dy - 1) / 2;
      const ly = y + (dy - dx - 1) / 2;
      if (!inside(rx, ry)) [dx, dy] = [-dy, dx];
      else if (inside(lx, ly)) [dx, dy] = [dy, -dx];
    } while (x !== x0 || y !== y0 || dx !== 1 || dy !== 0);
    return n;
  };

  const simplify = (n: number, tolerance: number): void => {
    if (n > keep.length) keep = new Uint8Array(2 * n);
    keep.fill(0, 0, n);
    let far = 0;
    let most = -1;
    for (let i = 1; i < n; i++) {
      const distance =
        ((points[2 * i] ?? 0) - (points[0] ?? 0)) ** 2 + ((points[2 * i + 1] ?? 0) - (points[1] ?? 0)) ** 2;
      if (distance > most) [far, most] = [i, distance];
    }
    keep[0] = 1;
    keep[far] = 1;
    stack.length = 0;
    stack.push(0, far, far, n);
    const limit = (2 * tolerance) ** 2;
    while (stack.length > 0) {
      const to = stack.pop() ?? 0;
      const from = stack.pop() ?? 0;
      const ax = points[2 * from] ?? 0;
      const ay = points[2 * from + 1] ?? 0;
      const end = to === n ? 0 : to;
      const dx = (points[2 * end] ?? 0) - ax;
      const dy = (points[2 * end + 1] ?? 0) - ay;
      const length2 = dx * dx + dy * dy;
      let worst = limit;
      let split = -1;
      for (let i = from + 1; i < to; i++) {
        const px = (points[2 * i] ?? 0) - ax;
        const py = (points[2 * i + 1] ?? 0) - ay;
        const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
        const off = (px - t * dx) ** 2 + (py - t * dy) ** 2;
        if (off > worst) [split, worst] = [i, off];
      }
      if (split < 0) continue;
      keep[split] = 1;
      stack.push(from, split, split, to);
    }
  };

  return (labels, width, height, number, first, tolerance) => {
    const n = follow(labels, width, height, number, first);
    simplify(n, tolerance);
    let kept = 0;
    for (let i = 0; i < n; i++) kept += keep[i] ?? 0;
    const ring = new Float64Array(2 * kept);
    for (let i = 0, o = 0; i < n; i++) {
      if (keep[i] === 0) continue;
      ring[o++] = (points[2 * i] ?? 0) / 2;
      ring[o++] = (points[2 * i + 1] ?? 0) / 2;
    }
    return ring;
  };
}

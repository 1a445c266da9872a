// Convex hulls of outlines: their area and their longest diameter.

const FEW = 64; // points that are sorted by insertion, which beats the general sort there

export interface Hull {
  readonly area: number; //  of the unit of the points, squared; 0 for fewer than three points or all on a line
  readonly feret: number; // the largest distance between two points (Feret's diameter)
}

/**
 * Andrew's monotone chain (1979). Points are x, y pairs; `points` is reordered. The result is written over by the next
 * call: buffers are used again, so that a million hulls cost no memory.
 */
export function createHulls(): (points: Float64Array, count: number) => Hull {
  let chain = new Float64Array(2 * FEW);
  const out = { area: 0, feret: 0 };
  return (points, count) => {
    sortPoints(points, count);
    if (chain.length < 4 * count + 4) chain = new Float64Array(8 * count);
    const n = chainOf(points, count, chain);
    let [area2, far2] = [0, 0];
    for (let i = 0; i < n; i++) {
      const [x, y] = [chain[2 * i] ?? 0, chain[2 * i + 1] ?? 0];
      const next = i + 1 === n ? 0 : i + 1;
      area2 += x * (chain[2 * next + 1] ?? 0) - (chain[2 * next] ?? 0) * y;
      for (let k = i + 1; k < n; k++) {
        const dx = (chain[2 * k] ?? 0) - x;
        const dy = (chain[2 * k + 1] ?? 0) - y;
        const d2 = dx * dx + dy * dy;
        if (d2 > far2) far2 = d2;
      }
    }
    out.area = Math.abs(area2) / 2;
    out.feret = Math.sqrt(far2);
    return out;
  };
}

/** By x, then y. */
function sortPoints(points: Float64Array, count: number): void {
  if (count > FEW) {
    const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => (points[2 * a] ?? 0) - (points[2 * b] ?? 0) || (points[2 * a + 1] ?? 0) - (points[2 * b + 1] ?? 0),
    );
    const before = points.slice(0, 2 * count);
    for (let k = 0; k < count; k++) {
      const from = 2 * (order[k] ?? 0);
      points[2 * k] = before[from] ?? 0;
      points[2 * k + 1] = before[from + 1] ?? 0;
    }
    return;
  }
  for (let i = 1; i < count; i++) {
    const [x, y] = [points[2 * i] ?? 0, points[2 * i + 1] ?? 0];
    let k = i - 1;
    for (; k >= 0; k--) {
      const px = points[2 * k] ?? 0;
      if (px < x || (px === x && (points[2 * k + 1] ?? 0) <= y)) break;
      points[2 * k + 2] = px;
      points[2 * k + 3] = points[2 * k + 1] ?? 0;
    }
    points[2 * k + 2] = x;
    points[2 * k + 3] = y;
  }
}

/** Corners of the hull of sorted points into `chain`, in order around it; how many. */
function chainOf(points: Float64Array, count: number, chain: Float64Array): number {
  let n = 0;
  const add = (i: number, least: number): void => {
    const [x, y] = [points[2 * i] ?? 0, points[2 * i + 1] ?? 0];
    while (n >= least) {
      const [ax, ay] = [chain[2 * n - 4] ?? 0, chain[2 * n - 3] ?? 0];
      const [bx, by] = [chain[2 * n - 2] ?? 0, chain[2 * n - 1] ?? 0];
      if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) break;
      n--;
    }
    chain[2 * n] = x;
    chain[2 * n + 1] = y;
    n++;
  };
  for (let i = 0; i < count; i++) add(i, 2);
  const lower = n + 1;
  for (let i = count - 2; i >= 0; i--) add(i, lower);
  return count > 1 ? n - 1 : n;
}

// A line with fewer points.
import type { Point } from '#units/rect.ts';

/**
 * Leaves out points that lie no farther than `tolerance` from the line through those kept; the ends stay
 * (Ramer, 1972; Douglas and Peucker, 1973). Without recursion: a freehand line may have thousands of points.
 */
export function simplified(points: readonly Point[], tolerance: number): Point[] {
  const kept = new Uint8Array(points.length).fill(1, 0, 1).fill(1, points.length - 1);
  const open: (readonly [number, number])[] = [[0, points.length - 1]];
  for (let part = open.pop(); part; part = open.pop()) {
    const [first, last] = part;
    let [farthest, distance] = [-1, tolerance];
    for (let i = first + 1; i < last; i++) {
      const away = distanceTo(points[first], points[last], points[i]);
      if (away > distance) [farthest, distance] = [i, away];
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    open.push([first, farthest], [farthest, last]);
  }
  return points.filter((_, i) => kept[i] === 1);
}

/** Of a point from the stretch between two others. */
function distanceTo(from: Point | undefined, to: Point | undefined, at: Point | undefined): number {
  if (!from || !to || !at) return 0;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((at.x - from.x) * dx + (at.y - from.y) * dy) / length2;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(at.x - from.x - t * dx, at.y - from.y - t * dy);
}

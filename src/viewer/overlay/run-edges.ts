// The edge around a set of rectangles that touch but do not overlap, e.g. finished patches. Pure.
import type { Rect } from '#units/rect.ts';
import { bottom, right } from '#units/rect.ts';

/** A line from (x0, y0) to (x1, y1), level-0 px; level or upright. */
export interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * Along each line, opening sides count up and closing sides down; where they cancel, two rectangles touch and there is
 * no edge. Sides may be of different lengths (patches clipped at a region).
 */
function edgesAlong(sides: ReadonlyMap<number, readonly [number, number, 1 | -1][]>): [number, number, number][] {
  const edges: [number, number, number][] = [];
  for (const [line, spans] of sides) {
    const change = new Map<number, number>();
    const add = (at: number, by: number): void => void change.set(at, (change.get(at) ?? 0) + by);
    for (const [from, to, sign] of spans) {
      add(from, sign);
      add(to, -sign);
    }
    let sum = 0;
    let start = 0;
    for (const at of [...change.keys()].sort((a, b) => a - b)) {
      const next = sum + (change.get(at) ?? 0);
      if (sum === 0 && next !== 0) start = at;
      if (sum !== 0 && next === 0) edges.push([line, start, at]);
      sum = next;
    }
  }
  return edges;
}

export function edgesOf(rects: readonly Rect[]): Edge[] {
  const level = new Map<number, [number, number, 1 | -1][]>();
  const upright = new Map<number, [number, number, 1 | -1][]>();
  const put = (into: typeof level, line: number, from: number, to: number, sign: 1 | -1): void => {
    const spans = into.get(line);
    if (spans) spans.push([from, to, sign]);
    else into.set(line, [[from, to, sign]]);
  };
  for (const rect of rects) {
    put(level, rect.y, rect.x, right(rect), 1);
    put(level, bottom(rect), rect.x, right(rect), -1);
    put(upright, rect.x, rect.y, bottom(rect), 1);
    put(upright, right(rect), rect.y, bottom(rect), -1);
  }
  return [
    ...edgesAlong(level).map(([y, x0, x1]) => ({ x0, y0: y, x1, y1: y })),
    ...edgesAlong(upright).map(([x, y0, y1]) => ({ x0: x, y0, x1: x, y1 })),
  ];
}

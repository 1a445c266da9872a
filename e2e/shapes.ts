// Polygons as pixels: what tests measure objects with. Independent of the product's own geometry.
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** x, y pairs, level-0 px, not closed. */
export type Ring = readonly number[];

/** A closed ring of GeoJSON, from its corner at the upper left. */
export const square = (x: number, y: number, side: number): number[][] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];

/** Calls `visit` with the index (row-major) of every cell of the grid over `region` whose centre lies in the ring. */
export function eachCell(ring: Ring, region: Rect, cell: number, visit: (index: number) => void): void {
  const cols = Math.floor(region.width / cell);
  const rows = Math.floor(region.height / cell);
  const xs = ring.filter((_, i) => i % 2 === 0);
  const ys = ring.filter((_, i) => i % 2 === 1);
  const firstRow = Math.max(0, Math.floor((Math.min(...ys) - region.y) / cell));
  const lastRow = Math.min(rows - 1, Math.ceil((Math.max(...ys) - region.y) / cell));
  for (let row = firstRow; row <= lastRow; row++) {
    const y = region.y + (row + 0.5) * cell;
    const crossings: number[] = [];
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      const [xi = 0, yi = 0, xj = 0, yj = 0] = [xs[i], ys[i], xs[j], ys[j]];
      if (yi > y !== yj > y) crossings.push(xi + ((y - yi) / (yj - yi)) * (xj - xi));
    }
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(((crossings[k] ?? 0) - region.x) / cell - 0.5));
      const to = Math.min(cols - 1, Math.floor(((crossings[k + 1] ?? 0) - region.x) / cell - 0.5));
      for (let col = from; col <= to; col++) visit(row * cols + col);
    }
  }
}

export function boxOf(ring: Ring): Rect {
  const xs = ring.filter((_, i) => i % 2 === 0);
  const ys = ring.filter((_, i) => i % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export const isInside = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

export interface Matches {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/**
 * Pairs objects that overlap by an intersection over union of more than one half (so that no object has two partners).
 * Objects that leave the region are whole nowhere: they take part in pairs, but alone they count for neither side.
 * @param cell side of the grid's cells, level-0 px
 */
export function match(found: readonly Ring[], truth: readonly Ring[], region: Rect, cell: number): Matches {
  const size = Math.floor(region.width / cell) * Math.floor(region.height / cell);
  const label = new Int32Array(size).fill(-1);
  const foundArea = found.map(() => 0);
  for (const [i, ring] of found.entries())
    eachCell(ring, region, cell, (index) => {
      const before = label[index] ?? -1;
      if (before >= 0) foundArea[before] = (foundArea[before] ?? 0) - 1;
      label[index] = i;
      foundArea[i] = (foundArea[i] ?? 0) + 1;
    });
  const partnered = new Set<number>();
  let truePositives = 0;
  let falseNegatives = 0;
  for (const ring of truth) {
    const common = new Map<number, number>();
    let area = 0;
    eachCell(ring, region, cell, (index) => {
      area++;
      const other = label[index] ?? -1;
      if (other >= 0) common.set(other, (common.get(other) ?? 0) + 1);
    });
    const partner = [...common].find(([i, both]) => both / (area + (foundArea[i] ?? 0) - both) > 0.5)?.[0];
    if (partner !== undefined) {
      partnered.add(partner);
      truePositives++;
    } else if (isInside(boxOf(ring), region)) falseNegatives++;
  }
  const falsePositives = found.filter((ring, i) => !partnered.has(i) && isInside(boxOf(ring), region)).length;
  return { truePositives, falsePositives, falseNegatives };
}

export const add = (a: Matches, b: Matches): Matches => ({
  truePositives: a.truePositives + b.truePositives,
  falsePositives: a.falsePositives + b.falsePositives,
  falseNegatives: a.falseNegatives + b.falseNegatives,
});
export const noMatches: Matches = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };

export const f1Of = ({ truePositives, falsePositives, falseNegatives }: Matches): number =>
  truePositives / (truePositives + (falsePositives + falseNegatives) / 2);

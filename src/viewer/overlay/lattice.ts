// Cells of a map on a regular lattice, and the value between their centres. Pure.
import type { GridPatch } from '#objects/grid.ts';
import { intersects, type Rect } from '#units/rect.ts';

/** Centre-to-centre distances, level-0 px. */
export interface Pitch {
  readonly x: number;
  readonly y: number;
}

/** Cells whose centres are `pitch` apart; those that are not there, or hold no value, are NaN. */
export interface Lattice {
  readonly x: number; //          level-0 px of the first cell's centre
  readonly y: number;
  readonly pitch: Pitch;
  readonly halfWidth: number; //  level-0 px, of a cell
  readonly halfHeight: number;
  readonly cols: number; //       with a column of NaN on either side
  readonly rows: number; //       the same
  readonly values: Float32Array; // [rows × cols]
}

/** Cells by their centres: [n] each. */
interface Centres {
  readonly x: number[];
  readonly y: number[];
  readonly values: number[];
}

/** Centres this near to a lattice's point, in pitches, are on it. */
const NEAR = 1 / 8;

/** How far apart boxes lie: the least distance between two columns, and between two rows; their own size where there is one only. */
export function pitchOf(boxes: Float32Array): Pitch {
  const [, , width = 1, height = 1] = boxes;
  return { x: leastGap(boxes, 0, width), y: leastGap(boxes, 1, height) };
}

function leastGap(boxes: Float32Array, offset: 0 | 1, size: number): number {
  const at = new Float32Array(boxes.length / 4);
  for (let i = 0; i < at.length; i++) at[i] = boxes[4 * i + offset] ?? 0;
  at.sort();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < at.length; i++) {
    const gap = (at[i] ?? 0) - (at[i - 1] ?? 0);
    if (gap > size * NEAR && gap < least) least = gap;
  }
  return Number.isFinite(least) ? least : size;
}

/** @param near boxes that meet this are taken, and their neighbours; level-0 px */
export function latticesOfBoxes(boxes: Float32Array, values: Float32Array, pitch: Pitch, near: Rect): Lattice[] {
  const seen = grownBy(near, pitch);
  const [, , width = 1, height = 1] = boxes;
  const centres: Centres = { x: [], y: [], values: [] };
  for (let i = 0; i < values.length; i++) {
    const [x = 0, y = 0, w = 0, h = 0] = boxes.subarray(4 * i, 4 * i + 4);
    if (!intersects({ x, y, width: w, height: h }, seen)) continue;
    push(centres, x + w / 2, y + h / 2, values[i] ?? Number.NaN);
  }
  return latticesOf(centres, pitch, width / 2, height / 2);
}

/** The cells of one channel of a grid. Patches of one cell size share a lattice where their cells do. */
export function latticesOfGrid(patches: readonly GridPatch[], channel: number, near: Rect): Lattice[] {
  const bySize = new Map<string, { readonly pitch: Pitch; readonly centres: Centres }>();
  for (const patch of patches) {
    const { x, y, cellWidth, cellHeight, cols, rows, values } = patch;
    const pitch = { x: cellWidth, y: cellHeight };
    const seen = grownBy(near, pitch);
    if (!intersects({ x, y, width: cols * cellWidth, height: rows * cellHeight }, seen)) continue;
    const size = `${cellWidth.toPrecision(6)} ${cellHeight.toPrecision(6)}`;
    const held = bySize.get(size) ?? { pitch, centres: { x: [], y: [], values: [] } };
    bySize.set(size, held);
    for (let row = 0; row < rows; row++)
      for (let col = 0; col < cols; col++) {
        const [left, top] = [x + col * cellWidth, y + row * cellHeight];
        if (!intersects({ x: left, y: top, width: cellWidth, height: cellHeight }, seen)) continue;
        const value = values[(channel * rows + row) * cols + col] ?? Number.NaN;
        push(held.centres, left + cellWidth / 2, top + cellHeight / 2, value);
      }
  }
  return [...bySize.values()].flatMap(({ pitch, centres }) => latticesOf(centres, pitch, pitch.x / 2, pitch.y / 2));
}

const grownBy = ({ x, y, width, height }: Rect, pitch: Pitch): Rect => ({
  x: x - pitch.x,
  y: y - pitch.y,
  width: width + 2 * pitch.x,
  height: height + 2 * pitch.y,
});

function push(centres: Centres, x: number, y: number, value: number): void {
  centres.x.push(x);
  centres.y.push(y);
  centres.values.push(value);
}

/** One lattice a phase: maps of two runs need not lie on one. */
function latticesOf(centres: Centres, pitch: Pitch, halfWidth: number, halfHeight: number): Lattice[] {
  const phases: { readonly x: number; readonly y: number; readonly members: number[] }[] = [];
  for (let i = 0; i < centres.x.length; i++) {
    const [x, y] = [centres.x[i] ?? 0, centres.y[i] ?? 0];
    const own = phases.find((of) => offBy((x - of.x) / pitch.x) < NEAR && offBy((y - of.y) / pitch.y) < NEAR);
    if (own) own.members.push(i);
    else phases.push({ x, y, members: [i] });
  }
  return phases.map(({ x, y, members }) => {
    const colOf = (i: number): number => Math.round(((centres.x[i] ?? 0) - x) / pitch.x);
    const rowOf = (i: number): number => Math.round(((centres.y[i] ?? 0) - y) / pitch.y);
    let [c0, r0, c1, r1] = [0, 0, 0, 0];
    for (const i of members) {
      const [col, row] = [colOf(i), rowOf(i)];
      if (col < c0) c0 = col;
      if (col > c1) c1 = col;
      if (row < r0) r0 = row;
      if (row > r1) r1 = row;
    }
    const [cols, rows] = [c1 - c0 + 3, r1 - r0 + 3];
    const values = new Float32Array(cols * rows).fill(Number.NaN);
    for (const i of members) values[(rowOf(i) - r0 + 1) * cols + colOf(i) - c0 + 1] = centres.values[i] ?? Number.NaN;
    const first = { x: x + (c0 - 1) * pitch.x, y: y + (r0 - 1) * pitch.y };
    return { ...first, pitch, halfWidth, halfHeight, cols, rows, values };
  });
}

/** From the nearest whole number. */
const offBy = (value: number): number => Math.abs(value - Math.round(value));

/**
 * Bilinear between the centres of the four cells around a point. NaN outside every cell and in cells without a value, so
 * that a map keeps its edge; neighbours without a value do not count, and the others make up for them.
 * @param col of the lattice, fractional: 0 is the centre of its first column @param row the same
 */
export function valueBetween(lattice: Lattice, col: number, row: number): number {
  const { cols, rows, values, pitch, halfWidth, halfHeight } = lattice;
  const [c, r] = [Math.floor(col), Math.floor(row)];
  if (!(c >= 0 && r >= 0 && c < cols - 1 && r < rows - 1)) return Number.NaN;
  const [right, down] = [col - c, row - r];
  const at = r * cols + c;
  const own = at + (right < 0.5 ? 0 : 1) + (down < 0.5 ? 0 : cols);
  if (Number.isNaN(values[own])) return Number.NaN;
  if (Math.min(right, 1 - right) * pitch.x > halfWidth || Math.min(down, 1 - down) * pitch.y > halfHeight)
    return Number.NaN;
  let [sum, weight] = [0, 0];
  for (let corner = 0; corner < 4; corner++) {
    const value = values[at + (corner & 1) + (corner >> 1) * cols] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const share = (corner & 1 ? right : 1 - right) * (corner >> 1 ? down : 1 - down);
    sum += share * value;
    weight += share;
  }
  return sum / weight;
}

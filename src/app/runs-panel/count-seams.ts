// How many objects touch a seam: a side that two analysed patches share. Pure.
import type { ObjectColumns } from '#objects/columns.ts';
import { bottom, type Rect, right } from '#units/rect.ts';
import type { RunLayer } from '../stores/layers-store.ts';

/** Objects with a way to the rows near a rectangle; an object store is one. */
export interface SeamSource {
  readonly columns: ObjectColumns;
  query(rect: Rect): Uint32Array;
}

export type SeamSources = Readonly<Partial<Record<RunLayer, SeamSource>>>;

export interface SeamCounts {
  /** By core: objects that touch one of its seams, each counted once. Those of a seam count on both sides of it. */
  readonly touching: (number | undefined)[];
  /** In all, each object once. */
  readonly byKind: Record<RunLayer, number>;
}

const REACH = 1; // level-0 px from a seam that still touch it

interface Side {
  readonly core: number;
  readonly from: number;
  readonly to: number;
}

/** Sides on one line: those of cores that end there and of cores that begin there. */
interface Line {
  readonly at: number;
  readonly ends: Side[];
  readonly begins: Side[];
}

/** A right edge is computed, a left one given: both are the same line though not the same number. */
const keyOf = (at: number): number => Math.round(at * 64);

function linesOf(cores: readonly Rect[], axis: 'x' | 'y'): Iterable<Line> {
  const lines = new Map<number, Line>();
  const lineAt = (at: number): Line => {
    const key = keyOf(at);
    const found = lines.get(key) ?? { at, ends: [], begins: [] };
    lines.set(key, found);
    return found;
  };
  for (const [core, rect] of cores.entries()) {
    const side = axis === 'x' ? { core, from: rect.y, to: bottom(rect) } : { core, from: rect.x, to: right(rect) };
    lineAt(rect[axis]).begins.push(side);
    lineAt(axis === 'x' ? right(rect) : bottom(rect)).ends.push(side);
  }
  return lines.values();
}

/** By core: strips of 2 × REACH around the sides it shares with others, level-0 px. */
export function seamStrips(cores: readonly Rect[]): Rect[][] {
  const strips = cores.map((): Rect[] => []);
  const shared = (axis: 'x' | 'y', at: number, a: Side, b: Side): void => {
    const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
    if (to - from <= REACH) return;
    const strip =
      axis === 'x'
        ? { x: at - REACH, y: from, width: 2 * REACH, height: to - from }
        : { x: from, y: at - REACH, width: to - from, height: 2 * REACH };
    for (const { core } of [a, b]) strips[core]?.push(strip);
  };
  for (const axis of ['x', 'y'] as const)
    for (const { at, ends, begins } of linesOf(cores, axis)) {
      const byStart = begins.sort((a, b) => a.from - b.from);
      let first = 0; // of those that begin and may still meet what ends, both in ascending order
      for (const end of ends.sort((a, b) => a.from - b.from)) {
        while (first < byStart.length && (byStart[first]?.to ?? 0) <= end.from) first++;
        for (let k = first; k < byStart.length; k++) {
          const begin = byStart[k];
          if (!begin || begin.from >= end.to) break;
          shared(axis, at, end, begin);
        }
      }
    }
  return strips;
}

/** True where some side of the outline meets the rectangle (Liang and Barsky's clipping, side by side). */
export function outlineMeets({ ring, ringStart, ringUnit, centroid }: ObjectColumns, row: number, rect: Rect): boolean {
  const [from, to] = [ringStart[row] ?? 0, ringStart[row + 1] ?? 0];
  const [cx, cy] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
  const xAt = (v: number): number => cx + (ring[2 * v] ?? 0) * ringUnit;
  const yAt = (v: number): number => cy + (ring[2 * v + 1] ?? 0) * ringUnit;
  for (let v = from; v < to; v++) {
    const before = v === from ? to - 1 : v - 1;
    if (segmentMeets(xAt(before), yAt(before), xAt(v), yAt(v), rect)) return true;
  }
  return false;
}

function segmentMeets(x0: number, y0: number, x1: number, y1: number, rect: Rect): boolean {
  let [enters, leaves] = [0, 1];
  for (const [start, step, low, high] of [
    [x0, x1 - x0, rect.x, right(rect)],
    [y0, y1 - y0, rect.y, bottom(rect)],
  ] as const) {
    if (step === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [a, b] = [(low - start) / step, (high - start) / step];
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
    if (enters > leaves) return false;
  }
  return true;
}

/** Counts core by core into `counts`, as it is iterated: whoever iterates decides when to let others work. */
export function* countSeams(
  sources: SeamSources,
  cores: readonly Rect[],
  counts: SeamCounts,
): Generator<number, void, undefined> {
  const strips = seamStrips(cores);
  const kinds = (['nuclei', 'glands', 'lumina'] as const).flatMap((kind) => {
    const source = sources[kind];
    return source ? [{ kind, source, isCounted: new Uint8Array(source.columns.count) }] : [];
  });
  for (const [core, own] of strips.entries()) {
    let touching = 0;
    for (const { kind, source, isCounted } of kinds) {
      const rows = new Set<number>();
      for (const strip of own)
        for (const row of source.query(strip))
          if (!rows.has(row) && outlineMeets(source.columns, row, strip)) rows.add(row);
      touching += rows.size;
      for (const row of rows) {
        if (isCounted[row] === 1) continue;
        isCounted[row] = 1;
        counts.byKind[kind]++;
      }
    }
    counts.touching[core] = touching;
    yield core;
  }
}

export const noSeamCounts = (): SeamCounts => ({ touching: [], byKind: { nuclei: 0, glands: 0, lumina: 0 } });

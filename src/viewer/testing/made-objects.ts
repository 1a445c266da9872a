// Objects with known places, for the viewer's tests.
import { emptyColumns, type ObjectKind } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { ObjectSource } from '../viewer-api.ts';

/** Discs of 32 vertices on a grid, classes in turn row by row: orange, then blue. All lengths in level-0 px. */
export function ringsOnGrid(
  kind: ObjectKind,
  at: { x: number; y: number; step: number; cols: number; rows: number; radius: number; classes?: 1 | 2 },
): ObjectSource {
  const { x, y, step, cols, rows, radius, classes = 1 } = at;
  const count = cols * rows;
  const vertices = 32;
  const empty = emptyColumns(kind, [
    { name: 'Epithelial', color: '#ff7a1a' },
    { name: 'Inflammatory', color: '#1fa2ff' },
  ]);
  const unit = empty.ringUnit;
  const ring = kind === 'nuclei' ? new Int16Array(2 * vertices * count) : new Float32Array(2 * vertices * count);
  const centroid = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    centroid[2 * i] = x + (i % cols) * step;
    centroid[2 * i + 1] = y + Math.floor(i / cols) * step;
    for (let v = 0; v < vertices; v++) {
      const angle = (2 * Math.PI * v) / vertices;
      ring[2 * (i * vertices + v)] = Math.round((radius * Math.cos(angle)) / unit);
      ring[2 * (i * vertices + v) + 1] = Math.round((radius * Math.sin(angle)) / unit);
    }
  }
  const columns = {
    ...empty,
    count,
    centroid,
    ring,
    classIndex: Uint8Array.from({ length: count }, (_, i) => Math.floor(i / cols) % classes),
    probability: new Float32Array(count).fill(0.9),
    areaPx: new Float32Array(count).fill(Math.PI * radius * radius),
    ringStart: Uint32Array.from({ length: count + 1 }, (_, i) => i * vertices),
  };
  const inside = (rect: Rect, i: number): boolean => {
    const [cx, cy] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
    return (
      cx + radius >= rect.x &&
      cy + radius >= rect.y &&
      cx - radius <= rect.x + rect.width &&
      cy - radius <= rect.y + rect.height
    );
  };
  return {
    columns,
    version: 1,
    longest: () => 2 * radius,
    query: (rect) => Uint32Array.from({ length: count }, (_, i) => i).filter((i) => inside(rect, i)),
  };
}

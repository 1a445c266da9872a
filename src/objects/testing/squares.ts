import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns } from '../columns.ts';

/** Nuclei of one class, 300 in a row: squares of 6 px, 10 px apart. */
export function squares(count: number): ObjectColumns {
  const builder = new ColumnsBuilder('nuclei', [{ name: 'A', color: '#ff7a1a' }]);
  for (let i = 0; i < count; i++) {
    const [x, y] = [10 + (i % 300) * 10, 10 + Math.floor(i / 300) * 10];
    const ring = [x - 3, y - 3, x + 3, y - 3, x + 3, y + 3, x - 3, y + 3];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: 36, ring });
  }
  return builder.copy();
}

// Labelled features made up of seeded draws, for tests: classes as clouds, slides as shifts.
import { Kernel } from '../kernel/kernel.ts';
import { compileKernel } from '../kernel/wasm-operations.ts';
import { Random } from '../random.ts';
import type { Labelled } from '../train-head.ts';

export const testKernel = (limitBytes = 256e6): Kernel => new Kernel({ module: compileKernel(), limitBytes });

export interface Clouds {
  readonly rows: number;
  readonly cols: number;
  readonly classes: number;
  readonly apart: number; // of the classes' centres, in deviations within a class
  readonly groups?: number;
  readonly shift?: number; // of a group against the others
  readonly seed?: number;
}

export function clouds({ rows, cols, classes, apart, groups, shift = 0, seed = 7 }: Clouds): Labelled {
  const random = new Random(seed);
  const centre = Float32Array.from({ length: classes * cols }, () => (apart * random.normal()) / Math.sqrt(cols / 8));
  const off = Float32Array.from({ length: (groups ?? 1) * cols }, () => shift * random.normal());
  const values = new Float32Array(rows * cols);
  const labels = Uint8Array.from({ length: rows }, (_, i) => i % classes);
  const of = Uint32Array.from({ length: rows }, () => random.below(groups ?? 1));
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      values[i * cols + j] =
        20 + 3 * ((centre[(labels[i] ?? 0) * cols + j] ?? 0) + (off[(of[i] ?? 0) * cols + j] ?? 0) + random.normal());
  return { features: { values, rows, cols }, labels, classes, groups: groups === undefined ? undefined : of };
}

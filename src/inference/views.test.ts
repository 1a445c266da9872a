import { describe, expect, test } from 'vitest';
import type { ComposedPatch, Flip, PatchOutputs } from './model.ts';
import { dimsOf } from './outputs.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { manifestExample } from './testing/manifest-example.ts';
import { averagedOf, flipped, flipsOf, MeanOfViews } from './views.ts';

const manifest = parsePatchManifest(manifestExample);
const SIZE = 64;

/** Any three bytes in every element. */
function outputs(seed: number): PatchOutputs {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  return Object.fromEntries(
    manifest.outputs.map((output) => {
      const dims = dimsOf(output, SIZE);
      const length = dims.reduce((product, side) => product * side, 1);
      const data = output.kind === 'packed' ? Int32Array.from({ length }, next) : Float32Array.from({ length }, next);
      return [output.name, { dims, data }];
    }),
  );
}

const bytesOf = (packed: number): number[] => [packed & 255, (packed >> 8) & 255, packed >> 16];

describe('the mean of four views', () => {
  const flips = flipsOf(4);
  const seen = [outputs(1), outputs(2), outputs(3), outputs(4)];
  const first = structuredClone(seen[0] ?? {});
  const mean = new MeanOfViews(manifest, first);
  for (const [k, flip] of flips.entries()) mean.add(seen[k + 1] ?? {}, flip);
  mean.finish();

  test('is of every byte by itself, turned back and rounded, where a map is of nuclei, glands or lumina', () => {
    let compared = 0;
    for (const output of manifest.outputs) {
      if (output.kind !== 'packed') continue;
      const [, planes = 0, , side = 0] = first[output.name]?.dims ?? [];
      for (let plane = 0; plane < planes; plane++) {
        const name: string | undefined = output.planes[plane];
        const at = (k: number, row: number, col: number): number[] =>
          bytesOf(seen[k]?.[output.name]?.data[(plane * side + row) * side + col] ?? Number.NaN);
        for (let row = 0; row < side; row++) {
          for (let col = 0; col < side; col++) {
            const [up, left] = [side - 1 - row, side - 1 - col];
            const views = [at(0, row, col), at(1, row, left), at(2, up, col), at(3, up, left)];
            const means = [0, 1, 2].map((c) => Math.round(views.reduce((sum, view) => sum + (view[c] ?? 0), 0) / 4));
            const found = bytesOf(first[output.name]?.data[(plane * side + row) * side + col] ?? Number.NaN);
            if (JSON.stringify(found) !== JSON.stringify(name === 'types' ? views[0] : means))
              expect.fail(`${name} at ${row}, ${col}: ${found} of ${JSON.stringify(views)}`);
            compared++;
          }
        }
      }
    }
    expect(compared).toBe(128 ** 2 + 3 * 32 ** 2);
  });

  test('leaves all else as the first view has it', () => {
    for (const { name, kind } of manifest.outputs) if (kind !== 'packed') expect(first[name]).toEqual(seen[0]?.[name]);
  });
});

test('later views are asked for maps alone, and one view for nothing', () => {
  expect(averagedOf(manifest, ['nuclei', 'coarse', 'tissue'])).toEqual(['nuclei', 'coarse']);
  expect(averagedOf(manifest, ['tissue', 'features'])).toEqual([]);
  expect(flipsOf(1)).toEqual([]);
});

test.each<[Flip, number[]]>([
  [{ across: true, down: false }, [2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11]],
  [{ across: false, down: true }, [3, 4, 1, 2, 7, 8, 5, 6, 11, 12, 9, 10]],
  [{ across: true, down: true }, [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]],
])('a composed patch is mirrored plane by plane, %o', (flip, mirrored) => {
  const patch: ComposedPatch = { size: 2, values: Float32Array.from({ length: 12 }, (_, i) => i + 1) };
  expect(flipped(patch, flip)).toEqual({ size: 2, values: Float32Array.from(mirrored) });
  expect(patch.values[0]).toBe(1); // it is lent
});

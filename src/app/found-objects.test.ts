import { describe, expect, test, vi } from 'vitest';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import sibling from '../../e2e/fixtures/models/cerberus-sibling/model.json';
import { FoundObjects, type RunRegion } from './found-objects.ts';
import { type ObjectsState, RUN_LAYERS } from './stores/objects-store.ts';

const manifest = parsePatchManifest(sibling);
const classes = manifest.tasks.nuclei?.classes ?? [];
const whole: RunRegion = {
  isIn: () => true,
  areaIn: ({ width, height }) => width * height,
  partsIn: (part) => [part],
};

function squares(kind: 'nuclei' | 'glands' | 'lumina', at: readonly (readonly [number, number])[]): ObjectColumns {
  const builder = new ColumnsBuilder(kind, kind === 'nuclei' ? classes : (manifest.tasks[kind]?.classes ?? []));
  for (const [x, y] of at) {
    const ring = [x - 2, y - 2, x + 2, y - 2, x + 2, y + 2, x - 2, y + 2];
    builder.add({ classIndex: 0, probability: 0.9, x, y, areaPx: 16, ring });
  }
  return builder.copy();
}

const left = { x: 0, y: 0, width: 100, height: 100 };
const right = { x: 100, y: 0, width: 100, height: 100 };

test('a run replaces what lies in its own patches and nothing else', () => {
  const found = new FoundObjects(() => undefined);
  found.beginRun(manifest);
  found.commitPatch(left, whole, {
    nuclei: squares('nuclei', [
      [10, 10],
      [20, 20],
    ]),
    tissue: undefined,
  });
  found.commitPatch(right, whole, { nuclei: squares('nuclei', [[150, 10]]), tissue: undefined });
  found.replaceLarge({
    glands: squares('glands', [
      [50, 50],
      [150, 50],
    ]),
    lumina: squares('lumina', [[50, 50]]),
  });
  found.endRun();
  expect(RUN_LAYERS.map((kind) => found.store(kind).columns.count)).toEqual([3, 2, 1]);
  expect(found.area.areaPx).toBe(20_000);

  found.beginRun(manifest);
  found.commitPatch(left, whole, { nuclei: squares('nuclei', [[30, 30]]), tissue: undefined });
  found.replaceLarge({ glands: squares('glands', []), lumina: squares('lumina', []) });
  found.endRun();
  expect(RUN_LAYERS.map((kind) => found.store(kind).columns.count)).toEqual([2, 1, 0]);
  expect([...found.store('glands').columns.centroid]).toEqual([150, 50]);
  expect(found.area.areaPx).toBe(20_000);
});

test('a run that is told twice of its glands holds the last telling', () => {
  const found = new FoundObjects(() => undefined);
  found.beginRun(manifest);
  found.commitPatch(left, whole, { nuclei: undefined, tissue: undefined });
  found.replaceLarge({ glands: squares('glands', [[50, 50]]), lumina: squares('lumina', []) });
  found.replaceLarge({
    glands: squares('glands', [
      [50, 51],
      [20, 20],
    ]),
    lumina: squares('lumina', []),
  });
  found.endRun();
  expect(found.store('glands').columns.count).toBe(2);
});

test('tells at most four times a second, and the end at once', () => {
  vi.useFakeTimers();
  const told: ObjectsState[] = [];
  const found = new FoundObjects((state) => told.push(state));
  found.beginRun(manifest);
  for (let k = 0; k < 50; k++) {
    found.commitPatch(left, whole, { nuclei: squares('nuclei', [[k, k]]), tissue: undefined });
    vi.advanceTimersByTime(20);
  }
  expect(told.length).toBeLessThanOrEqual(4);
  found.endRun();
  expect(told.at(-1)?.nuclei?.count).toBe(1);
  expect(told.at(-1)?.nuclei?.byClass[0]).toBe(1);
  vi.useRealTimers();
});

test('nothing is left of the last slide', () => {
  const told: ObjectsState[] = [];
  const found = new FoundObjects((state) => told.push(state));
  found.beginRun(manifest);
  found.commitPatch(left, whole, { nuclei: squares('nuclei', [[10, 10]]), tissue: undefined });
  found.clear();
  expect(told.at(-1)).toMatchObject({ nuclei: undefined, glands: undefined, areaPx: 0 });
  expect(found.store('nuclei').columns.count).toBe(0);
});

test('a run over tissue replaces nuclei in the tissue alone, and their area stays counted', () => {
  const upperHalf: RunRegion = {
    isIn: ({ y }) => y < 50,
    areaIn: ({ width, height }) => (width * height) / 2,
    partsIn: ({ x, y, width, height }) => [{ x, y, width, height: height / 2 }],
  };
  const found = new FoundObjects(() => undefined);
  found.beginRun(manifest);
  const earlier = squares('nuclei', [
    [10, 10],
    [10, 90],
    [150, 90],
  ]);
  found.commitPatch({ x: 0, y: 0, width: 200, height: 100 }, whole, { nuclei: earlier, tissue: undefined });
  found.commitPatch(left, upperHalf, { nuclei: squares('nuclei', [[20, 20]]), tissue: undefined });
  const { centroid, count } = found.store('nuclei').columns;
  const places = Array.from({ length: count }, (_, row) => [centroid[2 * row], centroid[2 * row + 1]]);
  expect(places).toHaveLength(3);
  expect(places).toEqual(
    expect.arrayContaining([
      [20, 20],
      [10, 90],
      [150, 90],
    ]),
  );
  expect(found.area.areaPx).toBe(20_000);
});

describe('the tissue map', () => {
  const cells = (values: readonly number[], cellWidth = 10): GridPatch => ({
    ...{ x: 0, y: 0, cellWidth, cellHeight: 10, cols: 2, rows: 1 },
    values: Float32Array.from(values),
  });
  const commit = (found: FoundObjects, tissue: GridPatch): void => {
    found.beginRun(manifest);
    found.commitPatch(left, whole, { nuclei: undefined, tissue });
  };

  test('keeps what an earlier run saw where a later one did not look', () => {
    const found = new FoundObjects(() => undefined);
    commit(found, cells([0.25, 0.5, 0.75, 0.5]));
    commit(found, cells([Number.NaN, 1, Number.NaN, 0]));
    expect(found.tissueGrid()?.patches).toHaveLength(1);
    expect([...(found.tissueGrid()?.patches[0]?.values ?? [])]).toEqual([0.25, 1, 0.75, 0]);
  });

  test('takes nothing from a patch of other cells', () => {
    const found = new FoundObjects(() => undefined);
    commit(found, cells([0.25, 0.5], 20));
    commit(found, cells([Number.NaN, 1]));
    expect([...(found.tissueGrid()?.patches[0]?.values ?? [])]).toEqual([Number.NaN, 1]);
  });

  test('starts anew with a model of other classes', () => {
    const found = new FoundObjects(() => undefined);
    commit(found, cells([0.25, 0.5]));
    const outputs = manifest.outputs.map((output) =>
      output.kind === 'grid' ? { ...output, classes: output.classes.slice(1) } : output,
    );
    found.beginRun({ ...manifest, outputs });
    expect(found.tissueGrid()?.patches).toHaveLength(0);
  });
});

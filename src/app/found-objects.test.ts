import { expect, test, vi } from 'vitest';
import { parseManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import sibling from '../../e2e/fixtures/models/cerberus-sibling/model.json';
import { FoundObjects } from './found-objects.ts';
import { OBJECT_LAYERS, type ObjectsState } from './stores/objects-store.ts';

const manifest = parseManifest(sibling);
const classes = manifest.tasks.nuclei?.classes ?? [];
const whole = ({ width, height }: { width: number; height: number }): number => width * height;

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
  expect(OBJECT_LAYERS.map((kind) => found.store(kind).columns.count)).toEqual([3, 2, 1]);
  expect(found.area.areaPx).toBe(20_000);

  found.beginRun(manifest);
  found.commitPatch(left, whole, { nuclei: squares('nuclei', [[30, 30]]), tissue: undefined });
  found.replaceLarge({ glands: squares('glands', []), lumina: squares('lumina', []) });
  found.endRun();
  expect(OBJECT_LAYERS.map((kind) => found.store(kind).columns.count)).toEqual([2, 1, 0]);
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

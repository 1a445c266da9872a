import { describe, expect, test, vi } from 'vitest';
import type { MeasureWork } from '#analysis/measuring/measure-work.ts';
import { measureWork } from '#analysis/measuring/measure-work.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { random } from '#objects/testing/random.ts';
import { mpp } from '#units/units.ts';
import sibling from '../../../e2e/fixtures/models/cerberus-sibling/model.json';
import { FoundObjects } from '../found-objects.ts';
import { selectedAt } from '../selected-object.ts';
import type { RunLayer } from '../stores/layers-store.ts';
import { createStores } from '../stores.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { MeasureSession } from './measure-session.ts';
import { factsOf } from './object-facts.ts';
import { rowsWithin } from './scope.ts';
import { StainLog } from './stain-log.ts';

const manifest = parsePatchManifest(sibling);
const calm = { signal: new AbortController().signal };

function squares(
  kind: RunLayer,
  at: readonly (readonly [x: number, y: number, side: number, classIndex?: number])[],
): ObjectColumns {
  const builder = new ColumnsBuilder(kind, manifest.tasks[kind]?.classes ?? []);
  for (const [x, y, side, classIndex = 0] of at) {
    const h = side / 2;
    const ring = [x - h, y - h, x + h, y - h, x + h, y + h, x - h, y + h];
    builder.add({ classIndex, probability: 0.9, x, y, areaPx: side * side, ring });
  }
  return builder.copy();
}

function bench(isCalibrated = true) {
  const stores = createStores(undefined);
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const calls: string[] = [];
  const counted = <K extends keyof MeasureWork>(name: K): MeasureWork[K] => {
    const plain = measureWork[name];
    return new Proxy(plain, {
      apply: (target, self, given) => {
        calls.push(name);
        return Reflect.apply(target, self, given);
      },
    });
  };
  const work: MeasureWork = {
    ...measureWork,
    shapes: counted('shapes'),
    distances: counted('distances'),
    glandsAround: counted('glandsAround'),
    order: counted('order'),
  };
  const unasked = (): never => {
    throw new Error('not asked for here');
  };
  const session = new MeasureSession(
    {
      stores,
      found,
      viewer: stubViewer(),
      regions: { tissue: unasked },
      slides: {
        opened: () => undefined,
        mpp: () => (isCalibrated ? { x: mpp(0.5), y: mpp(0.5) } : undefined),
        open: unasked,
        close: unasked,
        setMpp: unasked,
        onChange: () => () => undefined,
      },
    },
    work,
    new StainLog(async () => undefined, unasked),
  );
  found.beginRun(manifest);
  found.bring(
    squares('nuclei', [
      [10, 10, 4],
      [50, 50, 8, 1],
      [200, 200, 12, 1],
      [60, 50, 20],
    ]),
  );
  found.bring(squares('glands', [[50, 50, 80]]));
  found.bring(squares('lumina', [[55, 55, 20]]));
  found.endRun();
  return { session, stores, found, calls };
}

test('measures by name with their units, in micrometres or honestly in pixels', async () => {
  const { session } = bench();
  const { names, units, columns, count, kind } = await session.of('nuclei', calm);
  expect([kind, count]).toEqual(['nuclei', 4]);
  expect(names.slice(0, 3)).toEqual(['area', 'probability', 'perimeter']);
  expect(units.slice(0, 3)).toEqual(['µm²', '', 'µm']);
  expect(names).not.toContain('haematoxylin_mean'); // nobody asked for a look at the pixels
  expect([...(columns.area ?? [])]).toEqual([4, 16, 36, 100]);
  expect([...(columns.in_gland ?? [])]).toEqual([1, 1, 0, 1]);
  expect(columns.gland?.[2]).toBeNaN();
  expect(columns.distance_to_other_class?.[1]).toBeCloseTo(5, 5);
  const glands = session.now('glands');
  expect([glands.columns.nuclei?.[0], glands.columns.lumen_share?.[0]]).toEqual([3, 0.0625]);
  expect(bench(false).session.now('nuclei').units.slice(0, 3)).toEqual(['px²', '', 'px']);
});

describe('what is worked out', () => {
  test('is worked out once while the objects stay, and anew when those it rests on change', async () => {
    const { session, found, calls } = bench();
    await Promise.all([session.column('nuclei', 'feret', calm), session.column('nuclei', 'solidity', calm)]);
    await session.column('nuclei', 'in_gland', calm);
    await session.column('nuclei', 'gland', calm);
    expect(calls).toEqual(['shapes', 'glandsAround']);
    found.bring(squares('glands', [[200, 200, 40]]));
    expect([...(await session.column('nuclei', 'in_gland', calm))]).toEqual([1, 1, 1, 1]);
    await session.column('nuclei', 'feret', calm);
    expect(calls).toEqual(['shapes', 'glandsAround', 'glandsAround']); // shapes do not rest on glands
    found.bring(squares('nuclei', [[300, 300, 4]]));
    expect(await session.column('nuclei', 'feret', calm)).toHaveLength(5);
    expect(calls.filter((call) => call === 'shapes')).toHaveLength(2);
  });

  test('an order is kept for its column', async () => {
    const { session, calls } = bench();
    expect([...(await session.order('nuclei', 'area', calm))]).toEqual([0, 1, 2, 3]);
    await session.order('nuclei', 'area', calm);
    expect(calls).toEqual(['order']);
  });

  test('one who leaves does not end it for the other', async () => {
    const { session } = bench();
    const left = new AbortController();
    const leaving = session.column('nuclei', 'feret', { signal: left.signal });
    const staying = session.column('nuclei', 'feret', calm);
    left.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    expect(await staying).toHaveLength(4);
  });
});

describe('filters', () => {
  test('choose rows, which are marked; what is wrong is told with its column', async () => {
    const { session, stores } = bench();
    const { rows } = await session.select('area > 10 and class == "nucleus" and in_gland', 'nuclei', calm);
    expect([...rows]).toEqual([1, 3]);
    expect([...(stores.selection.getState().brushed?.rows ?? [])]).toEqual([1, 3]);
    await expect(session.select('area > ', 'nuclei', calm)).rejects.toThrow('at column 8 there is the end');
    expect(session.fault('aera > 3', 'nuclei')).toMatchObject({ at: 0, length: 4, todo: 'Did you mean area?' });
    session.clear();
    expect(session.state.getState().brushedBy).toBeUndefined();
    expect(stores.selection.getState().brushed).toBeUndefined();
  });

  test('what a box or a lasso marks is no filter’s', async () => {
    const { session, stores } = bench();
    await session.select('area > 10', 'nuclei', calm);
    expect(session.state.getState().brushedBy).toBe('area > 10');
    stores.selection.setState({ brushed: { kind: 'nuclei', rows: Uint32Array.of(0) } });
    expect(session.state.getState().brushedBy).toBeUndefined();
    await session.select('area > 10', 'nuclei', calm);
    stores.selection.setState({ brushed: undefined });
    expect(session.state.getState().brushedBy).toBeUndefined();
  });

  test('within a region only there, and again when rows have moved', async () => {
    const { session, stores, found } = bench();
    const part = { x: 0, y: 0, width: 100, height: 100 };
    await session.select('area > 3', 'nuclei', calm, part);
    expect([...(stores.selection.getState().brushed?.rows ?? [])]).toEqual([0, 1, 3]);
    found.remove('nuclei', { x: 10, y: 10 });
    await session.brushAgain('nuclei');
    expect([...(stores.selection.getState().brushed?.rows ?? [])]).toEqual([0, 2]);
  });

  test('a measure that there is not is a sentence', async () => {
    const { session } = bench();
    await expect(session.column('nuclei', 'mass', calm)).rejects.toThrow(/no.* named mass.*Known are area/);
  });
});

test('what a file brought is measured like all else: table, filter, order and colour', async () => {
  const { session, found, stores } = bench();
  found.clear();
  const builder = new ColumnsBuilder('nuclei', manifest.tasks.nuclei?.classes ?? []);
  for (const [k, value] of [3, Number.NaN, 1, 2].entries()) {
    const [x, y] = [20 * k + 10, 10];
    const ring = [x - 2, y - 2, x + 2, y - 2, x + 2, y + 2, x - 2, y + 2];
    const measured =
      k === 2
        ? [['Nucleus: Area µm^2', value] as const]
        : [['Nucleus: Area µm^2', value] as const, ['Area', 40 + k] as const];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: 16, ring, measured });
  }
  found.bring(builder.copy());
  const names = session.names('nuclei').filter(({ group }) => group === 'file');
  expect(names.map(({ name, label }) => [name, label])).toEqual([
    ['nucleus_area_um2', 'Nucleus: Area µm^2'],
    ['area_2', 'Area (file)'],
  ]);
  expect([...(await session.column('nuclei', 'nucleus_area_um2', calm))]).toEqual([3, Number.NaN, 1, 2]);
  expect(session.now('nuclei').columns.area_2).toEqual(Float32Array.of(40, 41, Number.NaN, 43));
  expect([...(await session.order('nuclei', 'nucleus_area_um2', calm))]).toEqual([2, 3, 0, 1]);
  const [first] = names;
  expect(first && session.brought('nuclei', first, 3)).toBe(2);
  await session.select('nucleus_area_um2 >= 2 and area_2 < 43', 'nuclei', calm);
  expect([...(stores.selection.getState().brushed?.rows ?? [])]).toEqual([0]);
  await session.colourBy('nuclei', 'nucleus_area_um2', calm);
  expect(session.state.getState().colouredBy.nuclei).toBe('nucleus_area_um2');
  // Rows that are taken away take theirs along.
  found.remove('nuclei', { x: 10, y: 10 });
  expect([...(await session.column('nuclei', 'nucleus_area_um2', calm))]).toEqual([Number.NaN, 1, 2]);
});

test('where nobody has looked for glands, nobody knows what lies in one', async () => {
  const { session, found } = bench();
  found.clear();
  found.bring(squares('nuclei', [[10, 10, 4]]));
  expect((await session.column('nuclei', 'in_gland', calm))[0]).toBeNaN();
});

test('another slide takes nothing over', async () => {
  const { session, found, calls } = bench();
  await session.column('nuclei', 'feret', calm);
  session.setVectors({ haematoxylin: [0.7, 0.6, 0.3], eosin: [0.1, 0.9, 0.2] });
  session.forget();
  found.clear();
  expect(session.state.getState()).toMatchObject({ vectorsFrom: 'published', brushedBy: undefined });
  expect(session.book.bytes).toBe(0);
  expect(calls).toEqual(['shapes']);
});

test('stains cannot be asked of no slide', async () => {
  const { session } = bench();
  const told = vi.fn();
  await session.measureStains('nuclei', calm).catch(told);
  expect(told).toHaveBeenCalledOnce();
});

test.each([1, 2, 3])('rows within a region are those with their centroid there (seed %i)', (seed) => {
  const next = random(seed);
  const { found } = bench();
  found.bring(
    squares(
      'nuclei',
      Array.from({ length: 300 }, () => [next() * 500, next() * 500, 2 + next() * 30] as const),
    ),
  );
  const { live } = found.store('nuclei');
  const box = { x: 100, y: 50, width: 200, height: 300 };
  const ring = Float64Array.of(100, 50, 300, 50, 300, 350, 100, 350);
  const plain = Array.from({ length: live.columns.count }, (_, row) => row).filter((row) => {
    const [x, y] = [live.columns.centroid[2 * row] ?? 0, live.columns.centroid[2 * row + 1] ?? 0];
    return x >= 100 && x < 300 && y >= 50 && y < 350;
  });
  expect([...rowsWithin(live, box)]).toEqual(plain);
  expect([...rowsWithin(live, { pieces: [{ does: 'add', ring }] })]).toEqual(plain);
});

test('what is said of one gland or annotation is what its measures say', async () => {
  const { session, found } = bench();
  found.clear();
  const next = random(5);
  const spread = (n: number, side: number) =>
    Array.from({ length: n }, () => [next() * 400, next() * 400, side] as const);
  found.bring(squares('nuclei', spread(200, 6)));
  found.bring(squares('lumina', spread(20, 12)));
  found.bring(
    squares('glands', [
      [100, 100, 150],
      [110, 110, 40],
      [300, 300, 120],
    ]),
  ); // the second lies in the first
  const builder = new ColumnsBuilder('annotations', [{ name: 'Bed', color: '#112233' }]);
  const ring = [20, 20, 380, 20, 380, 200, 20, 200];
  builder.add({ classIndex: 0, probability: 1, x: 200, y: 110, areaPx: 360 * 180, ring });
  builder.add({ classIndex: 0, probability: 1, x: 30, y: 30, areaPx: 0, ring: [10, 10, 50, 50] }); // a line
  found.bring(builder.copy());
  const column = (kind: 'glands' | 'annotations', name: string) => session.column(kind, name, calm);
  for (const row of [0, 1, 2]) {
    const { contents } = factsOf(session.book, found, selectedAt(found, 'glands', row));
    expect(contents?.nuclei).toBe((await column('glands', 'nuclei'))[row]);
    expect(contents?.lumenShare).toBeCloseTo((await column('glands', 'lumen_share'))[row] ?? Number.NaN, 6);
  }
  const { contents } = factsOf(session.book, found, selectedAt(found, 'annotations', 0));
  expect(contents?.nuclei).toBe((await column('annotations', 'nuclei'))[0]);
  expect(contents?.density).toBeCloseTo((await column('annotations', 'nuclei_density'))[0] ?? Number.NaN, 2);
  expect(contents?.glands).toBe((await column('annotations', 'glands'))[0]);
  expect(contents?.nuclei).toBeGreaterThan(20);
  expect(factsOf(session.book, found, selectedAt(found, 'annotations', 1)).contents).toBeUndefined();
});

// A session goes out of one window and into another, without a screen or a disk.
import { expect, test, vi } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { resultHash } from '#objects/result-hash.ts';
import type { RunSummary } from '../runs/runs-api.ts';
import { endCompare } from '../stores/compare-store.ts';
import {
  initialLayers,
  type LayersState,
  setAttentionLayer,
  setObjectLayer,
  setSlideLayer,
  setTissueLayer,
} from '../stores/layers-store.ts';
import { slideAlone } from '../stores/panes-store.ts';
import { changeRegion } from '../stores/region-store.ts';
import { entriesOf, zipOf } from './stored-zip.ts';
import { fileWindow as window } from './testing/file-window.ts';

const waits = { signal: new AbortController().signal };
const DRAWN = { pieces: [{ does: 'add' as const, ring: Float64Array.of(0, 0, 90, 0, 90, 80.5) }] };
const RULERS = [{ from: { x: 1, y: 2.5 }, to: { x: 30, y: 40 } }];

const cells = (x: number): GridPatch => ({
  ...{ x, y: 0, cellWidth: 56.5, cellHeight: 56.5, cols: 2, rows: 1 },
  values: Float32Array.from({ length: 18 }, (_, k) => (k === 1 ? Number.NaN : k / 20)),
});

function squares(kind: 'nuclei' | 'glands' | 'annotations', count: number): ColumnsBuilder {
  const builder = new ColumnsBuilder(kind, [
    { name: 'A', color: '#ff0000' },
    { name: `B of ${kind}`, color: '#00ff00' },
  ]);
  for (let i = 0; i < count; i++) {
    const [x, y] = [9 + ((7.123 * i) % 900), 31 + 0.7 * i];
    const ring = [x - 3.3, y - 3, x + 3, y - 3.1, x + 3, y + 3, x - 3, y + 2.7];
    builder.add({ classIndex: i % 2, probability: (i % 7) / 7, x, y, areaPx: 36 + i / 300, ring });
  }
  return builder;
}

/** Two cells of one class. */
const map = (x: number): GridPatch => ({
  ...{ x, y: 0, cellWidth: 56.5, cellHeight: 56.5, cols: 2, rows: 1 },
  values: Float32Array.of(x / 200, Number.NaN),
});

const run: RunSummary = {
  ...{ id: 'run-1', slide: 's', onOpenSlide: true, canOpen: true, state: 'done', region: 'view' },
  ...{
    model: { id: 'm', sha256: '' },
    asked: undefined,
    views: 4,
    created: Date.parse('2020-01-02T14:02:00'),
    done: 1,
    total: 1,
    failed: [],
  },
  ...{ problem: undefined, kept: 'on disk', bytes: 1, shown: false, isLeft: false, together: undefined },
};

const bytesOf = async (file: Blob, name: string): Promise<ArrayBuffer> =>
  (await entriesOf(file, waits)).get(name)?.arrayBuffer() ?? new ArrayBuffer(0);

const hash = ({ found }: ReturnType<typeof window>): Promise<string> =>
  resultHash(
    {
      objects: (['nuclei', 'glands', 'lumina', 'annotations'] as const).map((kind) => found.store(kind).columns),
      tissue: found.tissueGrid()?.patches ?? [],
    },
    waits,
  );

function filled(runMaps?: (id: string) => Promise<ValueGrid>) {
  const one = window(undefined, undefined, undefined, undefined, undefined, runMaps);
  const classes = Array.from({ length: cells(0).values.length / 2 }, (_, k) => ({
    name: `Tissue ${k}`,
    color: '#123456',
  }));
  one.found.startAnew({ name: 'Tissue classes', channels: classes, patches: [cells(0), cells(113)] }, [
    'nuclei',
    'glands',
    'lumina',
  ]);
  one.found.area.add({ x: 0, y: 0, width: 100, height: 50 }, ({ width, height }) => width * height);
  one.found.area.add({ x: 100, y: 0, width: 100, height: 50 }, ({ width, height }) => 0.5 * width * height);
  for (const [kind, count] of [
    ['nuclei', 900],
    ['glands', 12],
    ['annotations', 5],
  ] as const)
    one.found.bring(squares(kind, count).copy());
  setObjectLayer(one.stores.layers, 'nuclei', { opacity: 0.4, fill: true, hiddenClasses: [1] });
  changeRegion(one.stores.regions, { drawn: DRAWN });
  one.viewer.setMarks({ ...one.viewer.marks(), rulers: RULERS });
  one.viewer.place({ rotation: 30, flipped: true });
  return one;
}

test('what was on the slide is on it in another window, to the bit', async () => {
  const one = filled();
  const file = await one.desk.exportSession(waits);
  const other = window();
  expect(await other.desk.openSession(file, waits)).toMatchObject({ why: undefined, shown: { objects: 917 } });
  expect(await hash(other)).toBe(await hash(one));
  expect(other.found.area.areaPx).toBeCloseTo(7500);
  expect(other.found.has('lumina')).toBe(true);
  const { opacity, fill, hiddenClasses } = other.stores.layers.getState().nuclei;
  expect([opacity, fill, hiddenClasses.map((k) => other.found.store('nuclei').columns.classes[k]?.name)]).toEqual([
    0.4,
    true,
    ['B of nuclei'],
  ]);
  expect(other.stores.regions.getState().drawn).toEqual(DRAWN);
  expect(other.viewer.marks().rulers).toEqual(RULERS);
  expect(other.viewer.view()).toMatchObject({ rotation: 30, flipped: true });
  await other.desk.openSession(file, waits); // again: the same, annotations once
  expect(await hash(other)).toBe(await hash(one));
});

test('how both panes are drawn, classes by name; a file of version 2 leaves the rest as it is', async () => {
  const one = filled();
  const { layers, besideLayers, panes } = one.stores;
  setObjectLayer(layers, 'nuclei', { threshold: 0.5, colours: { A: '#0000ff' } });
  setTissueLayer(layers, { shown: true, colourMap: 'cividis', channel: 1, scale: 'rank', interpolated: true });
  setAttentionLayer(layers, { shown: true, scale: 'percentiles', from: 0.3, interpolated: true });
  setSlideLayer(layers, { stained: true, opacity: 0.7 });
  besideLayers.setState(slideAlone(layers.getState()));
  setTissueLayer(besideLayers, { shown: true, opacity: 0.9, channel: 3, scale: 'percentiles' });
  panes.setState({ beside: true });
  const file = await one.desk.exportSession(waits);
  const other = window();
  await other.desk.openSession(file, waits);
  const drawn = ({ selected: _selected, ...state }: LayersState) => state;
  expect(drawn(other.stores.layers.getState())).toEqual(drawn(layers.getState()));
  expect(drawn(other.stores.besideLayers.getState())).toEqual(drawn(besideLayers.getState()));
  expect(other.stores.panes.getState()).toEqual({ beside: true, inHand: 'left' });

  const parts = await entriesOf(file, waits);
  const json = JSON.parse(await (parts.get('session.json') ?? new Blob()).text());
  const { right: _right, attention: _attention, slideLayer: _slideLayer, compared: _compared, ...old } = json;
  const { channel: _channel, scale: _scale, interpolated: _interpolated, ...tissue } = json.tissue;
  const layer = { shown: true, opacity: 0.4, fill: true, hidden: [] };
  const about = new Blob([JSON.stringify({ ...old, schema: 2, tissue, layers: { nuclei: layer } })]);
  const rest = [...parts].slice(1).map(([name, blob]) => ({ name, blob }));
  const third = window();
  setObjectLayer(third.stores.layers, 'nuclei', { threshold: 0.2 });
  await third.desk.openSession(await zipOf([{ name: 'session.json', blob: about }, ...rest], waits), waits);
  expect(third.stores.layers.getState()).toMatchObject({
    nuclei: { opacity: 0.4, threshold: 0.2 },
    tissue: { colourMap: 'cividis', channel: 0, scale: 'values', interpolated: false },
    attention: initialLayers.attention,
  });
  expect(third.stores.panes.getState().beside).toBe(false);
});

const compared = ({ stores }: ReturnType<typeof window>) => {
  const { other, how, brought } = stores.compare.getState();
  return { other, how, brought, attention: stores.attention.getState().compare };
};

test('what is compared is compared in another window too; with nothing compared it ends there what is', async () => {
  const one = filled();
  setTissueLayer(one.stores.layers, { shown: true, channel: 2, colourMap: 'viridis' });
  setAttentionLayer(one.stores.layers, { shown: true });
  one.stores.compare.setState({ other: { is: 'tissue', run: undefined, channel: 4 }, how: 'difference' });
  await expect.poll(() => one.stores.layers.getState().attention.shown).toBe(false); // two maps, not three
  const file = await one.desk.exportSession(waits);
  const other = window();
  await other.desk.openSession(file, waits);
  expect(compared(other)).toMatchObject({ other: { is: 'tissue', run: undefined, channel: 4 }, how: 'difference' });
  await expect.poll(() => other.stores.layers.getState().attention.shown).toBe(false);
  const own = { shown: true, opacity: 1, threshold: 0, channel: 2, colormap: 'viridis' } as const;
  const draws = () => {
    const grid = other.found.tissueGrid();
    return grid && other.compared.drawn('left', { grid, style: own })?.grid;
  };
  await expect.poll(() => draws()?.channels[0]?.name).toBe('Tissue 2 less Tissue 4');
  endCompare(other.stores.compare);
  expect(other.stores.layers.getState().attention.shown).toBe(true); // as before the comparison

  other.stores.compare.setState({ other: { is: 'tissue', run: undefined, channel: 1 } });
  await other.desk.openSession(await filled().desk.exportSession(waits), waits);
  expect(compared(other).other).toBeUndefined();
});

test('where a run counted is where it counts in another window, and after that one is left: drawn edges, not patches', async () => {
  const one = filled();
  const left = (part: { x: number; y: number; width: number; height: number }) => ({ ...part, width: 30 });
  one.found.area.add(
    { x: 300, y: 100, width: 100, height: 100 },
    () => 2950, // the strips of a drawn edge are not exact
    (part) => [left(part), { ...part, x: part.x + 50, width: 10, height: 5 }],
  );
  const file = await one.desk.exportSession(waits);
  const other = window();
  await other.desk.openSession(file, waits);
  const boxes = ({ found }: ReturnType<typeof window>) => [...found.area.boxes()];
  expect(boxes(other)).toEqual(boxes(one));
  expect(boxes(other).slice(-8)).toEqual([300, 100, 30, 100, 350, 100, 10, 5]);
  expect(other.found.area.areaPx).toBeCloseTo(one.found.area.areaPx, 6);
  expect(other.found.area.areaIn({ x: 330, y: 100, width: 20, height: 100 })).toBe(0);
  await other.desk.written();
  other.desk.leave();
  await other.desk.written();
  await new Promise((resolve) => setTimeout(resolve)); // its log is let go of
  const next = window('a1b2', other.storage); // the same slide after a reload
  await next.desk.lookUp();
  expect(boxes(next)).toEqual(boxes(one));

  const parts = [...(await entriesOf(file, waits))].map(([name, blob]) => ({ name, blob }));
  const old = await zipOf(
    parts.filter(({ name }) => name !== 'analysed-parts.f64'),
    waits,
  );
  const third = window();
  await third.desk.openSession(old, waits);
  expect(boxes(third).slice(-4)).toEqual([300, 100, 100, 100]);
  expect(third.found.area.areaPx).toBeCloseTo(one.found.area.areaPx, 6);
});

test('the divider stands where it stood', async () => {
  const one = filled();
  setTissueLayer(one.stores.layers, { shown: true, channel: 2, colourMap: 'viridis' });
  one.stores.compare.setState({ other: { is: 'tissue', run: undefined, channel: 4 }, how: 'swipe', swipeAt: 0.25 });
  const file = await one.desk.exportSession(waits);
  const other = window();
  await other.desk.openSession(file, waits);
  const style = { shown: true, opacity: 1, threshold: 0, channel: 2, colormap: 'viridis' } as const;
  const divider = () => {
    const grid = other.found.tissueGrid();
    return grid && other.compared.drawn('left', { grid, style })?.swipe?.at;
  };
  await expect.poll(divider).toBe(0.25);
  let drawnAnew = 0;
  other.compared.subscribe(() => drawnAnew++);
  other.stores.compare.setState({ swipeAt: 0.75 }); // as by a drag
  expect([drawnAnew, divider()]).toEqual([1, 0.75]);
});

test('the map of an earlier run comes along, and what is not there is told; a session that lacks it is refused whole', async () => {
  const grid = { name: 'Tissue', channels: [{ name: 'Of before', color: '#654321' }], patches: [map(7), map(120)] };
  const one = filled(async () => grid);
  one.stores.run.setState({ list: [run] });
  setTissueLayer(one.stores.layers, { shown: true, channel: 0, colourMap: 'viridis' });
  one.stores.compare.setState({ other: { is: 'tissue', run: run.id, channel: 0 }, how: 'swipe' });
  const file = await one.desk.exportSession(waits); // also while the comparison's code and that map are coming
  const said = JSON.parse(new TextDecoder().decode(await bytesOf(file, 'session.json')));
  expect(said.compared.other.run.created).toBe(new Date(run.created).toISOString()); // as of all runs in the file
  const other = window(); // it has no such run
  await other.desk.openSession(file, waits);
  const { id, created, model } = run;
  expect(compared(other)).toEqual({
    other: { is: 'tissue', run: id, channel: 0 },
    how: 'swipe',
    brought: { id, created, model: { id: model.id }, classes: grid.channels },
    attention: undefined,
  });
  expect(await other.compared.loaded()?.runCompared()).toMatchObject({ grid: { patches: grid.patches } });
  const again = await other.desk.exportSession(waits); // which goes on from window to window
  expect(await bytesOf(again, 'compared-values.f32')).toEqual(await bytesOf(file, 'compared-values.f32'));

  const third = window();
  const before = await hash(third);
  const parts = [...(await entriesOf(file, waits))].map(([name, blob]) => ({ name, blob }));
  const without = await zipOf(
    parts.filter(({ name }) => !name.startsWith('compared-')),
    waits,
  );
  await expect(third.desk.openSession(without, waits)).rejects.toThrow(/the map of the run .* is missing/);
  expect(await hash(third)).toBe(before);
  vi.spyOn(third.compared, 'session').mockRejectedValue(new TypeError('its code could not be loaded'));
  await expect(third.desk.openSession(file, waits)).rejects.toThrow('could not be loaded');
  expect(await hash(third)).toBe(before);

  one.stores.compare.setState({ other: { is: 'attention' } });
  const { shown } = await window().desk.openSession(await one.desk.exportSession(waits), waits);
  expect(shown?.said).toEqual(['Attention is not here, and so the two maps are not compared.']);
});

test('the difference on screen goes out as OME-TIFF, each pixel where it lies', async () => {
  const one = filled();
  setTissueLayer(one.stores.layers, { shown: true, channel: 0, colourMap: 'viridis' });
  const style = { shown: true, opacity: 1, threshold: 0, channel: 0, colormap: 'viridis' } as const;
  await expect(one.desk.exportImage('difference', waits)).rejects.toThrow(/Compare two maps and choose Difference/);
  one.stores.compare.setState({ other: { is: 'tissue', run: undefined, channel: 1 }, how: 'difference' });
  const grid = one.found.tissueGrid();
  one.compared.subscribe(() => grid && one.compared.drawn('left', { grid, style })); // as a pane does
  await one.compared.session();
  const text = await (await one.desk.exportImage('difference', waits)).slice(0, 4000).text();
  expect(text).toContain('Tissue 0 less Tissue 1');
  expect(text).toContain(`PhysicalSizeX="${56.5 * 0.25}"`);
  expect(text).toMatch(/SizeX="4" SizeY="1" .*Type="float"|Type="float" .*SizeX="4" SizeY="1"/);
});

test('a file of version 1 opens with all that it has', async () => {
  const one = filled();
  const file = await one.desk.exportSession(waits);
  const parts = await entriesOf(file, waits);
  const json = JSON.parse(await (parts.get('session.json') ?? new Blob()).text());
  const {
    right: _right,
    attention: _attention,
    slideLayer: _slideLayer,
    compared: _compared,
    lines: _lines,
    stains: _stains,
    ...old
  } = json;
  const about = new Blob([JSON.stringify({ ...old, schema: 1 })]);
  const rest = [...parts].slice(1).map(([name, blob]) => ({ name, blob }));
  const other = window();
  const opened = await other.desk.openSession(
    await zipOf([{ name: 'session.json', blob: about }, ...rest], waits),
    waits,
  );
  expect(opened).toMatchObject({ why: undefined, shown: { objects: 917, said: [] } });
  expect(await hash(other)).toBe(await hash(one));
  expect(other.viewer.marks().rulers).toEqual([]);
});

test('of another slide it says so, and shows nothing', async () => {
  const file = await filled().desk.exportSession(waits);
  const other = window('ffff');
  const { why, shown } = await other.desk.openSession(file, waits);
  expect(why).toMatch(/of another slide: it was saved on .* is open/);
  expect([shown, other.found.store('nuclei').columns.count]).toEqual([undefined, 0]);
  // That is known by its description, before anything else of it is read.
  const bytes = new Uint8Array(await file.arrayBuffer());
  const objects = (await entriesOf(file, waits)).get('objects.geojson.gz');
  const packed = new Uint8Array((await objects?.arrayBuffer()) ?? new ArrayBuffer(0));
  const at = Buffer.from(bytes).indexOf(Buffer.from(packed));
  bytes[at + (packed.length >> 1)] = (bytes[at + (packed.length >> 1)] ?? 0) ^ 0x55;
  const damaged = new Blob([bytes]);
  expect(await window('ffff').desk.openSession(damaged, waits)).toMatchObject({ shown: undefined });
  await expect(window().desk.openSession(damaged, waits)).rejects.toThrow(
    /objects\.geojson\.gz was changed or damaged/,
  );
});

test('a file that is damaged, cut short, of another program or version is refused with why', async () => {
  const file = await filled().desk.exportSession(waits);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { desk, found } = window();
  const open = (of: BlobPart): Promise<unknown> => desk.openSession(new Blob([of]), waits);
  await expect(open(bytes.slice(0, -30))).rejects.toThrow(/its end is missing.*copied whole/);
  await expect(open('no zip at all, but long enough to be one')).rejects.toThrow(/its end is missing/);
  await expect(open('')).rejects.toThrow(/too short/);
  for (let k = 0; k < 40; k++) {
    const damaged = bytes.slice();
    const at = Math.floor((k / 40) * bytes.length);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    await desk
      .openSession(new Blob([damaged]), waits)
      .catch((thrown: unknown) => expect(thrown).toMatchObject({ failure: { tag: 'BadInput' } }));
  }
  const parts = await entriesOf(file, waits);
  const changed = async (change: (json: Record<string, unknown>) => object): Promise<Blob> => {
    const json = change(JSON.parse(await (parts.get('session.json') ?? new Blob()).text()));
    const about = { name: 'session.json', blob: new Blob([JSON.stringify(json)]) };
    return zipOf([about, ...[...parts].slice(1).map(([name, blob]) => ({ name, blob }))], waits);
  };
  const before = found.store('nuclei').columns.count;
  await expect(open(await changed((json) => ({ ...json, schema: 7 })))).rejects.toThrow(
    /of version 7, and this Eosin reads up to 4\. Open it with a newer Eosin/,
  );
  await expect(open(await changed((json) => ({ ...json, schema: 0 })))).rejects.toThrow(/its version is 0/);
  await expect(open(await changed((json) => ({ ...json, slide: 3 })))).rejects.toThrow(/description is missing/);
  await expect(
    open(await changed((json) => ({ ...json, tissueClasses: [{ name: 'x', color: 'url(x)' }] }))),
  ).rejects.toThrow(/no colour/);
  await expect(open(await changed(({ layers, ...json }) => json))).rejects.toThrow(/missing/);
  expect(found.store('nuclei').columns.count).toBe(before);
});

test('annotations outlive the window, and what was taken away stays away', async () => {
  const one = filled();
  const file = await one.desk.exportGeoJSON(['annotations'], false, waits);
  const first = window();
  await first.desk.importGeoJSON(file, waits);
  const at = {
    x: first.found.store('annotations').columns.centroid[0] ?? 0,
    y: first.found.store('annotations').columns.centroid[1] ?? 0,
  };
  first.stores.selection.setState({
    selected: {
      kind: 'annotations',
      row: 0,
      at,
      className: 'A',
      color: '#ff0000',
      probability: 1,
      areaPx: 36,
      name: undefined,
      measured: [],
    },
    brushed: undefined,
  });
  first.desk.removeAnnotation();
  await first.desk.written();
  expect(first.found.store('annotations').columns.count).toBe(4);
  first.desk.leave();
  await expect
    .poll(async () => {
      const next = window('a1b2', first.storage);
      await next.desk.lookUp();
      return next.found.store('annotations').columns.count;
    })
    .toBe(4);
});

/** A drawn region of so many corners. */
const cornered = (count: number) => ({
  pieces: [
    {
      does: 'add' as const,
      ring: Float64Array.from({ length: 2 * count }, (_, k) => {
        const turn = (2 * Math.PI * Math.floor(k / 2)) / count;
        return 500 + 400 * (k % 2 === 0 ? Math.cos(turn) : Math.sin(turn));
      }),
    },
  ],
});

test('a drawn region of 300,000 corners comes along; one that could not be opened again is told when it is saved', async () => {
  const one = window();
  changeRegion(one.stores.regions, { drawn: cornered(300_000) });
  const other = window();
  expect(await other.desk.openSession(await one.desk.exportSession(waits), waits)).toMatchObject({ why: undefined });
  expect(other.stores.regions.getState().drawn).toEqual(cornered(300_000));
  changeRegion(one.stores.regions, { drawn: cornered(2_000_000) });
  await expect(one.desk.exportSession(waits)).rejects.toThrow(/would be larger than 64 MB.*Draw it with fewer/);
});

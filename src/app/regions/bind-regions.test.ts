import { expect, test, vi } from 'vitest';
import type { FoundTissue } from '#analysis/tissue/rules.ts';
import type { Outline, RegionMarks, Tool, ViewerEvents } from '#viewer/viewer-api.ts';
import { infoOf } from '../slide-session.ts';
import { changeTissue } from '../stores/region-store.ts';
import { createStores } from '../stores.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { bindRegions } from './bind-regions.ts';

const square = (x: number): Float64Array<ArrayBuffer> => Float64Array.of(x, 0, x + 10, 0, x + 10, 10, x, 10);
const mask = { x0: 0, y0: 0, cellPx: 10, cols: 1, rows: 1, mask: Uint8Array.of(1) };
const facts = { areaPx: 100, pieces: 1, automatic: 15, leastPx: 1, gapPx: 1, penPx: 0, foldsPx: 0 };

/** `search` stands for the worker. */
function bench(search: () => Promise<FoundTissue> = () => new Promise(() => undefined)) {
  const stores = createStores(undefined);
  const listeners: { [E in keyof ViewerEvents]?: (value: ViewerEvents[E]) => void } = {};
  const shown = {
    region: undefined as RegionMarks | undefined,
    outlines: new Map<string, Outline>(),
    tools: [] as Tool[],
  };
  const viewer = {
    ...stubViewer(),
    on: <E extends keyof ViewerEvents>(event: E, listener: (value: ViewerEvents[E]) => void) => {
      Object.assign(listeners, { [event]: listener });
      return () => undefined;
    },
    setRegion: (region: RegionMarks | undefined) => void (shown.region = region),
    setOutline: (name: string, outline: Outline | undefined) =>
      void (outline ? shown.outlines.set(name, outline) : shown.outlines.delete(name)),
    setTool: (tool: Tool) => void shown.tools.push(tool),
  };
  bindRegions({ stores, viewer, runs: { regions: { foundTissue: search } } });
  let id = 0;
  const open = (name: string): void =>
    stores.slide.setState({
      open: {
        id: ++id,
        info: infoOf(stubSlide(name), undefined),
        origin: 'disk',
        address: undefined,
        mppSetByUser: false,
      },
    });
  const tell = <E extends keyof ViewerEvents>(event: E, value: ViewerEvents[E]): void => listeners[event]?.(value);
  return { stores, shown, open, tell };
}

test('what is drawn becomes the region, is shown, and the hand comes back; with Shift the tool stays', async () => {
  const { stores, shown, open, tell } = bench();
  open('a.svs');
  tell('piece', { does: 'replace', ring: square(0) });
  await vi.waitFor(() => expect(shown.region?.corners.length).toBe(4));
  expect(stores.regions.getState().drawn).toEqual({ x: 0, y: 0, width: 10, height: 10 });
  expect([stores.settings.getState().region, shown.tools]).toEqual(['rectangle', ['move']]);
  tell('piece', { does: 'add', ring: square(50) });
  await vi.waitFor(() => expect(shown.region?.corners.length).toBe(8));
  expect(shown.tools).toEqual(['move']);
  stores.settings.setState({ region: 'view' });
  await vi.waitFor(() => expect(shown.region).toBeUndefined());
});

test('a slide that is opened again has its region and its edits again; another one has none', async () => {
  const { stores, shown, open, tell } = bench();
  open('a.svs');
  tell('piece', { does: 'replace', ring: square(0) });
  await vi.waitFor(() => expect(shown.region).toBeDefined());
  changeTissue(stores.regions, { threshold: 33 });
  open('b.svs');
  expect([stores.regions.getState().drawn, stores.regions.getState().edits.threshold]).toEqual([undefined, undefined]);
  await vi.waitFor(() => expect(shown.region).toBeUndefined());
  open('a.svs');
  expect(stores.regions.getState().edits.threshold).toBe(33);
  await vi.waitFor(() => expect(shown.region?.corners.length).toBe(4));
});

test('edits faster than the search: one at a time, and the last one is shown; pen and folds are hatched and named', async () => {
  let [running, most, searches] = [0, 0, 0];
  const waiting: (() => void)[] = [];
  const ring = [square(0)];
  const seen: (number | undefined)[] = [];
  const at = bench(async () => {
    seen.push(at.stores.regions.getState().edits.threshold);
    searches++;
    most = Math.max(most, ++running);
    await new Promise<void>((done) => waiting.push(done));
    running--;
    return { mask, facts, outlines: ring, pen: ring, folds: ring };
  });
  const { stores, shown, open } = at;
  open('a.svs');
  stores.settings.setState({ region: 'tissue' });
  await vi.waitFor(() => expect(searches).toBe(1));
  for (let threshold = 10; threshold < 40; threshold++) changeTissue(stores.regions, { threshold }, 'threshold');
  await Promise.resolve();
  waiting.shift()?.();
  await vi.waitFor(() => expect(searches).toBe(2));
  waiting.shift()?.();
  await vi.waitFor(() => expect(running).toBe(0));
  expect([most, seen]).toEqual([1, [undefined, 39]]);
  await vi.waitFor(() => expect(shown.outlines.get('tissue')?.dashed).toBe(true));
  expect(shown.outlines.get('pen')?.hatched).toBe('Pen, left out');
  expect(shown.outlines.get('folds')?.hatched).toBe('Fold, kept');
  stores.settings.setState({ region: 'view' });
  await vi.waitFor(() => expect(shown.outlines.size).toBe(0));
});

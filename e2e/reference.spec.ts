// Real slides: are the objects on screen those that the Python reference (models/reference.py) makes of the same maps?
// The maps are caught on their way from the inference worker to the page.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, TestInfo } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { openFile } from './actions.ts';
import { analyse, type Found, objectsIn } from './findings.ts';
import { eachCell, type Rect } from './shapes.ts';
import { dist, expect, openEosin, sharedFile, test } from './site.ts';

const PYTHON = join(root, 'models/.venv/bin/python');
const MANIFEST = join(dist, 'models/cerberus-lite/model.json');
const LEAST_PQ = 0.98;

interface CaughtMap {
  readonly dims: number[];
  readonly data: string; // base64 of int32, little-endian
}
/** A window that was computed. Frame: px of the level that was read, which is level 0 on these slides. */
interface Caught {
  readonly x: number;
  readonly y: number;
  readonly px: number; //   level px a model px
  readonly size: number; // model px
  readonly maps: Record<string, CaughtMap>;
}

/**
 * Notes every window that goes to a worker, and the int32 tensors that come back for it. On WASM one worker composes the
 * window and another runs it: the composed values, which are the same buffer here in between, say which window it is.
 */
async function catchWindows(page: Page): Promise<() => Promise<Caught[]>> {
  await page.addInitScript(() => {
    type Maps = Record<string, { dims: number[]; data: Int32Array<ArrayBuffer> }>;
    const caught: { x: number; y: number; px: number; size: number; maps: Maps }[] = [];
    Reflect.set(window, 'caughtWindows', caught);
    const patchIn = (value: unknown): object | undefined => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
      if ('tiles' in value && 'scaleX' in value && 'size' in value) return value;
      return Object.values(value).map(patchIn).find(Boolean);
    };
    const mapsIn = (value: unknown, into: Maps): Maps => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return into;
      for (const [name, inner] of Object.entries(value)) {
        if (inner?.data instanceof Int32Array && Array.isArray(inner.dims))
          into[name] = { dims: [...inner.dims], data: inner.data.slice() };
        else mapsIn(inner, into);
      }
      return into;
    };
    const floatsIn = (value: unknown): ArrayBufferLike | undefined => {
      if (value instanceof Float32Array) return value.buffer;
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
      return Object.values(value).map(floatsIn).find(Boolean);
    };
    const composed = new WeakMap<ArrayBufferLike, { x: number; y: number; px: number; size: number }>();
    const Native = Worker;
    Reflect.set(
      window,
      'Worker',
      class extends Native {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          const asked = new Map<unknown, { x: number; y: number; px: number; size: number }>();
          this.addEventListener('message', ({ data }) => {
            const place = asked.get(data?.id);
            const maps = mapsIn(data, {});
            const values = floatsIn(data);
            if (place && Object.keys(maps).length > 0) caught.push({ ...place, maps });
            else if (place && values) composed.set(values, place);
          });
          const post = this.postMessage.bind(this);
          Reflect.set(this, 'postMessage', (message: { id?: number }, transfer: Transferable[]) => {
            const patch = patchIn(message);
            const number = (key: string) => Number(patch && Reflect.get(patch, key));
            if (patch)
              asked.set(message.id, { x: number('x'), y: number('y'), px: number('scaleX'), size: number('size') });
            // memory that a patch is to be composed into may still stand for the one before
            const values = patch ? undefined : floatsIn(message);
            const place = values && composed.get(values);
            if (place) asked.set(message.id, place);
            post(message, transfer);
          });
        }
      },
    );
  });
  return () =>
    page.evaluate(async () => {
      const base64 = (data: Int32Array<ArrayBuffer>): Promise<string> =>
        new Promise((done) => {
          const reader = new FileReader();
          reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ''));
          reader.readAsDataURL(new Blob([data]));
        });
      const coded: Caught[] = [];
      for (const { maps, ...place } of Reflect.get(window, 'caughtWindows')) {
        const texts: Record<string, CaughtMap> = {};
        for (const name of Object.keys(maps))
          texts[name] = { dims: maps[name].dims, data: await base64(maps[name].data) };
        coded.push({ ...place, maps: texts });
      }
      return coded;
    });
}

/** A map's plane as the reference takes it, cut to columns and rows. */
interface Plane {
  readonly values: Int32Array;
  readonly width: number;
  readonly height: number;
}
function planeOf(map: CaughtMap, plane: number, cut: Rect): Plane {
  const [, , side = 0, width = 0] = map.dims;
  const bytes = Buffer.from(map.data, 'base64');
  const whole = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const values = new Int32Array(cut.width * cut.height);
  for (let y = 0; y < cut.height; y++)
    for (let x = 0; x < cut.width; x++)
      values[y * cut.width + x] = whole[plane * side * width + (cut.y + y) * width + cut.x + x] ?? 0;
  return { values, width: cut.width, height: cut.height };
}

function labelsOf(plane: Plane, task: 'nuclei' | 'glands'): Uint16Array {
  const folder = mkdtempSync(join(tmpdir(), 'eosin-reference-'));
  try {
    const [maps, out] = [join(folder, 'maps'), join(folder, 'labels')];
    writeFileSync(maps, plane.values);
    execFileSync(
      PYTHON,
      [
        'reference.py',
        '--maps',
        maps,
        '--manifest',
        MANIFEST,
        '--task',
        task,
        '--out',
        out,
        '--shape',
        String(plane.height),
        String(plane.width),
      ],
      { cwd: join(root, 'models'), timeout: 120_000 },
    );
    const bytes = readFileSync(out);
    return new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Labels on a grid: cell (0, 0) starts at the level-0 point, a cell is so many level-0 px wide. */
interface Grid {
  readonly labels: Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly cell: number;
}

const holds = ({ x, y, width, height }: Rect, px: number, py: number): boolean =>
  px >= x && py >= y && px < x + width && py < y + height;

/** The parts of panoptic quality: the page's objects against the labels, both by their centroid in the region. */
function panopticQuality(objects: readonly Found[], grid: Grid, region: Rect) {
  const area = new Map<number, { n: number; x: number; y: number }>();
  for (const [i, label] of grid.labels.entries()) {
    if (label === 0) continue;
    const { n, x, y } = area.get(label) ?? { n: 0, x: 0, y: 0 };
    area.set(label, { n: n + 1, x: x + (i % grid.width) + 0.5, y: y + Math.floor(i / grid.width) + 0.5 });
  }
  const wanted = new Set(
    [...area].flatMap(([label, { n, x, y }]) => {
      const [cx, cy] = [grid.x + (x / n) * grid.cell, grid.y + (y / n) * grid.cell];
      return holds(region, cx, cy) ? [label] : [];
    }),
  );
  const found = objects.filter(({ centroid: [x, y] }) => holds(region, x, y));
  let [pairs, sumIoU] = [0, 0];
  for (const { ring } of found) {
    const onGrid = ring.map((value, i) => (value - (i % 2 === 0 ? grid.x : grid.y)) / grid.cell);
    const common = new Map<number, number>();
    let cells = 0;
    eachCell(onGrid, { x: 0, y: 0, width: grid.width, height: grid.height }, 1, (index) => {
      cells++;
      const label = grid.labels[index] ?? 0;
      if (wanted.has(label)) common.set(label, (common.get(label) ?? 0) + 1);
    });
    const best = Math.max(0, ...[...common].map(([label, both]) => both / (cells + (area.get(label)?.n ?? 0) - both)));
    if (best > 0.5) {
      pairs++;
      sumIoU += best;
    }
  }
  return { sumIoU, pairs, found: found.length, wanted: wanted.size };
}

function needsPython(info: TestInfo): void {
  info.skip(!existsSync(PYTHON), 'models/.venv is not here: npm run test:models makes it');
}

const manifest = () => JSON.parse(readFileSync(MANIFEST, 'utf8'));
const outputWith = (plane: string) => {
  for (const output of manifest().outputs)
    if (output.planes?.includes(plane)) return { ...output, index: output.planes.indexOf(plane) };
  throw new Error(`no output holds ${plane}`);
};

/** The core of a window, level px. */
function coreOf({ x, y, px, size }: Caught): Rect {
  const { margin } = manifest().input;
  const side = (size - 2 * margin) * px;
  return { x: x + margin * px, y: y + margin * px, width: side, height: side };
}

const common = (a: Rect, b: Rect): Rect => {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const right = Math.min(a.x + a.width, b.x + b.width);
  const bottom = Math.min(a.y + a.height, b.y + b.height);
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
};

function mapOf(caught: Caught, name: string): CaughtMap {
  const map = caught.maps[name];
  if (!map) throw new Error(`no map ${name} was seen`);
  return map;
}

/** Nuclei are found in each whole window as far as the slide goes, and belong to the core that holds their centroid. */
function nucleiQuality(windows: readonly Caught[], objects: readonly Found[], region: Rect, slide: Rect) {
  const output = outputWith('nuclei');
  const { upsample } = manifest().tasks.nuclei.postprocess;
  return windows
    .filter((window) => common(coreOf(window), region).width * common(coreOf(window), region).height > 0)
    .map((window) => {
      const side = window.size / output.stride;
      const plane = planeOf(mapOf(window, output.name), output.index, { x: 0, y: 0, width: side, height: side });
      const centre = (start: number, i: number) => start + (i + 0.5) * output.stride * window.px;
      for (const i of plane.values.keys())
        if (!holds(slide, centre(window.x, i % side), centre(window.y, Math.floor(i / side)))) plane.values[i] = 0;
      const grid = {
        labels: labelsOf(plane, 'nuclei'),
        width: side * upsample,
        height: side * upsample,
        x: window.x,
        y: window.y,
        cell: (output.stride * window.px) / upsample,
      };
      return panopticQuality(objects, grid, common(coreOf(window), region));
    });
}

/** Glands are found in the mosaic of all cores that were computed, cut at the slide's edge. */
function glandsQuality(windows: readonly Caught[], objects: readonly Found[], region: Rect, slide: Rect) {
  const output = outputWith('glands');
  const [first] = windows;
  if (!first) throw new Error('no window was computed');
  const cell = output.stride * first.px;
  const margin = manifest().input.margin / output.stride;
  const n = first.size / output.stride - 2 * margin; // cells a side of a core
  const cores = windows.map((window) => ({
    window,
    col: Math.round(coreOf(window).x / (n * cell)),
    row: Math.round(coreOf(window).y / (n * cell)),
  }));
  const [col0, row0] = [Math.min(...cores.map(({ col }) => col)), Math.min(...cores.map(({ row }) => row))];
  const cols = Math.max(...cores.map(({ col }) => col)) - col0 + 1;
  const rows = Math.max(...cores.map(({ row }) => row)) - row0 + 1;
  const mosaic = { values: new Int32Array(cols * n * rows * n), width: cols * n, height: rows * n };
  const [slideCols, slideRows] = [Math.ceil(slide.width / cell - 1e-6), Math.ceil(slide.height / cell - 1e-6)];
  for (const { window, col, row } of cores) {
    const { values } = planeOf(mapOf(window, output.name), output.index, { x: margin, y: margin, width: n, height: n });
    for (const [i, value] of values.entries()) {
      const [x, y] = [col * n + (i % n), row * n + Math.floor(i / n)];
      if (x < slideCols && y < slideRows) mosaic.values[(y - row0 * n) * mosaic.width + x - col0 * n] = value;
    }
  }
  const grid = { ...mosaic, labels: labelsOf(mosaic, 'glands'), x: col0 * n * cell, y: row0 * n * cell, cell };
  return [panopticQuality(objects, grid, region)];
}

for (const { file, region, mpp } of [
  { file: 'slides/CMU-1-Small-Region.svs', region: { x: 1000, y: 920, width: 500, height: 500 }, mpp: 0.499 },
  {
    file: 'slides/derived/cmu-pyramid-jpeg-ycbcr.tif',
    region: { x: 1100, y: 1100, width: 500, height: 500 }, // inside one core; the one above lies over the corner of four
    mpp: 0.499,
  },
  { file: 'data/glands/glas/testA_1.jpg', region: { x: 0, y: 0, width: 775, height: 522 }, mpp: 0.62 },
]) {
  test(`objects of ${file} equal the reference's`, async ({ page, site }, info) => {
    const path = sharedFile(info, file);
    needsPython(info);
    const caught = await catchWindows(page);
    await openEosin(page, site);
    await openFile(page, path);
    await page.waitForFunction((name) => window.eosin.slide()?.name === name, file.split('/').at(-1));
    await page.evaluate((mpp) => window.eosin.setMpp({ x: mpp, y: mpp }), mpp);
    const slide = await page.evaluate(() => window.eosin.slide());
    await analyse(page, { region });
    const all = await caught();
    const whole = Math.max(...all.map(({ size }) => size)); // smaller ones were looked at first, and count nowhere
    const windows = all.filter(({ size }) => size === whole);
    const bounds = { x: 0, y: 0, width: slide?.widthPx ?? 0, height: slide?.heightPx ?? 0 };
    const parts = {
      nuclei: nucleiQuality(windows, await objectsIn(page, 'nuclei'), region, bounds),
      glands: glandsQuality(windows, await objectsIn(page, 'glands'), region, bounds),
    };
    for (const kind of ['nuclei', 'glands'] as const) {
      const total = (key: 'sumIoU' | 'pairs' | 'found' | 'wanted') =>
        parts[kind].reduce((sum, part) => sum + part[key], 0);
      const pq = total('sumIoU') / ((total('found') + total('wanted')) / 2);
      console.log(
        `${file} ${kind}: PQ ${pq.toFixed(4)}, ${total('pairs')} pairs of ${total('found')} and ${total('wanted')}`,
      );
      if (kind === 'nuclei') expect(total('wanted')).toBeGreaterThan(50);
      if (total('found') + total('wanted') > 0) expect(pq, kind).toBeGreaterThanOrEqual(LEAST_PQ);
    }
  });
}

// Real slides: are the objects on screen those that the Python reference (models/reference.py) makes of the same maps?
// The maps are caught on their way from the inference worker to the page.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, TestInfo } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { openFile } from './actions.ts';
import { analyse, objectsIn } from './findings.ts';
import { eachCell, type Rect } from './shapes.ts';
import { dist, expect, openEosin, sharedFile, test } from './site.ts';

const PYTHON = join(root, 'models/.venv/bin/python');
const MANIFEST = join(dist, 'models/cerberus-lite/model.json');
const LEAST_PQ = 0.98;

interface CaughtMap {
  readonly dims: number[];
  readonly data: string; // base64 of int32, little-endian
}

/** Notes every int32 tensor that a worker sends to the page, by name; the last one stays. */
async function catchMaps(page: Page): Promise<() => Promise<Record<string, CaughtMap>>> {
  await page.addInitScript(() => {
    const caught: Record<string, { dims: number[]; data: Int32Array<ArrayBuffer> }> = {};
    Reflect.set(window, 'caughtMaps', caught);
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
      for (const [name, inner] of Object.entries(value)) {
        if (inner?.data instanceof Int32Array && Array.isArray(inner.dims))
          caught[name] = { dims: [...inner.dims], data: inner.data.slice() };
        else look(inner);
      }
    };
    const Native = Worker;
    Reflect.set(
      window,
      'Worker',
      class extends Native {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          this.addEventListener('message', ({ data }) => look(data));
        }
      },
    );
  });
  return () =>
    page.evaluate(async () => {
      const caught: Record<string, { dims: number[]; data: Int32Array<ArrayBuffer> }> = Reflect.get(
        window,
        'caughtMaps',
      );
      const coded: Record<string, { dims: number[]; data: string }> = {};
      for (const [name, { dims, data }] of Object.entries(caught)) {
        const url = await new Promise<string>((done) => {
          const reader = new FileReader();
          reader.onload = () => done(String(reader.result));
          reader.readAsDataURL(new Blob([data]));
        });
        coded[name] = { dims, data: url.slice(url.indexOf(',') + 1) };
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

/** Panoptic quality of the page's objects against the labels whose centroid lies in the region. */
async function panopticQuality(page: Page, kind: 'nuclei' | 'glands', grid: Grid, region: Rect) {
  const area = new Map<number, { n: number; x: number; y: number }>();
  for (const [i, label] of grid.labels.entries()) {
    if (label === 0) continue;
    const { n, x, y } = area.get(label) ?? { n: 0, x: 0, y: 0 };
    area.set(label, { n: n + 1, x: x + (i % grid.width) + 0.5, y: y + Math.floor(i / grid.width) + 0.5 });
  }
  const wanted = new Set(
    [...area].flatMap(([label, { n, x, y }]) => {
      const [cx, cy] = [grid.x + (x / n) * grid.cell, grid.y + (y / n) * grid.cell];
      const inside = cx >= region.x && cy >= region.y && cx < region.x + region.width && cy < region.y + region.height;
      return inside ? [label] : [];
    }),
  );
  const found = await objectsIn(page, kind);
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
  return { pq: sumIoU / ((found.length + wanted.size) / 2), pairs, found: found.length, wanted: wanted.size };
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

/** Where the window of the patch at (col, row) lies, from the side of its map. */
function windowOf(map: CaughtMap, stride: number, mpp: number, col: number, row: number) {
  const { input } = manifest();
  const side = (map.dims[3] ?? 0) * stride; // model px
  const px = input.mpp / mpp; // level-0 px a model px
  const core = side - 2 * input.margin;
  return { x: (col * core - input.margin) * px, y: (row * core - input.margin) * px, px, core, margin: input.margin };
}

for (const { file, region, mpp, col, row } of [
  {
    file: 'slides/CMU-1-Small-Region.svs',
    region: { x: 1000, y: 920, width: 500, height: 500 },
    mpp: 0.499,
    col: 1,
    row: 1,
  },
  {
    file: 'slides/derived/cmu-pyramid-jpeg-ycbcr.tif',
    region: { x: 1000, y: 920, width: 500, height: 500 },
    mpp: 0.499,
    col: 1,
    row: 1,
  },
  { file: 'data/glands/glas/testA_1.jpg', region: { x: 0, y: 0, width: 560, height: 522 }, mpp: 0.62, col: 0, row: 0 },
]) {
  test(`objects of ${file} equal the reference's`, async ({ page, site }, info) => {
    const path = sharedFile(info, file);
    needsPython(info);
    const maps = await catchMaps(page);
    await openEosin(page, site);
    await openFile(page, path);
    await page.waitForFunction((name) => window.eosin.slide()?.name === name, file.split('/').at(-1));
    await page.evaluate((mpp) => window.eosin.setMpp({ x: mpp, y: mpp }), mpp);
    expect((await analyse(page, { region })).patches).toBe(1);
    const caught = await maps();

    for (const kind of ['nuclei', 'glands'] as const) {
      const output = outputWith(kind);
      const map = caught[output.name];
      if (!map) throw new Error(`no map ${output.name} was seen`);
      const { x, y, px, core, margin } = windowOf(map, output.stride, mpp, col, row);
      const upsample = kind === 'nuclei' ? manifest().tasks.nuclei.postprocess.upsample : 1;
      const slide = await page.evaluate(() => window.eosin.slide());
      const side = map.dims[3] ?? 0;
      // Nuclei are found in the whole window, glands in the mosaic of cores: here one core, cut at the slide's edge.
      const within = (start: number, size: number) =>
        Math.min(core / output.stride, Math.ceil((size - (start + margin * px)) / (output.stride * px) - 1e-6));
      const from = margin / output.stride;
      const cut =
        kind === 'nuclei'
          ? { x: 0, y: 0, width: side, height: side }
          : { x: from, y: from, width: within(x, slide?.widthPx ?? 0), height: within(y, slide?.heightPx ?? 0) };
      const plane = planeOf(map, output.index, cut);
      const grid = {
        labels: labelsOf(plane, kind),
        width: plane.width * upsample,
        height: plane.height * upsample,
        x: x + cut.x * output.stride * px,
        y: y + cut.y * output.stride * px,
        cell: (output.stride * px) / upsample,
      };
      const quality = await panopticQuality(page, kind, grid, region);
      console.log(`${file} ${kind}: ${JSON.stringify(quality)}`);
      if (kind === 'nuclei') expect(quality.wanted).toBeGreaterThan(50);
      if (quality.wanted + quality.found > 0) expect(quality.pq).toBeGreaterThanOrEqual(LEAST_PQ);
    }
  });
}

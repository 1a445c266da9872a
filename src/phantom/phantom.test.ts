import { describe, expect, test } from 'vitest';
import { ringOf } from '#objects/columns.ts';
import { isPixels } from '#slide/raster.ts';
import type { Pixels, Raster } from '#slide/slide.ts';
import { densityOf } from '#stain/beer-lambert.ts';
import type { Rect } from '#units/rect.ts';
import { labelImage } from './label-image.ts';
import { phantomHere } from './paint-here.ts';
import { PHANTOM_LEVELS, windowOf } from './phantom.ts';
import { phantomSeed } from './phantom-name.ts';
import { Plan, UM_PER_PX } from './plan.ts';
import { Scene } from './scene.ts';
import { shapesTouching, TISSUE_CLASSES } from './truth.ts';

const { signal } = new AbortController();
const MIDDLE = { x: 44_880, y: 34_880, width: 10_240, height: 10_240 };
const SEEDS = [1, 2, 3, 17, 999];

async function pixelsOf(tile: Promise<Raster>): Promise<Pixels> {
  const raster = await tile;
  if (!isPixels(raster)) throw new Error('A bitmap in Node?');
  return raster;
}

const meanOf = ({ rgba }: Pixels): [number, number, number] => {
  const sum = [0, 0, 0];
  for (let i = 0; i < rgba.length; i += 4) for (let c = 0; c < 3; c++) sum[c] = (sum[c] ?? 0) + (rgba[i + c] ?? 0);
  const n = rgba.length / 4;
  return [(sum[0] ?? 0) / n, (sum[1] ?? 0) / n, (sum[2] ?? 0) / n];
};

/** Share of a region's area that objects of this kind cover. */
function coveredBy(plan: Plan, kind: 'nuclei' | 'glands' | 'lumina', region: Rect): number {
  const rings = shapesTouching(plan, kind, region).map(({ ring }) => ring);
  const { ids } = labelImage(rings, region, 4, region.width / 4, region.height / 4);
  return ids.reduce((sum, id) => sum + (id > 0 ? 1 : 0), 0) / ids.length;
}

test('a phantom is a slide of 100,000 × 80,000 px whose levels halve', () => {
  const phantom = phantomHere(7);
  expect(phantom.levels[0]).toMatchObject({ widthPx: 100_000, heightPx: 80_000, tileWidth: 512, downsample: 1 });
  for (const [k, level] of phantom.levels.entries()) {
    expect(level.downsample).toBe(2 ** k);
    expect(level.widthPx).toBe(Math.ceil(100_000 / 2 ** k));
  }
  expect(phantom.levels.at(-1)?.widthPx).toBeLessThanOrEqual(512);
  expect(phantom.mpp).toEqual({ x: 0.25, y: 0.25 });
  expect(phantom).toMatchObject({ name: 'phantom:7', format: 'Synthetic', objective: 40 });
});

test('names', () => {
  expect(phantomSeed('phantom:12')).toBe(12);
  expect(phantomSeed('phantom:')).toBeUndefined();
  expect(phantomSeed('phantom:-1')).toBeUndefined();
  expect(phantomSeed('slide.svs')).toBeUndefined();
});

test('edge tiles are cropped, and there is nothing beyond them', () => {
  const last = PHANTOM_LEVELS.length - 1;
  expect(windowOf({ level: last, col: 0, row: 0 })).toEqual({ x: 0, y: 0, width: 391, height: 313 });
  expect(windowOf({ level: 0, col: 195, row: 156 })).toMatchObject({ width: 160, height: 128 });
  expect(() => windowOf({ level: 0, col: 196, row: 0 })).toThrow(/no tile/);
  expect(() => windowOf({ level: 9, col: 0, row: 0 })).toThrow(/no tile/);
});

test('an aborted read rejects with its reason', async () => {
  const controller = new AbortController();
  controller.abort(new Error('moved on'));
  await expect(phantomHere(1).readTile({ level: 0, col: 90, row: 70 }, { signal: controller.signal })).rejects.toThrow(
    'moved on',
  );
});

describe('pixels', () => {
  test('a tile is the same whoever paints it, whatever was painted before; another seed gives another', async () => {
    const at = { level: 1, col: 48, row: 39 };
    const fresh = await pixelsOf(phantomHere(5).readTile(at, { signal }));
    const used = phantomHere(5);
    await used.readTile({ level: 3, col: 12, row: 9 }, { signal });
    await used.readTile({ level: 1, col: 47, row: 38 }, { signal });
    const again = await pixelsOf(used.readTile(at, { signal }));
    const other = await pixelsOf(phantomHere(6).readTile(at, { signal }));
    expect(Buffer.compare(Buffer.from(again.rgba.buffer), Buffer.from(fresh.rgba.buffer))).toBe(0); // toEqual takes seconds on a million numbers
    expect(Buffer.compare(Buffer.from(other.rgba.buffer), Buffer.from(fresh.rgba.buffer))).not.toBe(0);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('no seams at level %i: four tiles are one picture', (level) => {
    const f = 2 ** level;
    const size = 96;
    const x = Math.round(50_000 / f / size) * size;
    const y = Math.round(40_000 / f / size) * size;
    const whole = new Scene(3).render(level, { x: x - size, y: y - size, width: 2 * size, height: 2 * size });
    let different = 0;
    for (const [tx, ty] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      // A scene of its own: nothing that another tile left behind helps.
      const tile = new Scene(3).render(level, {
        x: x + (tx - 1) * size,
        y: y + (ty - 1) * size,
        width: size,
        height: size,
      });
      for (let row = 0; row < size; row++) {
        for (let i = 0; i < size * 4; i++) {
          const there = whole.rgba[((ty * size + row) * 2 * size + tx * size) * 4 + i];
          if (there !== tile.rgba[row * size * 4 + i]) different++;
        }
      }
    }
    expect(different).toBe(0);
  });

  test.each([
    {
      levels: [0, 1, 2, 3, 4],
      side: 1024,
      places: [
        [50_000, 40_000],
        [46_000, 37_000],
        [50_000, 52_000],
      ],
    },
    {
      levels: [3, 4, 5, 6, 7, 8],
      side: 4096,
      places: [
        [50_000, 40_000],
        [43_000, 40_000],
        [50_000, 28_000],
        [50_000, 53_000],
      ],
    },
  ] as const)(
    'levels $levels agree in colour, on tissue of every kind',
    { timeout: 120_000 },
    ({ levels, side, places }) => {
      const scene = new Scene(2);
      for (const [px, py] of places) {
        const means = levels.map((level) => {
          const f = 2 ** level;
          const at = (v: number): number => (Math.round(v / 4096) * 4096 - side / 2) / f;
          return meanOf(scene.render(level, { x: at(px), y: at(py), width: side / f, height: side / f }));
        });
        for (let level = 1; level < means.length; level++) {
          for (let c = 0; c < 3; c++) {
            // Five grey levels of 255 between two levels cannot be seen while zooming.
            expect(Math.abs((means[level]?.[c] ?? 0) - (means[level - 1]?.[c] ?? 0))).toBeLessThan(5);
          }
        }
      }
    },
  );
});

describe('truth', () => {
  test.each(SEEDS)('seed %i: the middle is tissue with glands and nuclei', (seed) => {
    const plan = new Plan(seed);
    const phantom = phantomHere(seed);
    let glandular = 0;
    for (let gy = 0; gy < 8; gy++) {
      for (let gx = 0; gx < 8; gx++) {
        const x = MIDDLE.x + gx * 1280;
        const y = MIDDLE.y + gy * 1280;
        for (let k = 0; k < 4; k++)
          expect(TISSUE_CLASSES[phantom.tissueAt(x + k * 320, y + k * 320)]?.name).not.toBe('Glass');
        if (coveredBy(plan, 'glands', { x, y, width: 1280, height: 1280 }) > 0.15) glandular++;
      }
    }
    expect(glandular).toBeGreaterThan(64 * 0.75);
    const mm2 = 0.5 ** 2;
    const nuclei = phantom.truth('nuclei', { x: 49_000, y: 39_000, width: 2000, height: 2000 });
    expect(nuclei.count / mm2).toBeGreaterThan(3000);
    expect(nuclei.count / mm2).toBeLessThan(9500);
  });

  test('nuclei of the four classes occur, with plausible sizes', () => {
    const seen = new Set<string>();
    for (const seed of SEEDS) {
      const nuclei = phantomHere(seed).truth('nuclei', { x: 48_000, y: 38_000, width: 4000, height: 4000 });
      for (let i = 0; i < nuclei.count; i++) {
        seen.add(nuclei.classes[nuclei.classIndex[i] ?? 0]?.name ?? '');
        const um2 = (nuclei.areaPx[i] ?? 0) * UM_PER_PX ** 2;
        expect(um2).toBeGreaterThan(7);
        expect(um2).toBeLessThan(160);
      }
    }
    expect([...seen].sort()).toEqual(['Connective', 'Epithelial', 'Inflammatory', 'Other']);
  });

  test('an object belongs to the region that holds its centroid: regions share nothing and miss nothing', () => {
    const phantom = phantomHere(4);
    for (const kind of ['nuclei', 'glands', 'lumina'] as const) {
      const whole = phantom.truth(kind, { x: 49_000, y: 39_000, width: 2000, height: 1000 });
      const left = phantom.truth(kind, { x: 49_000, y: 39_000, width: 1000, height: 1000 });
      const right = phantom.truth(kind, { x: 50_000, y: 39_000, width: 1000, height: 1000 });
      expect(left.count + right.count).toBe(whole.count);
      expect(whole.count).toBeGreaterThan(2);
    }
  });

  test('polygons are where the pixels are: nuclei hold more haematoxylin than what surrounds them', async () => {
    for (const seed of SEEDS) {
      const scene = new Scene(seed);
      const region = { x: 50_176, y: 39_936, width: 512, height: 512 };
      const picture = scene.render(0, region);
      const rings = shapesTouching(scene.plan, 'nuclei', region).map(({ ring }) => ring);
      const { ids, from } = labelImage(rings, region, 1, 512, 512);
      // Red is what haematoxylin takes away and eosin leaves.
      const inside = new Float64Array(from.length + 1);
      const pixels = new Float64Array(from.length + 1);
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i] ?? 0;
        inside[id] = (inside[id] ?? 0) + densityOf(picture.rgba[4 * i] ?? 0, 245);
        pixels[id] = (pixels[id] ?? 0) + 1;
      }
      const around = (inside[0] ?? 0) / (pixels[0] ?? 1);
      let whole = 0;
      let darker = 0;
      for (let id = 1; id <= from.length; id++) {
        if ((pixels[id] ?? 0) < 150) continue; // cut by the region's edge or by a neighbour
        whole++;
        if ((inside[id] ?? 0) / (pixels[id] ?? 1) > around + 0.12) darker++;
      }
      expect(whole).toBeGreaterThan(20);
      expect(darker / whole).toBeGreaterThan(0.97);
    }
  });

  test('lumina are pale and lie in glands', () => {
    const scene = new Scene(8);
    const region = { x: 49_152, y: 39_936, width: 1024, height: 1024 };
    const picture = scene.render(0, region);
    const glands = labelImage(
      shapesTouching(scene.plan, 'glands', region).map(({ ring }) => ring),
      region,
      1,
      1024,
      1024,
    );
    const lumina = labelImage(
      shapesTouching(scene.plan, 'lumina', region).map(({ ring }) => ring),
      region,
      1,
      1024,
      1024,
    );
    let pixels = 0;
    let pale = 0;
    let stray = 0;
    for (let i = 0; i < lumina.ids.length; i++) {
      if (lumina.ids[i] === 0) continue;
      pixels++;
      if (glands.ids[i] === 0) stray++;
      if ((picture.rgba[4 * i + 1] ?? 0) > 190) pale++;
    }
    expect(pixels).toBeGreaterThan(1000);
    expect(stray).toBe(0);
    expect(pale / pixels).toBeGreaterThan(0.7); // the rest: debris in a tumour's lumina
  });

  test('every tissue class occurs on a slide', () => {
    const phantom = phantomHere(1);
    const seen = new Set<string>();
    // Sixteen points each in squares of a quarter of a millimetre, every 1.25 mm.
    for (let y = 500; y < 79_000; y += 5000) {
      for (let x = 500; x < 99_000; x += 5000) {
        for (let k = 0; k < 16; k++)
          seen.add(TISSUE_CLASSES[phantom.tissueAt(x + (k % 4) * 250, y + (k >> 2) * 250)]?.name ?? '');
      }
    }
    expect([...seen].sort()).toEqual(TISSUE_CLASSES.map(({ name }) => name).sort());
  });

  test('columns are whole: rings around their centroids, in eighths for nuclei', () => {
    const nuclei = phantomHere(1).truth('nuclei', { x: 50_000, y: 40_000, width: 600, height: 600 });
    expect(nuclei.ring).toBeInstanceOf(Int16Array);
    expect(nuclei.ringStart[nuclei.count]).toBe(nuclei.ring.length / 2);
    for (let i = 0; i < nuclei.count; i++) {
      const ring = ringOf(nuclei, i);
      expect(ring.length).toBeGreaterThanOrEqual(16);
      for (let v = 0; v < ring.length; v += 2) {
        const away = Math.hypot(
          (ring[v] ?? 0) - (nuclei.centroid[2 * i] ?? 0),
          (ring[v + 1] ?? 0) - (nuclei.centroid[2 * i + 1] ?? 0),
        );
        expect(away).toBeLessThan(45); // 11 µm
      }
    }
  });
});

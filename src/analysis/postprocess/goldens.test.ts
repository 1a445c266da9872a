// The committed Python reference (models/goldens.py) against our own steps, on the same maps.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pqOf, score } from '../evaluate/metrics.ts';
import { rasterise } from '../evaluate/rasterise.ts';
import { coreMapOf } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import { LargeObjects } from './large.ts';
import { createNucleiSegmenter, FINE, type Instances, LEVEL_BITS } from './nuclei.ts';
import { nucleiColumns } from './nuclei-columns.ts';

interface Golden {
  maps: [number, number, number];
  labels: [number, number];
  objects: number;
  settings: Record<string, number>;
  mpp: number;
  um: number;
  classes: number[];
  typesSize: number;
  typesCell: number;
}

const folder = resolve(import.meta.dirname, '../../../models/goldens');
const described: Record<string, Golden> = JSON.parse(readFileSync(resolve(folder, 'goldens.json'), 'utf8'));
const unzipped = (name: string): Uint8Array => gunzipSync(readFileSync(resolve(folder, name)));

function golden(name: string): { about: Golden; plane: (k: number) => Uint8Array; labels: Uint16Array } {
  const about = described[name];
  if (!about) throw new Error(`models/goldens has no ${name}`);
  const maps = unzipped(`${name}.maps.gz`);
  const bytes = unzipped(`${name}.labels.gz`);
  const size = about.maps[1] * about.maps[2];
  return {
    about,
    plane: (k) => maps.subarray(k * size, (k + 1) * size),
    labels: Uint16Array.from(
      { length: bytes.length / 2 },
      (_, i) => (bytes[2 * i] ?? 0) + 256 * (bytes[2 * i + 1] ?? 0),
    ),
  };
}

const packed = (inner: Uint8Array, contour: Uint8Array): Int32Array<ArrayBuffer> =>
  Int32Array.from(inner, (value, i) => 256 * value + 65536 * (contour[i] ?? 0));

const classes = ['Epithelial', 'Inflammatory', 'Connective', 'Other'].map((name) => ({ name, color: '#000000' }));

test.each(['nuclei', 'nuclei-upsampled'])(
  '%s: the objects of the reference, in pixels, outlines and classes',
  (name) => {
    const { about, plane, labels } = golden(name);
    const side = about.maps[1];
    const { settings } = about;
    const post = {
      upsample: settings.upsample === 2 ? (2 as const) : (1 as const),
      foreground: settings.foreground ?? 0,
      marker: settings.marker ?? 0,
      minMarkerUm2: settings.min_marker_um2 ?? 0,
      minAreaUm2: settings.min_area_um2 ?? 0,
      minProbability: settings.min_probability ?? 0,
    };
    const found = createNucleiSegmenter()(packed(plane(0), plane(1)), side, side, about.mpp, post);
    const pixelUm2 = (about.mpp / post.upsample) ** 2;
    const areas = new Map<number, number>();
    const sums = new Map<number, number>(); // of the foreground
    const picture = pictureOf(found);
    for (const [i, label] of picture.entries()) {
      const at = found.first + Math.floor(i / found.width) * found.stride + (i % found.width);
      areas.set(label, (areas.get(label) ?? 0) + 1);
      sums.set(label, (sums.get(label) ?? 0) + ((found.values[at] ?? 0) >>> LEVEL_BITS));
    }
    const isKept = (label: number, pixels: number): boolean =>
      pixels * pixelUm2 >= post.minAreaUm2 && (sums.get(label) ?? 0) >= post.minProbability * FINE * pixels;
    const kept = picture.map((label) => (isKept(label, areas.get(label) ?? 0) ? label : 0));
    expect(pqOf(score(labels, kept))).toBe(1); // pixel for pixel

    const whole = { x: 0, y: 0, width: found.width, height: found.height };
    const frame = { ...frameOf(side, 0), pxX: post.upsample, pxY: post.upsample, mpp: about.mpp, core: whole };
    const types = Int32Array.from({ length: about.typesSize ** 2 }, (_, i) => {
      const at = Math.floor(i / about.typesSize) * side + (i % about.typesSize);
      return (plane(2)[at] ?? 0) + 256 * (plane(3)[at] ?? 0) + 65536 * (plane(4)[at] ?? 0);
    });
    const map = { packed: types, width: about.typesSize, stride: about.typesCell };
    const columns = nucleiColumns(found, map, frame, whole, classes, post);
    expect(columns.count).toBe(about.objects);
    const drawn = rasterise(columns, found.width, found.height);
    expect(pqOf(score(labels, drawn))).toBeGreaterThan(0.99);
    const votes = new Map<number, number[]>(); // of the reference's objects under each of ours
    for (const [i, label] of drawn.entries())
      if (label > 0) votes.set(label, [...(votes.get(label) ?? []), labels[i] ?? 0]);
    for (const [label, under] of votes) {
      const theirs = under.sort((a, b) => a - b)[Math.floor(under.length / 2)] ?? 0;
      expect(columns.classIndex[label - 1]).toBe(about.classes[theirs - 1]);
    }
  },
);

test('glands and lumina, cut into patches that come in any order: the reference', () => {
  const [glands, lumina] = [golden('glands'), golden('lumina')];
  const size = glands.about.maps[1];
  const side = 64;
  const setup = {
    side,
    pxX: 1,
    pxY: 1,
    um: glands.about.um,
    glands: {
      foreground: glands.about.settings.foreground ?? 0,
      seed: glands.about.settings.seed ?? 0,
      minSeedUm2: glands.about.settings.min_seed_um2 ?? 0,
      growUm: glands.about.settings.grow_um ?? 0,
      minAreaUm2: glands.about.settings.min_area_um2 ?? 0,
    },
    lumina: {
      foreground: lumina.about.settings.foreground ?? 0,
      minAreaUm2: lumina.about.settings.min_area_um2 ?? 0,
    },
    glandClasses: [{ name: 'Gland', color: '#ffee1f' }],
    lumenClasses: [{ name: 'Lumen', color: '#1a2bff' }],
  };
  const cores = Array.from({ length: (size / side) ** 2 }, (_, i) => ({
    col: i % (size / side),
    row: Math.floor(i / (size / side)),
  }));
  const [gland, lumen] = [packed(glands.plane(0), glands.plane(1)), packed(lumina.plane(0), lumina.plane(1))];
  const cut = (from: Int32Array, col: number, row: number): Int32Array<ArrayBuffer> =>
    Int32Array.from({ length: side * side }, (_, i) => {
      const y = row * side + Math.floor(i / side);
      return from[y * size + col * side + (i % side)] ?? 0;
    });
  const results = [0, 1, 2].map((seed) => {
    const mosaic = new LargeObjects({ ...setup, cores });
    const order = [...cores].sort(
      (a, b) => (((a.col * 7 + a.row * 13) * (seed + 1)) % 17) - (((b.col * 7 + b.row * 13) * (seed + 1)) % 17),
    );
    for (const [k, { col, row }] of order.entries()) {
      const frame = { ...frameOf(side, 0), col, row };
      mosaic.add(
        col,
        row,
        coreMapOf({ glands: cut(gland, col, row), lumina: cut(lumen, col, row), side }, frame, 1, setup),
      );
      if (k % (5 + seed) === 0) mosaic.collect(false);
    }
    return mosaic.collect(true);
  });
  const [first, ...others] = results;
  for (const other of others) expect(other).toEqual(first);
  if (!first) throw new Error('no result');
  expect([...first.glands.areaPx].sort((a, b) => a - b)).toEqual(areasOf(glands.labels)); // so pixel for pixel
  expect([...first.lumina.areaPx].sort((a, b) => a - b)).toEqual(areasOf(lumina.labels));
  // Drawn again from outlines, which leave out what is less than half a pixel: small lumina lose a pixel or two.
  expect(pqOf(score(glands.labels, rasterise(first.glands, size, size)))).toBeGreaterThan(0.99);
  expect(pqOf(score(lumina.labels, rasterise(first.lumina, size, size)))).toBeGreaterThan(0.98);
});

/** [height × width] without the border. */
const pictureOf = ({ labels, width, height, stride, first }: Instances): Int32Array =>
  Int32Array.from(
    { length: width * height },
    (_, i) => labels[first + Math.floor(i / width) * stride + (i % width)] ?? 0,
  );

function frameOf(size: number, margin: number): PatchFrame {
  const core = { x: 0, y: 0, width: size, height: size };
  return { x: 0, y: 0, pxX: 1, pxY: 1, mpp: 0.5, size, margin, slide: core, core, col: 0, row: 0 };
}

function areasOf(labels: Uint16Array): number[] {
  const areas = new Map<number, number>();
  for (const label of labels) if (label > 0) areas.set(label, (areas.get(label) ?? 0) + 1);
  return [...areas.values()].sort((a, b) => a - b);
}

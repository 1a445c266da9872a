import { expect, test } from 'vitest';
import { createTracer } from '#analysis/postprocess/contour.ts';
import { angleBetween, RUIFROK_JOHNSTON, unit, unmixing, whatIsWrong } from '#stain/vectors.ts';
import { ColumnsBuilder } from '../builder.ts';
import { SUMS, stainColumns, stainSums } from './stain-sums.ts';
import { stainsOfPixels } from './stains.ts';
import { goldenBytes, goldenOutlines, goldens } from './testing/goldens.ts';

const { stains, side, shapes } = goldens();
const { width, height } = stains;

function picture(): Uint8ClampedArray<ArrayBuffer> {
  const rgb = goldenBytes('rgb');
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = rgb[3 * i + c] ?? 0;
  return rgba;
}

test('mean and spread of both stains are scikit-image’s separation of the same pixels', () => {
  const place = { rgba: picture(), width, height, x: 0, y: 0, pixelX: 1, pixelY: 1 };
  for (const outlines of [goldenOutlines(createTracer(), 0), goldenOutlines(createTracer(), 0.35)]) {
    const columns = stainColumns(stainSums(outlines, place, unmixing(RUIFROK_JOHNSTON)));
    for (const { label, mean, sd } of stains.objects) {
      const row = shapes.findIndex((shape) => shape.label === label);
      const seen = [columns.haematoxylin_mean, columns.eosin_mean, columns.haematoxylin_sd, columns.eosin_sd];
      for (const [k, value] of [...mean, ...sd].entries()) expect(seen[k]?.[row]).toBeCloseTo(value, 5);
    }
    expect(columns.eosin_mean[shapes.length - 1]).toBeNaN(); // beyond the picture: nothing is known
  }
});

test('an object over four tiles is the sum of its parts, at any place and scale of the picture', () => {
  const [scale, left, top] = [4, 1000, 3000]; // level-0 px a pixel
  const outlines = goldenOutlines(createTracer(), 0);
  const builder = new ColumnsBuilder('glands', outlines.classes);
  for (let i = 0; i < outlines.count; i++) {
    const [cx, cy] = [outlines.centroid[2 * i] ?? 0, outlines.centroid[2 * i + 1] ?? 0];
    const ring: number[] = [];
    for (let v = outlines.ringStart[i] ?? 0; v < (outlines.ringStart[i + 1] ?? 0); v++) {
      ring.push(
        left + scale * (cx + (outlines.ring[2 * v] ?? 0)),
        top + scale * (cy + (outlines.ring[2 * v + 1] ?? 0)),
      );
    }
    builder.add({ classIndex: 0, probability: 1, x: ring[0] ?? 0, y: ring[1] ?? 0, areaPx: 1, ring });
  }
  const moved = builder.copy();
  const rows = unmixing(RUIFROK_JOHNSTON);
  const whole = stainSums(outlines, { rgba: picture(), width, height, x: 0, y: 0, pixelX: 1, pixelY: 1 }, rows);
  const parts = new Float64Array(whole.length);
  const all = picture();
  for (const [x0, y0, x1, y1] of [
    [0, 0, 37, 41],
    [37, 0, width, 41],
    [0, 41, 37, height],
    [37, 41, width, height],
  ] as const) {
    const rgba = new Uint8ClampedArray(4 * (x1 - x0) * (y1 - y0));
    for (let y = y0; y < y1; y++)
      rgba.set(all.subarray(4 * (y * width + x0), 4 * (y * width + x1)), 4 * (y - y0) * (x1 - x0));
    const place = { x: left + scale * x0, y: top + scale * y0, pixelX: scale, pixelY: scale };
    const sums = stainSums(moved, { rgba, width: x1 - x0, height: y1 - y0, ...place }, rows);
    for (const [k, sum] of sums.entries()) parts[k] = (parts[k] ?? 0) + sum;
  }
  for (let k = 0; k < whole.length; k++) {
    if (k % SUMS === 0)
      expect(parts[k]).toBe(whole[k]); // pixels, exactly
    else expect(parts[k]).toBeCloseTo(whole[k] ?? 0, 6);
  }
  expect(whole[0]).toBe(shapes[0]?.area); // the pixels inside an outline are the mask's
});

test('a hole holds no pixels', () => {
  const builder = new ColumnsBuilder('annotations', [{ name: 'Ring', color: '#ffffff' }]);
  const ring = [2, 2, 12, 2, 12, 12, 2, 12];
  builder.add({
    classIndex: 0,
    probability: 1,
    x: 7,
    y: 7,
    areaPx: 84,
    ring,
    holes: [Float64Array.of(5, 5, 9, 5, 9, 9, 5, 9)],
  });
  const rgba = new Uint8ClampedArray(4 * 16 * 16).fill(128);
  const sums = stainSums(
    builder.copy(),
    { rgba, width: 16, height: 16, x: 0, y: 0, pixelX: 1, pixelY: 1 },
    unmixing(RUIFROK_JOHNSTON),
  );
  expect(sums[0]).toBe(84);
});

test('the slide’s own stains: NumPy’s answer to five digits, and near what the picture was made of', () => {
  const found = stainsOfPixels([picture()]);
  for (const [k, stain] of [found.haematoxylin, found.eosin].entries()) {
    for (const [c, part] of (stains.macenko[k] ?? []).entries()) expect(stain[c]).toBeCloseTo(part, 5);
    expect(angleBetween(stain, unit(stains.truth[k] ?? [1, 0, 0]))).toBeLessThan(8); // degrees: no pixel was pure
  }
  expect(side).toBeGreaterThan(width);
});

test('glass has no stains', () => {
  expect(() => stainsOfPixels([new Uint8ClampedArray(4 * 400).fill(240)])).toThrow('Only 0 pixels of tissue');
});

test('vectors that cannot be used are told', () => {
  expect(whatIsWrong(RUIFROK_JOHNSTON)).toBeUndefined();
  expect(whatIsWrong({ ...RUIFROK_JOHNSTON, eosin: RUIFROK_JOHNSTON.haematoxylin })).toContain('same way');
  expect(whatIsWrong({ ...RUIFROK_JOHNSTON, eosin: [0, 0, 0] })).toContain('no length');
  expect(whatIsWrong({ ...RUIFROK_JOHNSTON, eosin: [Number.NaN, 1, 0] })).toContain('no number');
  expect(whatIsWrong({ ...RUIFROK_JOHNSTON, eosin: [-0.1, 1, 0] })).toContain('negative');
});

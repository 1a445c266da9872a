import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { labelComponents } from './components.ts';
import { createTracer } from './contour.ts';
import { createHoleFinder, type HoleFinder, type PixelBox } from './holes.ts';
import { Numbers } from './runs.ts';
import { Flood, FREE } from './watershed.ts';

/** Blobs: noise smoothed by its neighbours, so that pieces, holes and thin bridges all occur. */
function blobs(next: () => number, width: number, height: number): Uint8Array {
  const noise = Float64Array.from({ length: width * height }, next);
  return Uint8Array.from(noise, (_, i) => {
    let sum = 0;
    for (const by of [0, 1, -1, width, -width]) sum += noise[i + by] ?? 0.5;
    return Number(sum > 2.4);
  });
}

/** The same with a border of nothing, one pixel wide. */
function framed(mask: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array((width + 2) * (height + 2));
  for (let y = 0; y < height; y++) out.set(mask.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
  return out;
}

/** Components the slow way: flooding from each pixel in raster order. */
function floodLabels(mask: ArrayLike<number>, width: number, height: number): Int32Array {
  const labels = new Int32Array(width * height);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue;
    labels[start] = ++count;
    const open = [start];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const x = i % width;
      for (const to of [i - width, i + width, ...(x > 0 ? [i - 1] : []), ...(x < width - 1 ? [i + 1] : [])]) {
        if (to < 0 || to >= labels.length || mask[to] === 0 || labels[to] !== 0) continue;
        labels[to] = count;
        open.push(to);
      }
    }
  }
  return labels;
}

test.each([1, 2, 3, 4, 5])('components equal flooding, numbered in raster order, seed %i', (seed) => {
  const next = random(seed);
  const [width, height] = [3 + Math.floor(next() * 70), 3 + Math.floor(next() * 70)];
  const mask = blobs(next, width, height);
  const found = labelComponents(mask, width, height);
  expect(found.labels).toEqual(floodLabels(mask, width, height));
  expect(found.areas.reduce((a, b) => a + b, 0)).toBe(mask.reduce((a, b) => a + b, 0));
});

test.each([1, 2, 3, 4])('the flood equals a sorted queue, first come first served, seed %i', (seed) => {
  const next = random(seed);
  const [width, height] = [60, 40];
  const mask = framed(blobs(next, width, height), width, height);
  const stride = width + 2;
  const values = Int32Array.from(mask, () => Math.floor(next() * 6) + 8 * Math.floor(next() * 9)); // many ties
  const labels = Int32Array.from(mask, (inside) => (inside === 1 ? FREE : 0));
  const starts = new Numbers();
  for (let k = 1; k <= 20; k++) {
    const i = Math.floor(next() * labels.length);
    if (mask[i] === 1) labels[i] = k;
  }
  const slow = labels.slice();
  const queue: { i: number; level: number; age: number }[] = [];
  let age = 0;
  const push = (i: number): void => void queue.push({ i, level: (values[i] ?? 0) % 8, age: age++ });
  for (const [i, label] of slow.entries()) {
    if (label <= 0) continue;
    starts.push(i);
    push(i);
  }
  expect(starts.length).toBeGreaterThan(3);
  while (queue.length > 0) {
    queue.sort((a, b) => b.level - a.level || a.age - b.age);
    const { i } = queue.shift() ?? { i: 0 };
    for (const to of [i - stride, i - 1, i + 1, i + stride]) {
      if (slow[to] !== FREE) continue;
      slow[to] = slow[i] ?? 0;
      push(to);
    }
  }
  new Flood(8).run(labels, values, stride, starts);
  expect(labels).toEqual(slow);
});

/** Gives what object 1 encloses and nobody owns to it. */
function fill(find: HoleFinder, labels: Int32Array, stride: number, box: PixelBox): void {
  const { from, to } = find(labels, 0, stride, box, 1);
  for (let r = 0; r < from.length; r++)
    for (let i = from.at[r] ?? 0; i < (to.at[r] ?? 0); i++) if (labels[i] === 0) labels[i] = 1;
}

test('holes are found, also diagonal ones; bays are none', () => {
  const rows = [
    '.........', //
    '.1111111.',
    '.1..1..1.',
    '.1.21..1.',
    '.1111.11.', // the right pocket opens only over a corner: still enclosed
    '.1....1..',
    '.11111...',
  ];
  const width = 9;
  const labels = Int32Array.from(rows.join(''), (c) => (c === '.' ? 0 : Number(c)));
  fill(createHoleFinder(), labels, width, { x0: 1, y0: 1, x1: 7, y1: 6 });
  const drawn = rows.map((_, y) => [...labels.subarray(y * width, (y + 1) * width)].join(''));
  expect(drawn).toEqual(['000000000', '011111110', '011111110', '011211110', '011111110', '011111100', '011111000']);
});

test.each([1, 2, 3, 4, 5, 6])('an outline encloses exactly the pixels of its object, seed %i', (seed) => {
  const next = random(seed);
  const [width, height] = [50, 40];
  const stride = width + 2;
  const { labels, count } = labelComponents(framed(blobs(next, width, height), width, height), stride, height + 2);
  const whole = { x0: 0, y0: 0, x1: width + 1, y1: height + 1 };
  const trace = createTracer();
  const find = createHoleFinder();
  for (let n = 1; n <= count; n++) {
    const alone = Int32Array.from(labels, (label) => Number(label === n));
    fill(find, alone, stride, whole);
    const ring = trace(alone, stride, 1, alone.indexOf(1), 0, 0).slice();
    const simple = trace(alone, stride, 1, alone.indexOf(1), 0, 0.35);
    expect(simple.length).toBeLessThanOrEqual(ring.length);
    for (const outline of [ring, simple]) {
      const inside = Int32Array.from(alone, (_, i) =>
        Number(encloses(outline, (i % stride) + 0.5, Math.floor(i / stride) + 0.5)),
      );
      expect(inside).toEqual(alone);
    }
  }
});

function encloses(ring: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
    const [ax, ay, bx, by] = [ring[before] ?? 0, ring[before + 1] ?? 0, ring[k] ?? 0, ring[k + 1] ?? 0];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

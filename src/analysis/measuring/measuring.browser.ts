import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { random } from '#objects/testing/random.ts';
import { RUIFROK_JOHNSTON } from '#stain/vectors.ts';
import type { MeasureCalls } from './measure-calls.ts';
import { outlinesOf } from './measure-shapes.ts';
import { measureWork } from './measure-work.ts';
import { openMeasuring } from './open-measuring.ts';

const calm = { signal: new AbortController().signal };

function squares(count: number): ObjectColumns {
  const next = random(5);
  const builder = new ColumnsBuilder('glands', [{ name: 'Square', color: '#ffffff' }]);
  for (let i = 0; i < count; i++) {
    const [x, y, s] = [next() * 500, next() * 500, 2 + next() * 20];
    builder.add({
      classIndex: 0,
      probability: 1,
      x,
      y,
      areaPx: s * s,
      ring: [x - s, y - s, x + s, y - s, x + s, y + s, x - s, y + s],
    });
  }
  return builder.copy();
}

/** A fresh task each: what goes in moves away. */
function tasks(): { [K in keyof MeasureCalls]: MeasureCalls[K]['in'] } {
  const objects = squares(40);
  const image = { width: 64, height: 64, rgba: new Uint8ClampedArray(4 * 64 * 64).map((_, i) => (i * 37) % 251) };
  const next = random(6);
  return {
    shapes: { outlines: outlinesOf(objects, 5, 30), scale: { x: 0.5, y: 0.25 } },
    distances: {
      placed: { centroid: objects.centroid, classIndex: objects.classIndex.map((_, i) => i % 3), classes: 3 },
      scale: { x: 1, y: 1 },
    },
    glandsAround: { points: Float64Array.from({ length: 200 }, () => next() * 500), glands: objects },
    countsIn: { points: Float64Array.from({ length: 200 }, () => next() * 500), areas: objects },
    order: { values: Float32Array.from({ length: 500 }, () => next() - 0.5) },
    stains: { image, place: { x: 100, y: 100, pixelX: 2, pixelY: 2 }, objects: squares(20), vectors: RUIFROK_JOHNSTON },
    estimate: { images: [{ ...image, rgba: image.rgba.map((value) => value / 2) }], step: 1 },
  };
}

test('the worker answers as the calling thread does, with bitmaps too', async () => {
  using worker = openMeasuring();
  const [there, here] = [tasks(), tasks()];
  expect(await worker.shapes(there.shapes, calm)).toEqual(await measureWork.shapes(here.shapes, calm));
  expect(await worker.distances(there.distances, calm)).toEqual(await measureWork.distances(here.distances, calm));
  expect(await worker.glandsAround(there.glandsAround, calm)).toEqual(
    await measureWork.glandsAround(here.glandsAround, calm),
  );
  expect(await worker.countsIn(there.countsIn, calm)).toEqual(await measureWork.countsIn(here.countsIn, calm));
  expect(await worker.order(there.order, calm)).toEqual(await measureWork.order(here.order, calm));
  expect(await worker.stains(there.stains, calm)).toEqual(await measureWork.stains(here.stains, calm));
  expect(await worker.estimate(there.estimate, calm)).toEqual(await measureWork.estimate(here.estimate, calm));
  const { image, ...rest } = tasks().stains;
  if (!('rgba' in image)) throw new Error('The picture is plain.');
  const opaque = new ImageData(
    image.rgba.map((value, i) => (i % 4 === 3 ? 255 : value)),
    64,
  );
  const bitmap = await createImageBitmap(opaque, { colorSpaceConversion: 'none' });
  const plain = { width: 64, height: 64, rgba: new Uint8ClampedArray(opaque.data) };
  expect(await worker.stains({ ...rest, objects: squares(20), image: bitmap }, calm)).toEqual(
    await measureWork.stains({ ...rest, objects: squares(20), image: plain }, calm),
  );
});

test('a long call can be left, and the next is answered', async () => {
  using worker = openMeasuring();
  const next = random(7);
  const count = 400_000;
  const placed = {
    centroid: Float64Array.from({ length: 2 * count }, () => next() * 1e5),
    classIndex: new Uint8Array(count).map((_, i) => i % 4),
    classes: 4,
  };
  const left = new AbortController();
  const long = worker.distances({ placed, scale: { x: 1, y: 1 } }, { signal: left.signal });
  setTimeout(() => left.abort(new Error('left')), 50);
  await expect(long).rejects.toThrow('left');
  expect([...(await worker.order({ values: Float32Array.of(3, 1, 2) }, calm))]).toEqual([1, 2, 0]);
});

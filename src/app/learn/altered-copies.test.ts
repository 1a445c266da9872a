// Altered copies of patches through an encoder that says how dark a patch is.
import { expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import { encoderManifest, sceneEncoder } from '#analysis/testing/scene-encoder.ts';
import { KeptFeatures } from '../attention/kept-features.ts';
import { AlteredCopies, COPIES, directionsOf } from './altered-copies.ts';
import { serveAlter } from './serve-alter.ts';

const waits = new AbortController();
const SIDE = encoderManifest.input.window;

const overPort = () => {
  const { port1, port2 } = new MessageChannel();
  const ports = [port1, port2];
  serveAlter(port2);
  for (const port of ports) port.start();
  return { port: port1, terminate: () => ports.forEach((port) => void port.close()), onError: () => undefined };
};

function setOf(rows: number) {
  const features = new FeatureSet(encoderManifest);
  for (let row = 0; row < rows; row++) {
    const outputs = {
      block1: { dims: [1, 2], data: Float32Array.of(row, 0) },
      block2: { dims: [1, 1], data: Float32Array.of(0) },
    };
    features.add(`${row}`, { x: 64 * row, y: 0, width: 64, height: 64 }, outputs);
  }
  return new KeptFeatures().name(
    'patches',
    features,
    Uint32Array.from({ length: rows }, (_, row) => row),
  );
}

const read = async (row: number, side: number) =>
  Uint8ClampedArray.from({ length: 4 * side * side }, (_, at) => (at % 4 === 3 ? 255 : 120 + (row % 8)));

test('at most so many, evenly spread; the same again; directions are what altering did', async () => {
  using copies = new AlteredCopies(overPort);
  const set = setOf(COPIES + 100);
  const shares: number[] = [];
  const asked = { set, encoder: sceneEncoder(), read, onProgress: (share: number) => shares.push(share) };
  const made = await copies.make(asked, waits);
  expect([made.rows.length, made.rows[0], made.features.rows]).toEqual([COPIES, 0, COPIES]);
  expect(made.rows.at(-1)).toBeGreaterThan(COPIES);
  expect([shares.at(-1), copies.of(encoderManifest.id)]).toEqual([1, made]);
  const again = await copies.make(asked, waits);
  expect(again.features.values('block2')).toEqual(made.features.values('block2'));
  const directions = directionsOf(made, 'block1');
  if (directions.kind !== 'directions') throw new Error('these are directions');
  expect([directions.count, directions.values.length]).toEqual([COPIES, 2 * COPIES]);
  // The encoder's first block is the centre of what it looked at, here of a patch alone; the set's is the row.
  expect(directions.values[2]).toBeCloseTo(SIDE / 2 - (made.rows[1] ?? 0), 5);
  copies.forget();
  expect(copies.of(encoderManifest.id)).toBeUndefined();
});

test('patches that are not square are left out, and where all are that is said; an abort ends it', async () => {
  using copies = new AlteredCopies(overPort);
  const set = setOf(10);
  const asked = { set, encoder: sceneEncoder(), onProgress: () => undefined };
  const some = await copies.make(
    { ...asked, read: async (row, side) => (row % 2 ? read(row, side) : undefined) },
    waits,
  );
  expect([...some.rows]).toEqual([1, 3, 5, 7, 9]);
  await expect(copies.make({ ...asked, read: async () => undefined }, waits)).rejects.toThrow(
    /no patch comes out square/,
  );
  const aborted = new AbortController();
  const making = copies.make({ ...asked, read }, aborted);
  aborted.abort(new Error('left'));
  await expect(making).rejects.toThrow('left');
});

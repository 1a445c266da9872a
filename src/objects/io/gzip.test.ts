// What is exported compressed is the same as plain, for zlib, for browsers, and for gzip and Python where they are there.
import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns } from '../columns.ts';
import { filesHere } from '../testing/files-here.ts';
import { SLIDE } from '../testing/geojson-files.ts';
import { random } from '../testing/random.ts';
import { pulling } from './geojson-read.ts';
import type { Pull } from './text-bytes.ts';

const calm = { signal: new AbortController().signal };
const SIZE = { x: mpp(0.25), y: mpp(0.25) };

function nuclei(count: number): ObjectColumns {
  const next = random(7);
  const builder = new ColumnsBuilder('nuclei', [{ name: 'Epithelial', color: '#ff7a1a' }]);
  for (let i = 0; i < count; i++) {
    const [x, y] = [next() * 90_000, next() * 70_000];
    const ring = Array.from({ length: 20 }, (_, k) => [
      x + 15 * Math.cos(k * 0.31),
      y + 11 * Math.sin(k * 0.31),
    ]).flat();
    builder.add({ classIndex: 0, probability: next(), x, y, areaPx: 500 + next(), ring });
  }
  return builder.copy();
}

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function all(pull: Pull): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await pull(); piece; piece = await pull()) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

/** Of several batches. */
async function both() {
  using files = filesHere();
  const objects = [nuclei(9000)];
  const plain = await bytesOf(await files.writeGeoJSON(objects, { mpp: SIZE, gzip: false }, calm));
  const packed = await files.writeGeoJSON(objects, { mpp: SIZE, gzip: true }, calm);
  return { plain, packed };
}

test('zlib and browsers read it, and so do we', async () => {
  const { plain, packed } = await both();
  expect(packed.type).toBe('application/gzip');
  expect(same(gunzipSync(await bytesOf(packed)), plain)).toBe(true);
  expect(same(await all(await pulling(packed)), plain)).toBe(true);
  using files = filesHere();
  let imported = 0;
  for await (const batch of files.readGeoJSON(packed, SLIDE, calm)) imported = batch.imported;
  expect(imported).toBe(9000);
});

test.for([
  ['gzip', ['-dc']],
  ['python3', ['-c', 'import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))']],
] as const)('%s reads it', async ([program, given], { skip }) => {
  const { plain, packed } = await both();
  const { stdout, error } = spawnSync(program, given, { input: await bytesOf(packed), maxBuffer: 1 << 28 });
  if (error && 'code' in error && error.code === 'ENOENT') skip(`${program} is not on this machine`);
  expect(same(stdout, plain)).toBe(true);
});

test('several at once do not mix', async () => {
  using files = filesHere();
  const objects = [1, 2, 3].map((k) => nuclei(3000 * k));
  const packed = await Promise.all(objects.map((of) => files.writeGeoJSON([of], { mpp: SIZE, gzip: true }, calm)));
  for (const [k, file] of packed.entries()) {
    const plain = await bytesOf(await files.writeGeoJSON(objects.slice(k, k + 1), { mpp: SIZE, gzip: false }, calm));
    expect(same(gunzipSync(await bytesOf(file)), plain)).toBe(true);
  }
});

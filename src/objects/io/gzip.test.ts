// What is packed comes back the same from zlib, from the browser's own stream, and from gzip and Python where they are there.
import { spawnSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import { bytesOf, geojsonOf } from '../testing/geojson-files.ts';
import { random } from '../testing/random.ts';
import { unpacked } from './geojson-read.ts';
import { Gzip } from './gzip.ts';

/** In pieces of up to so many bytes. */
function packed(bytes: Uint8Array, piece = bytes.length || 1): Uint8Array<ArrayBuffer> {
  const gzip = new Gzip();
  const out: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += piece) out.push(...gzip.add(bytes.subarray(at, at + piece)));
  return new Uint8Array(Buffer.concat([...out, ...gzip.end()]));
}

function nuclei(count: number): Uint8Array<ArrayBuffer> {
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
  return geojsonOf([builder.copy()], { x: mpp(0.25), y: mpp(0.25) });
}

const CASES: readonly (readonly [string, () => Uint8Array])[] = [
  ['nothing', () => new Uint8Array(0)],
  ['one byte', () => Uint8Array.of(65)],
  ['one byte, many times: matches of the greatest length', () => new Uint8Array(300_000).fill(65)],
  ['noise, which does not pack', () => noise(400_000, 5, 256)],
  ['two letters', () => noise(300_000, 6, 2)],
  ['counts like Fibonacci’s: codes that would be too long', fibonacci],
  ['a period just as far back as a match may lie', () => repeated(noise(32_768, 8, 256), 5)],
  ['a period one byte farther', () => repeated(noise(32_769, 9, 256), 5)],
  ['objects', () => nuclei(2000)],
];

function noise(length: number, seed: number, letters: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * letters));
}

function repeated(of: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(of.length * times);
  for (let k = 0; k < times; k++) all.set(of, k * of.length);
  return all;
}

/** Bytes without a match, of which each comes about 1.6 times as often as the one before. */
function fibonacci(): Uint8Array {
  const next = random(11);
  return Uint8Array.from({ length: 60_000 }, () => Math.min(40, Math.floor(-Math.log(next()) / Math.log(1.618))));
}

describe.each(CASES)('%s', (_, make) => {
  const bytes = make();
  test.each([1 << 20, 4093, 65_536])('comes back the same, in pieces of %i bytes', (piece) => {
    expect(Buffer.compare(gunzipSync(packed(bytes, piece)), bytes)).toBe(0);
  });
  test('browsers read it: one member, nothing behind it', async () => {
    const file = new Blob([packed(bytes)]);
    const back = new Uint8Array(await new Response(await unpacked(file)).arrayBuffer());
    expect(Buffer.compare(back, bytes)).toBe(0);
  });
});

test.for([
  ['gzip', ['-dc']],
  ['python3', ['-c', 'import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))']],
] as const)('%s reads it', ([program, given], { skip }) => {
  const bytes = nuclei(500);
  const { stdout, error } = spawnSync(program, given, { input: packed(bytes), maxBuffer: 1 << 28 });
  if (error && 'code' in error && error.code === 'ENOENT') skip(`${program} is not on this machine`);
  expect(Buffer.compare(stdout, bytes)).toBe(0);
});

test('objects take a sixth more than with zlib at its usual level, no more', () => {
  const bytes = nuclei(5000);
  expect(packed(bytes).length).toBeLessThan((7 / 6) * gzipSync(bytes).length);
});

test('what comes out in between is bounded by what went in', () => {
  const gzip = new Gzip();
  const line = bytesOf('[12345.67,23456.78],'.repeat(1000));
  for (let k = 0; k < 500; k++)
    expect(gzip.add(line).reduce((sum, { length }) => sum + length, 0)).toBeLessThan(300_000);
});

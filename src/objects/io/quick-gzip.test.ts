import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { random } from '../testing/random.ts';
import { codesOf, lengthsOf } from './huffman.ts';
import { QuickGzip } from './quick-gzip.ts';

/** @param step bytes that are written at once */
function packed(content: Uint8Array, step: number): Buffer {
  const gzip = new QuickGzip();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += step) {
    gzip.write(content.subarray(at, at + step));
    parts.push(gzip.take());
  }
  gzip.end();
  parts.push(gzip.take());
  return Buffer.concat(parts);
}

const next = random(3);
const made = (length: number, byte: (at: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => byte(at));
const text = Buffer.from(
  Array.from({ length: 20_000 }, () => `[${(90_000 * next()).toFixed(2)},${(70_000 * next()).toFixed(2)}]`).join(','),
);
/** Counts as Fibonacci's numbers make the deepest tree there is: 23 bits here, and deflate has 15. */
const steep = Buffer.concat(
  Array.from({ length: 24 }, (_, k) => Buffer.alloc(Math.round(1.618 ** k / 2.236) || 1, 65 + k)),
).sort((a, b) => ((a * 7919) % 31) - ((b * 7919) % 31));

test.for([
  ['nothing', new Uint8Array(0)],
  ['one byte', made(1, () => 7)],
  ['three bytes', made(3, () => 7)],
  ['one byte over and over, beyond a block', made(300_000, () => 7)],
  ['exactly a block', made(1 << 18, (at) => at % 251)],
  ['exactly two blocks', made(1 << 19, (at) => (at * at) % 251)],
  ['noise', made(300_000, () => 256 * next())],
  ['what repeats at exactly the farthest distance', made(1 << 17, (at) => ((at % (1 << 15)) * 2_654_435) >>> 7)],
  ['what repeats a byte farther', made(1 << 17, (at) => ((at % ((1 << 15) + 1)) * 2_654_435) >>> 7)],
  ['text of numbers', text],
  ['frequencies that would need codes of 23 bits', steep],
] as const)('zlib unpacks %s', ([, content]) => {
  for (const step of [1000, 1 << 16, 1 << 20])
    expect(Buffer.compare(gunzipSync(packed(content, step)), content)).toBe(0);
});

test('text of numbers gets half as long, a repeat next to nothing', () => {
  expect(packed(text, 1 << 16).length).toBeLessThan(0.52 * text.length);
  expect(
    packed(
      made(1_000_000, () => 7),
      1 << 16,
    ).length,
  ).toBeLessThan(12_000);
});

test('codes are whole, no longer than asked, and as short as Huffman’s where those fit', () => {
  const counts = Uint32Array.of(45, 13, 12, 16, 9, 5, 0); // Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, 16.3
  expect([...lengthsOf(counts, 15)]).toEqual([1, 3, 3, 3, 4, 4, 0]);
  for (let k = 0; k < 500; k++) {
    const many = Uint32Array.from({ length: 2 + 280 * next() }, () => (next() < 0.3 ? 0 : 2 ** (28 * next())));
    for (const longest of [9, 15]) {
      const lengths = [...lengthsOf(many, longest)].filter((length) => length > 0);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
      expect(lengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
    }
  }
});

test('what occurs alone, or not at all, still makes a code of two', () => {
  expect([...lengthsOf(Uint32Array.of(0, 0, 9, 0), 15)]).toEqual([1, 0, 1, 0]);
  expect([...lengthsOf(new Uint32Array(4), 15)]).toEqual([1, 1, 0, 0]);
  expect([...codesOf(Uint8Array.of(1, 0, 1, 0))]).toEqual([0, 0, 1, 0]);
});

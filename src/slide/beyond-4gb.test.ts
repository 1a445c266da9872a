// Slides of more than 4 GB, read from addresses that make up the bytes between: pixels and all, not the directories alone.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import type { Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { testOn } from './testing/shared.ts';
import type { Fetch } from './url-source.ts';

const { signal } = new AbortController();
const HOLE = 6 * 2 ** 30; // bytes

/** A host of a file that begins with `head`, goes on with zeros, and ends with `tail`. */
function hostOf(head: Uint8Array, tail: Uint8Array): Fetch {
  const size = head.length + HOLE + tail.length;
  return async (_input, init) => {
    const [, from = 0, to = 0] =
      /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('Range') ?? '')?.map(Number) ?? [];
    const last = Math.min(to, size - 1);
    const bytes = new Uint8Array(last - from + 1);
    for (const [part, start] of [
      [head, 0],
      [tail, head.length + HOLE],
    ] as const) {
      const [begin, end] = [Math.max(from, start), Math.min(last + 1, start + part.length)];
      if (begin < end) bytes.set(part.subarray(begin - start, end - start), begin - from);
    }
    return new Response(bytes, { status: 206, headers: { 'Content-Range': `bytes ${from}-${last}/${size}` } });
  };
}

const HEADER = 16;
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8, 18: 8 };
const OFFSETS = [273, 324]; // of strips and of tiles

/** A BigTIFF whose directories, values and tiles all lie behind the hole, of one that has them behind its header. */
function movedBehindHole(whole: Uint8Array<ArrayBuffer>): Fetch {
  const view = new DataView(whole.slice().buffer);
  const little = view.getUint16(0) === 0x4949;
  const move = (at: number): number => {
    const place = Number(view.getBigUint64(at, little));
    if (place > 0) view.setBigUint64(at, BigInt(place + HOLE), little);
    return place;
  };
  for (let at = move(8); at > 0; ) {
    const entries = Number(view.getBigUint64(at, little));
    for (let i = 0; i < entries; i++) {
      const entry = at + 8 + 20 * i;
      const [tag, type] = [view.getUint16(entry, little), view.getUint16(entry + 2, little)];
      const count = Number(view.getBigUint64(entry + 4, little));
      const values = count * (SIZES[type] ?? 1) > 8 ? move(entry + 12) : entry + 12;
      if (!OFFSETS.includes(tag)) continue;
      expect(type).toBe(16); // places of 8 bytes each
      for (let k = 0; k < count; k++) move(values + 8 * k);
    }
    at = move(at + 8 + 20 * entries);
  }
  const bytes = new Uint8Array(view.buffer);
  return hostOf(bytes.subarray(0, HEADER), bytes.subarray(HEADER));
}

const NDPI_HEADER = 12; // the place of the first directory takes 8 bytes

/**
 * An NDPI whose directories, values and pictures lie behind the hole. Its places have 4 bytes; their upper halves stand behind
 * the directory, one for each entry.
 */
function ndpiBehindHole(whole: Uint8Array<ArrayBuffer>): Fetch {
  const old = new DataView(whole.buffer);
  const base = NDPI_HEADER + HOLE; // where the whole old file lies now
  const directories: DataView<ArrayBuffer>[] = [];
  let end = base + whole.length;
  for (let at = Number(old.getBigUint64(4, true)); at > 0; ) {
    const entries = old.getUint16(at, true);
    const size = 2 + entries * 12 + 8 + entries * 4;
    const view = new DataView(new ArrayBuffer(size));
    new Uint8Array(view.buffer).set(whole.subarray(at, at + 2 + entries * 12));
    for (let i = 0; i < entries; i++) {
      const entry = 2 + i * 12;
      const bytes = view.getUint32(entry + 4, true) * (SIZES[view.getUint16(entry + 2, true)] ?? 1);
      if (bytes <= 4 && !OFFSETS.includes(view.getUint16(entry, true))) continue;
      const place = base + view.getUint32(entry + 8, true);
      view.setUint32(entry + 8, place % 2 ** 32, true);
      view.setUint32(2 + entries * 12 + 8 + i * 4, Math.floor(place / 2 ** 32), true);
    }
    directories.push(view);
    end += size;
    at = Number(old.getBigUint64(at + 2 + entries * 12, true));
    if (at > 0) view.setBigUint64(2 + entries * 12, BigInt(end), true);
  }
  const head = new DataView(new ArrayBuffer(NDPI_HEADER));
  head.setUint32(0, old.getUint32(0));
  head.setBigUint64(4, BigInt(base + whole.length), true);
  const tail = Buffer.concat([whole, ...directories.map(({ buffer }) => new Uint8Array(buffer))]);
  return hostOf(new Uint8Array(head.buffer), tail);
}

/** A hash of each level: pixels by the million are compared slowly. */
async function hashesOf(slide: Slide): Promise<string[]> {
  const all: string[] = [];
  for (const { widthPx, heightPx, downsample } of slide.levels) {
    const rect = { x: 0, y: 0, width: widthPx * downsample, height: heightPx * downsample };
    const { rgba } = await readRegion(slide, rect, downsample, { signal });
    all.push(createHash('sha256').update(rgba).digest('hex'));
  }
  return all;
}

test('a BigTIFF whose directories and tiles lie beyond 4 GB has the pixels of the small one', async () => {
  const whole = new Uint8Array(readFileSync(join(import.meta.dirname, 'testing/fixtures/deflate-big.tif')));
  using small = await openSlide(new File([whole], 'small.tif'), { signal, decoders: nodeDecoders });
  const fetch = movedBehindHole(whole);
  using large = await openSlide('https://slides.example.org/large.tif', { signal, decoders: nodeDecoders, fetch });
  expect(large.levels.length).toBe(3);
  expect(await hashesOf(large)).toEqual(await hashesOf(small));
});

testOn('derived/cmu-crop-hamamatsu.ndpi', 'an NDPI moved beyond 4 GB has the same pixels', async (file) => {
  using small = await openSlide(file, { signal, decoders: nodeDecoders });
  const fetch = ndpiBehindHole(new Uint8Array(await file.arrayBuffer()));
  using large = await openSlide('https://slides.example.org/large.ndpi', { signal, decoders: nodeDecoders, fetch });
  expect(large.levels).toEqual(small.levels);
  expect(await hashesOf(large)).toEqual(await hashesOf(small));
});

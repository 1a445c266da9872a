// Slides of more than 4 GB, read from addresses that make up the bytes between: pixels and all, not the directories alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import type { Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
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

async function pixelsOf(slide: Slide): Promise<Uint8ClampedArray[]> {
  const all: Uint8ClampedArray[] = [];
  for (const { widthPx, heightPx, downsample } of slide.levels) {
    const rect = { x: 0, y: 0, width: widthPx * downsample, height: heightPx * downsample };
    all.push((await readRegion(slide, rect, downsample, { signal })).rgba);
  }
  return all;
}

test('a BigTIFF whose directories and tiles lie beyond 4 GB has the pixels of the small one', async () => {
  const whole = new Uint8Array(readFileSync(join(import.meta.dirname, 'testing/fixtures/deflate-big.tif')));
  using small = await openSlide(new File([whole], 'small.tif'), { signal, decoders: nodeDecoders });
  const fetch = movedBehindHole(whole);
  using large = await openSlide('https://slides.example.org/large.tif', { signal, decoders: nodeDecoders, fetch });
  expect(large.levels.length).toBe(3);
  expect(await pixelsOf(large)).toEqual(await pixelsOf(small));
});

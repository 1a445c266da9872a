import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ByteSource, HEAD_BYTES, openBlobSource } from './byte-source.ts';
import { fingerprinting, fingerprintOf } from './fingerprint.ts';
import { openSlide } from './open.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { serveRanges } from './testing/range-server.ts';
import { openUrlSource } from './url-source.ts';

const { signal } = new AbortController();
const waits = { signal };

const bytesOf = (size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 7)) & 255);

/** Node's own hash over length, first and last 64 KiB, the parts not overlapping. */
function expected(bytes: Uint8Array): string {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  const tail = Math.max(Math.min(bytes.length, HEAD_BYTES), bytes.length - HEAD_BYTES);
  const hash = createHash('sha256').update(length).update(bytes.subarray(0, HEAD_BYTES));
  return hash.update(bytes.subarray(tail)).digest('hex');
}

/** A source that counts what is read of it, and can be made to fail. */
async function counted(bytes: Uint8Array<ArrayBuffer>, fails: () => boolean = () => false) {
  const source = await openBlobSource(new Blob([bytes]), waits);
  const reads: [number, number][] = [];
  const read: ByteSource['read'] = async (offset, length, during) => {
    reads.push([offset, length]);
    if (fails()) throw new Error('made to fail');
    return source.read(offset, length, during);
  };
  return { source: { ...source, read }, reads };
}

test.each([0, 1, 1000, HEAD_BYTES, HEAD_BYTES + 1, 2 * HEAD_BYTES - 1, 2 * HEAD_BYTES, 500_000])(
  'a file of %i bytes: the hash over its length and its two ends',
  async (size) => {
    const bytes = bytesOf(size);
    const { source, reads } = await counted(bytes);
    expect(await fingerprintOf(source, waits)).toBe(expected(bytes));
    expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(Math.min(size, 2 * HEAD_BYTES));
  },
);

test('a byte at either end, or one byte more, is another slide', async () => {
  const bytes = bytesOf(400_000);
  const of = (changed: Uint8Array<ArrayBuffer>) =>
    openBlobSource(new Blob([changed]), waits).then((source) => fingerprintOf(source, waits));
  const first = bytes.with(5, 99);
  const last = bytes.with(399_999, 99);
  const prints = await Promise.all([bytes, first, last, bytesOf(400_001)].map(of));
  expect(new Set(prints).size).toBe(4);
});

test('a file and the same behind a URL are the same slide', async () => {
  const bytes = bytesOf(300_000);
  await using server = await serveRanges(() => bytes);
  const remote = await openUrlSource(server.url, waits);
  expect(await fingerprintOf(remote, waits)).toBe(expected(bytes));
  expect(server.asked.length).toBeLessThanOrEqual(3); // the first bytes, the rest of the first part, and the last one
});

test('is read once, by however many it is asked for', async () => {
  const { source, reads } = await counted(bytesOf(500_000));
  const fingerprint = fingerprinting(source);
  const all = await Promise.all([fingerprint(waits), fingerprint(waits)]);
  expect(new Set([...all, await fingerprint(waits)]).size).toBe(1);
  expect(reads).toHaveLength(2);
});

test('one that was left, or failed, is read anew', async () => {
  let failing = true;
  const { source } = await counted(bytesOf(1000), () => failing);
  const fingerprint = fingerprinting(source);
  await expect(fingerprint(waits)).rejects.toThrow('made to fail');
  failing = false;
  const stop = new AbortController();
  const left = fingerprint({ signal: stop.signal });
  stop.abort(new Error('moved on'));
  await expect(left).rejects.toThrow('moved on');
  expect(await fingerprint(waits)).toBe(expected(bytesOf(1000)));
});

test('an opened slide tells it', async () => {
  const sharp = (await import('sharp')).default;
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a05' } })
    .png()
    .toBuffer();
  const bytes = new Uint8Array(png);
  using slide = await openSlide(new File([bytes], 'a.png'), { signal, decoders: nodeDecoders });
  expect(await slide.fingerprint(waits)).toBe(expected(bytes));
});

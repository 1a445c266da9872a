import { describe, expect, test } from 'vitest';
import type { ByteSource } from './byte-source.ts';
import { openBlobSource } from './byte-source.ts';
import { ascii, type Entry, tiffBytes } from './testing/tiff-bytes.ts';
import { readTiff, type Tiff, tiffKind } from './tiff.ts';

const waits = { signal: new AbortController().signal };

async function tiffOf(bytes: Uint8Array<ArrayBuffer>): Promise<{ tiff: Tiff; source: ByteSource; reads: number[] }> {
  const blob = await openBlobSource(new File([bytes], 'made.tif'), waits);
  const reads: number[] = [];
  const source: ByteSource = {
    ...blob,
    read(offset, length, during) {
      reads.push(length);
      return blob.read(offset, length, during);
    },
  };
  const kind = tiffKind(bytes);
  if (!kind) throw new Error('it does not start like a TIFF');
  return { tiff: await readTiff(source, kind, waits), source, reads };
}

const entries: Entry[] = [
  [256, 4, [70_000]],
  [258, 3, [8, 8, 8]],
  [270, 2, ascii('Aperio µ test')],
  [282, 5, [20_000, 3]],
  [324, 4, Array.from({ length: 20_000 }, (_, i) => i * 3)],
];

describe.each([
  ['little-endian', { littleEndian: true, big: false }],
  ['big-endian', { littleEndian: false, big: false }],
  ['little-endian BigTIFF', { littleEndian: true, big: true }],
  ['big-endian BigTIFF', { littleEndian: false, big: true }],
])('%s', (_, kind) => {
  test('values of every kind', async () => {
    const { tiff } = await tiffOf(tiffBytes([entries, [[256, 3, [5]]]], kind));
    expect(tiff).toMatchObject(kind);
    expect(tiff.chain).toHaveLength(2);
    const [first, second] = tiff.chain;
    expect(await first?.numbers(256, waits)).toEqual([70_000]);
    expect(await first?.numbers(258, waits)).toEqual([8, 8, 8]);
    expect(await first?.text(270, waits, 100)).toBe('Aperio µ test');
    expect((await first?.numbers(282, waits))?.[0]).toBeCloseTo(20_000 / 3, 9);
    expect(await second?.numbers(256, waits)).toEqual([5]);
    expect(await second?.numbers(999, waits)).toEqual([]);
    expect(await second?.text(999, waits, 100)).toBeUndefined();
    expect(second?.list(999)).toBeUndefined();
  });
});

test('8-byte numbers', async () => {
  const { tiff } = await tiffOf(tiffBytes([[[324, 16, [2 ** 40 + 5, 7]]]], { big: true }));
  expect(await tiff.chain[0]?.numbers(324, waits)).toEqual([2 ** 40 + 5, 7]);
});

test('a long list is read by pieces, each once, also when many ask together', async () => {
  const { tiff, reads } = await tiffOf(tiffBytes([entries]));
  const list = tiff.chain[0]?.list(324);
  const before = reads.length;
  expect(await Promise.all([0, 1, 4095, 2].map((i) => list?.at(i, waits)))).toEqual([0, 3, 4095 * 3, 6]);
  expect(await list?.at(19_999, waits)).toBe(19_999 * 3);
  expect(reads.slice(before)).toEqual([4096 * 4, (20_000 - 4 * 4096) * 4]);
});

test('who aborts does not take the piece from the others', async () => {
  const { tiff } = await tiffOf(tiffBytes([entries]));
  const list = tiff.chain[0]?.list(324);
  const controller = new AbortController();
  const first = list?.at(1, { signal: controller.signal });
  const second = list?.at(2, waits);
  controller.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect(await second).toBe(6);
});

test('what travelled with another value is not kept with it', async () => {
  const { tiff } = await tiffOf(tiffBytes([entries], { littleEndian: true, big: false }));
  const [directory] = tiff.chain;
  const values = await Promise.all([270, 324].map((tag) => directory?.bytes(tag, waits, 100_000)));
  expect(values.map((bytes) => bytes?.byteLength)).toEqual([15, 80_000]);
  expect(values.map((bytes) => bytes?.buffer.byteLength)).toEqual([15, 80_000]);
});

describe('damage', () => {
  const small: Entry[] = [[256, 3, [5]]];
  test('a chain that loops ends where it would repeat', async () => {
    const { tiff } = await tiffOf(tiffBytes([small, small], { next: (i, offsets) => offsets[1 - i] ?? 0 }));
    expect(tiff.chain).toHaveLength(2);
    expect(await tiff.below([tiff.chain[0]?.offset ?? 0], waits)).toEqual([]);
  });

  test('a directory past the end says how much is missing', async () => {
    const bytes = tiffBytes([small], { next: () => 1_000_000 });
    await expect(tiffOf(bytes)).rejects.toMatchObject({
      failure: {
        tag: 'CorruptSlide',
        reason: expect.stringContaining(`${(1_000_002 - bytes.length).toLocaleString('en-US')} more bytes`),
      },
    });
  });

  test('no entries, too many entries, a list longer than the file', async () => {
    await expect(tiffOf(tiffBytes([[]]))).rejects.toMatchObject({ failure: { tag: 'CorruptSlide' } });
    const many = tiffBytes([small]);
    new DataView(many.buffer).setUint16(8, 65_535, true);
    await expect(tiffOf(many)).rejects.toMatchObject({ failure: { reason: 'a directory claims 65535 entries' } });
    const lying = tiffBytes([[[324, 4, [1, 2]]]]);
    new DataView(lying.buffer).setUint32(8 + 2 + 4, 0x7fffffff, true);
    const { tiff } = await tiffOf(lying);
    expect(() => tiff.chain[0]?.list(324)).toThrow('more than the file can hold');
    await expect(tiff.chain[0]?.numbers(324, waits)).rejects.toMatchObject({ failure: { tag: 'CorruptSlide' } });
  });
});

describe('limits', () => {
  test('a text is read only so far, a list of numbers or bytes that is longer is damage', async () => {
    const { tiff, reads } = await tiffOf(tiffBytes([[...entries, [347, 7, Array.from({ length: 300 }, () => 1)]]]));
    const [first] = tiff.chain;
    expect(await first?.text(270, waits, 8)).toBe('Aperio '); // the cut lies within the µ
    expect(reads.at(-1)).toBe(8);
    await expect(first?.numbers(324, waits)).rejects.toThrow('tag 324 claims 20000 values');
    await expect(first?.bytes(347, waits, 299)).rejects.toThrow('tag 347 claims 300 bytes');
    expect(await first?.bytes(347, waits, 300)).toHaveLength(300);
  });

  test('of a chain of thousands the first 1,024 directories are read', async () => {
    const { tiff } = await tiffOf(tiffBytes(Array.from({ length: 3000 }, (_, i): Entry[] => [[256, 3, [i + 1]]])));
    expect(tiff.chain).toHaveLength(1024);
    expect(await tiff.chain[1023]?.numbers(256, waits)).toEqual([1024]);
    expect(await tiff.below([tiff.chain[1023]?.next ?? 0], waits)).toEqual([]);
  });
});

test('what is no TIFF has no kind', () => {
  for (const bytes of [
    [],
    [0x49, 0x49],
    [0x49, 0x49, 44, 0, 0, 0, 0, 0],
    [0x49, 0x4d, 42, 0, 0, 0, 0, 0],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ]) {
    expect(tiffKind(Uint8Array.from(bytes))).toBeUndefined();
  }
});

test('an NDPI over 4 GB: its directory lies beyond, and so do the places that it names', async () => {
  const size = 6e9;
  const at = 5e9;
  const header = new DataView(new ArrayBuffer(12));
  header.setUint16(0, 0x4949);
  header.setUint16(2, 42, true);
  header.setBigUint64(4, BigInt(at), true);
  const entries = [
    [273, 4, 1, 705_032_704, 1], // strip offset: 5,000,000,000 in two halves
    [279, 4, 1, 1234, 0],
    [65_420, 4, 1, 1, 0],
  ] as const;
  const directory = new DataView(new ArrayBuffer(2 + entries.length * 16 + 8));
  directory.setUint16(0, entries.length, true);
  for (const [i, [tag, type, count, low, high]] of entries.entries()) {
    directory.setUint16(2 + i * 12, tag, true);
    directory.setUint16(4 + i * 12, type, true);
    directory.setUint32(6 + i * 12, count, true);
    directory.setUint32(10 + i * 12, low, true);
    directory.setUint32(2 + entries.length * 12 + 8 + i * 4, high, true);
  }
  const source = {
    name: 'large.ndpi',
    size,
    identity: 'large',
    read: async (offset: number, length: number) => {
      const [from, view] = offset >= at ? [at, directory] : [0, header];
      return new Uint8Array(view.buffer.slice(offset - from, offset - from + length));
    },
  };
  const tiff = await readTiff(source, { big: false, littleEndian: true }, waits);
  expect(tiff.chain).toHaveLength(1);
  expect(await tiff.chain[0]?.list(273)?.at(0, waits)).toBe(5e9);
  expect(await tiff.chain[0]?.numbers(279, waits)).toEqual([1234]);
});

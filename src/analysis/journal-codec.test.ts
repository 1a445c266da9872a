import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import { random as randomOf } from '#objects/testing/random.ts';
import { createPhantom } from '#phantom/phantom.ts';
import { packed } from '#storage/packing.ts';
import type { JournalEntry, RecordLog } from './journal.ts';
import { decodeEntry, encodeEntry, MARK, openJournal } from './journal-codec.ts';
import { type CoreMap, coreMapOf, type Runs } from './postprocess/core-map.ts';

const { signal } = new AbortController();
const waits = { signal };

/** Any bits at all: NaN with and without a payload, infinities, -0, the smallest numbers. */
const bitsOf = (random: () => number, bytes: number): ArrayBuffer =>
  Uint8Array.from({ length: bytes }, () => (random() < 0.2 ? 255 : 256 * random())).buffer;

function columnsOf(random: () => number, kind: ObjectColumns['kind']): ObjectColumns {
  const count = Math.floor(40 * random() * random());
  const ringStart = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) ringStart[i + 1] = (ringStart[i] ?? 0) + Math.floor(30 * random());
  const vertices = ringStart[count] ?? 0;
  const isFine = kind === 'nuclei';
  return {
    kind,
    count,
    classes: Array.from({ length: Math.floor(4 * random()) }, (_, i) => ({ name: `Klasse ${i} µ`, color: '#aa00ff' })),
    classIndex: new Uint8Array(bitsOf(random, count)),
    probability: new Float32Array(bitsOf(random, 4 * count)),
    centroid: new Float64Array(bitsOf(random, 16 * count)),
    areaPx: new Float32Array(bitsOf(random, 4 * count)),
    ringStart,
    ring: isFine ? new Int16Array(bitsOf(random, 4 * vertices)) : new Float32Array(bitsOf(random, 8 * vertices)),
    ringUnit: isFine ? 1 / 8 : 1,
  };
}

function gridOf(random: () => number): GridPatch {
  const [cols, rows] = [Math.floor(5 * random()), Math.floor(5 * random())];
  const values = new Float32Array(bitsOf(random, 4 * 3 * cols * rows));
  return { x: 1e5 * random(), y: -random(), cellWidth: random(), cellHeight: random(), cols, rows, values };
}

function runsOf(random: () => number, count: number): Runs {
  const of = () => new Uint16Array(bitsOf(random, 2 * count));
  return { row: of(), from: of(), to: of() };
}

function coreOf(random: () => number): CoreMap {
  const count = () => Math.floor(50 * random() * random());
  const seeds = count();
  const valued = () => ({ ...runsOf(random, count()), values: new Uint8Array(bitsOf(random, count())) });
  return {
    seeds: {
      ...runsOf(random, count()),
      end: new Uint32Array(bitsOf(random, 4 * seeds)),
      sum: new Uint32Array(bitsOf(random, 4 * seeds)),
    },
    rim: valued(),
    lumina: random() < 0.5 ? valued() : undefined,
  };
}

function entryOf(seed: number): JournalEntry {
  const random = randomOf(seed);
  const maybe = <T>(make: () => T): T | undefined => (random() < 0.7 ? make() : undefined);
  return {
    col: Math.floor(random() * 2 ** 32),
    row: Math.floor(random() * 2 ** 32),
    around: random() < 0.3,
    nuclei: maybe(() => columnsOf(random, random() < 0.8 ? 'nuclei' : 'glands')),
    tissue: maybe(() => gridOf(random)),
    core: maybe(() => coreOf(random)),
  };
}

/** Every array as its bytes, so that NaN and -0 are told apart by their bits. */
const bits = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
    return `${value.constructor.name} ${bytes}`;
  }
  if (Array.isArray(value)) return value.map(bits);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, bits(part)]));
};

describe('an entry comes back to the bit', () => {
  test.each(Array.from({ length: 150 }, (_, seed) => seed))('seed %i', (seed) => {
    const entry = entryOf(seed);
    const record = encodeEntry(entry);
    expect(record[0]).toBe(entry.around ? MARK.around : MARK.patch);
    expect(bits(decodeEntry(record))).toEqual(bits(entry));
  });

  test('and what it was made of is left as it was', () => {
    const entry = entryOf(3);
    const before = bits(entry);
    encodeEntry(entry);
    expect(bits(entry)).toEqual(before);
  });
});

describe('what is no entry', () => {
  test('of another version is refused by its number', () => {
    const record = encodeEntry(entryOf(1));
    record[1] = 9;
    expect(() => decodeEntry(record)).toThrow(
      'A patch that was kept: it was kept by another version of Eosin (9; this one reads 1). Remove the run',
    );
  });

  test('cut short anywhere, or with more behind it, is a sentence and never an entry', () => {
    const record = encodeEntry(entryOf(8));
    for (let length = 0; length < record.length; length++) {
      expect(() => decodeEntry(record.slice(0, length))).toThrow('A patch that was kept: ');
    }
    expect(() => decodeEntry(Uint8Array.from([...record, 0]))).toThrow('there is more of it than it says');
  });

  // What the checksums of the log would have to miss.
  const seeds = process.env.EOSIN_SEED ? [Number(process.env.EOSIN_SEED)] : Array.from({ length: 40 }, (_, i) => i);
  test.each(seeds)('with bytes changed at random ends, as an entry or a sentence: seed %i', (seed) => {
    const random = randomOf(seed + 1000);
    for (let round = 0; round < 20; round++) {
      const record = encodeEntry(entryOf(seed));
      for (let changes = 1 + 3 * random(); changes > 0; changes--)
        record[Math.floor(random() * record.length)] = 256 * random();
      try {
        decodeEntry(record);
      } catch (thrown) {
        expect(thrown).toMatchObject({ failure: { tag: 'BadInput' } });
      }
    }
  });
});

test('a journal gives back what its log holds, in the order committed', async () => {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  const log: RecordLog = {
    append: async (record) => void kept.push(record),
    async *records() {
      yield* kept;
    },
  };
  const entries = [5, 6, 7].map(entryOf);
  const journal = openJournal(log);
  for (const entry of entries) await journal.append(entry, waits);
  const got: JournalEntry[] = [];
  for await (const entry of openJournal(log).entries(waits)) got.push(entry);
  expect(got.map(bits)).toEqual(entries.map(bits));
});

describe('what a patch takes on disk, so that a slide of 3,000 stays within a few hundred MB', () => {
  const bytesOf = async (part: Partial<JournalEntry>): Promise<number> => {
    const entry = { col: 1, row: 2, around: false, nuclei: undefined, tissue: undefined, core: undefined, ...part };
    return (await packed(encodeEntry(entry))).length;
  };

  test('nuclei: at most 62 bytes each', async () => {
    const slide = createPhantom(1, () => Promise.reject(new Error('nobody looks')));
    const [{ widthPx, heightPx } = { widthPx: 0, heightPx: 0 }] = slide.levels;
    const crowded = [0.3, 0.4, 0.5, 0.6, 0.7]
      .map((at) => slide.truth('nuclei', { x: at * widthPx, y: at * heightPx, width: 1792, height: 1792 }))
      .find(({ count }) => count > 300);
    if (!crowded) throw new Error('the phantom has no crowded place there');
    expect((await bytesOf({ nuclei: crowded })) / crowded.count).toBeLessThan(62);
  });

  test('glands and lumina of a whole window: at most 25 kB', async () => {
    const plane = (name: string, k: number): Uint8Array =>
      gunzipSync(readFileSync(`models/goldens/${name}.maps.gz`)).subarray(k * 512 * 512, (k + 1) * 512 * 512);
    const maps = (name: string): Int32Array<ArrayBuffer> => {
      const contour = plane(name, 1);
      return Int32Array.from(plane(name, 0), (inner, i) => 256 * inner + 65536 * (contour[i] ?? 0));
    };
    const core = { x: 0, y: 0, width: 512, height: 512 };
    const frame = { x: 0, y: 0, pxX: 1, pxY: 1, mpp: 1, size: 512, margin: 0, slide: core, core, col: 0, row: 0 };
    const map = coreMapOf({ glands: maps('glands'), lumina: maps('lumina'), side: 512 }, frame, 1, {
      um: 1,
      glands: { foreground: 128, seed: 128, minSeedUm2: 200, growUm: 5, minAreaUm2: 500 },
      lumina: { foreground: 128, minAreaUm2: 40 },
    });
    const bytes = await bytesOf({ core: map });
    expect(bytes).toBeGreaterThan(5000); // there is something in it
    expect(bytes).toBeLessThan(25_000);
  });
});

import { describe, expect, test } from 'vitest';
import { LogFile } from './log-file.ts';
import { type Faults, memoryFile } from './testing/memory-file.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const text = (of: string): Bytes => new TextEncoder().encode(of);
const HEADER = text('what was asked');

/** Seeded: mulberry32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const recordsOf = (random: (below: number) => number, count: number, most = 300): Bytes[] =>
  Array.from({ length: count }, () => Uint8Array.from({ length: random(most) }, () => random(256)));

// As text: Vitest compares arrays of bytes element by element, slowly.
const hex = (records: readonly Bytes[]): string[] => records.map((record) => Buffer.from(record).toString('hex'));
const allOf = (log: LogFile): string[] => hex(Array.from({ length: log.count }, (_, i) => log.read(i)));

/** A log with these records, each appended by itself. */
function written(records: readonly Bytes[]) {
  const file = memoryFile();
  const log = LogFile.create(file, HEADER);
  const ends = [file.getSize()];
  for (const record of records) {
    log.append([record]);
    ends.push(file.getSize());
  }
  return { file, log, ends };
}

describe('what was appended', () => {
  test('is there again, in its order, empty records too', () => {
    const random = randomOf(1);
    const records = [...recordsOf(random, 40), new Uint8Array(0), ...recordsOf(random, 3, 20_000)];
    const { file, log } = written(records);
    expect(allOf(log)).toEqual(hex(records));
    const again = LogFile.open(memoryFile(file.bytes()), 'run');
    expect(again.header).toEqual(HEADER);
    expect(allOf(again)).toEqual(hex(records));
    again.append([text('one more')]);
    expect(again.read(records.length)).toEqual(text('one more'));
  });

  test('small records travel in one write and one flush, and 3 MB in writes of a megabyte', () => {
    const file = memoryFile();
    const log = LogFile.create(file, HEADER);
    const [writes, flushes] = [file.writes.length, file.flushes()];
    log.append(Array.from({ length: 200 }, () => new Uint8Array(1000)));
    expect([file.writes.length - writes, file.flushes() - flushes]).toEqual([1, 1]);
    log.append(Array.from({ length: 300 }, () => new Uint8Array(10_000)));
    expect([file.writes.length - writes, file.flushes() - flushes]).toEqual([4, 2]);
  });

  test('is listed by its frames: a page a record at most is read', () => {
    const records = Array.from({ length: 50 }, (_, i) => new Uint8Array(100_000).fill(i));
    const { file } = written(records);
    const closed = memoryFile(file.bytes());
    const sketch = LogFile.sketch(closed, 'run');
    expect(sketch).toMatchObject({ header: HEADER, bytes: file.getSize(), torn: false });
    expect([...sketch.marks]).toEqual(records.map((_, i) => i));
    expect(closed.readBytes()).toBeLessThan(records.length * 2 * 4096 + 10_000);
    expect(LogFile.open(memoryFile(file.bytes()), 'run').sketch()).toEqual(sketch);
  });

  test('can be cut back to what was answered for', () => {
    const records = recordsOf(randomOf(2), 6);
    const { file, ends } = written(records);
    const disk = memoryFile(file.bytes());
    const log = LogFile.open(disk, 'run', 4);
    expect(allOf(log)).toEqual(hex(records.slice(0, 4)));
    expect(disk.getSize()).toBe(ends[4]);
  });
});

describe('a torn tail', () => {
  test('at every byte: what was whole stays, the rest is cut off, and the log goes on', () => {
    const records = recordsOf(randomOf(3), 5, 40);
    const { file, ends } = written(records);
    const bytes = file.bytes();
    for (let size = ends[0] ?? 0; size <= bytes.length; size++) {
      const whole = ends.findLastIndex((end) => end <= size);
      const disk = memoryFile(bytes.subarray(0, size));
      expect(LogFile.sketch(disk, 'run')).toMatchObject({ torn: size !== ends[whole] });
      const log = LogFile.open(disk, 'run');
      expect(allOf(log)).toEqual(hex(records.slice(0, whole)));
      expect([disk.getSize(), log.damaged]).toEqual([ends[whole], 0]);
      log.append([text('next')]);
      expect(allOf(LogFile.open(memoryFile(disk.bytes()), 'run'))).toEqual(
        hex([...records.slice(0, whole), text('next')]),
      );
    }
  });

  test('pages that never reached the disk, zeros or noise, are no records', () => {
    const { file, ends } = written(recordsOf(randomOf(4), 3));
    const random = randomOf(5);
    for (const fill of [() => 0, () => random(256)]) {
      const bytes = Uint8Array.from({ length: file.getSize() + 500 }, fill);
      bytes.set(file.bytes());
      const disk = memoryFile(bytes);
      expect(LogFile.open(disk, 'run').count).toBe(3);
      expect(disk.getSize()).toBe(ends[3]);
    }
  });

  test('a header that was cut off is said, not guessed', () => {
    const { file, ends } = written([]);
    for (let size = 0; size < (ends[0] ?? 0); size++) {
      expect(() => LogFile.open(memoryFile(file.bytes().subarray(0, size)), 'run')).toThrow('run: ');
    }
  });
});

test('a flipped bit anywhere costs the record it is in, those behind it where it is in a frame, and never a wrong byte', () => {
  const records = recordsOf(randomOf(6), 6, 60);
  const { file, ends } = written(records);
  const bytes = file.bytes();
  const known = new Set(hex(records));
  for (let at = ends[0] ?? 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at & 7));
    const hit = ends.findLastIndex((end) => end <= at);
    const log = LogFile.open(memoryFile(flipped), 'run');
    const got = allOf(log);
    for (const record of got) expect(known.has(record)).toBe(true);
    const isInFrame = at - (ends[hit] ?? 0) < 12;
    const isLast = hit === records.length - 1;
    expect(got).toEqual(hex(isInFrame ? records.slice(0, hit) : records.toSpliced(hit, 1)));
    expect(log.damaged).toBe(isInFrame || isLast ? 0 : 1);
  }
});

test('another version is refused by its number, another file by name', () => {
  const { file } = written([]);
  const later = file.bytes();
  later[8] = 2;
  expect(() => LogFile.open(memoryFile(later), 'run-7')).toThrow(
    'run-7: it is of version 2, and this Eosin reads version 1.',
  );
  expect(() => LogFile.sketch(memoryFile(text('GIF89a, and more of it')), 'run-7')).toThrow(
    'run-7: it is no log of Eosin.',
  );
});

describe('a disk that fails', () => {
  test.each([
    ['says so', false],
    ['says nothing', true],
  ])('full at any byte, and it %s: nothing of what was refused is there, all before it is', (_, silent) => {
    const records = recordsOf(randomOf(7), 4, 50);
    const { file } = written(records);
    for (let quota = 0; quota < file.getSize(); quota++) {
      const faults: Faults = { quota, silent };
      const disk = memoryFile(undefined, faults);
      const kept: Bytes[] = [];
      let log: LogFile;
      try {
        log = LogFile.create(disk, HEADER);
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'QuotaExceededError' });
        continue;
      }
      for (const record of records) {
        try {
          log.append([record]);
          kept.push(record);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'QuotaExceededError' });
        }
      }
      expect(kept.length).toBeLessThan(records.length);
      expect(allOf(log)).toEqual(hex(kept));
      expect(allOf(LogFile.open(memoryFile(disk.bytes()), 'run'))).toEqual(hex(kept));
      faults.quota = Number.POSITIVE_INFINITY; // room again
      log.append([text('next')]);
      expect(allOf(LogFile.open(memoryFile(disk.bytes()), 'run'))).toEqual(hex([...kept, text('next')]));
    }
  });

  test('a write that takes nothing is a full disk, not an endless loop', () => {
    const file = memoryFile(undefined, { shortWrites: () => 0 });
    expect(() => LogFile.create(file, HEADER)).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
  });

  // EOSIN_SEED=… runs one of them.
  const seeds = process.env.EOSIN_SEED
    ? [Number(process.env.EOSIN_SEED)]
    : Array.from({ length: 100 }, (_, i) => i + 100);
  test.each(seeds)('short writes and reads, flushes and cuts that fail, crashes: seed %i', (seed) => {
    const random = randomOf(seed);
    const faults: Faults = {
      shortWrites: () => 1 + random(60),
      shortReads: () => 1 + random(60),
      flushFails: () => random(8) === 0,
      truncateFails: () => random(2) === 0,
    };
    const calm = { flushFails: () => false, truncateFails: () => false };
    let disk = memoryFile(undefined, { ...faults, ...calm });
    let log = LogFile.create(disk, HEADER);
    disk = memoryFile(disk.bytes(), faults);
    log = LogFile.open(disk, 'run');
    const kept: Bytes[] = [];
    let refused: Bytes[][] = []; // since the last that was taken
    for (let step = 0; step < 30; step++) {
      const records = recordsOf(random, 1 + random(4), 80);
      try {
        log.append(records);
        kept.push(...records);
        refused = [];
      } catch {
        refused.push(records);
      }
      expect(allOf(log)).toEqual(hex(kept));
      if (random(5) > 0) continue;
      disk = memoryFile(disk.bytes(), faults); // the tab dies, and comes back
      log = LogFile.open(memoryFile(disk.bytes(), { ...faults, ...calm }), 'run');
      // What could neither be flushed nor cut off may be there after all, whole and in its order; nothing else.
      const over = allOf(log).slice(kept.length);
      expect(allOf(log).slice(0, kept.length)).toEqual(hex(kept));
      if (over.length > 0) expect(refused.map((all) => hex(all.slice(0, over.length)))).toContainEqual(over);
      refused = [];
      disk = memoryFile(disk.bytes(), { ...faults, ...calm });
      log = LogFile.open(disk, 'run', kept.length);
      expect(allOf(log)).toEqual(hex(kept));
    }
  });
});

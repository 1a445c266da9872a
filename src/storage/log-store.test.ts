import { describe, expect, test } from 'vitest';
import { headerEnd } from './log-file.ts';
import { LogStore } from './log-store.ts';
import { memoryDisk } from './memory-disk.ts';
import { type Faults, memoryFile } from './testing/memory-file.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const text = (of: string): Bytes => new TextEncoder().encode(of);
const HEADER = text('what was asked');

const asked = (name: string, neededBytes = 0, header = HEADER) => ({ name, by: 1, header, neededBytes });
const storeOn = (disk = memoryDisk()) => ({ disk, store: new LogStore(disk) });

/** A disk with one file that fails as told. */
function failingDisk(faults: Faults, free?: number) {
  const file = memoryFile(undefined, faults);
  const disk = memoryDisk();
  const made = { ...disk, open: async () => file, freeBytes: async () => free };
  return { file, store: new LogStore(made) };
}

async function contents(store: LogStore, name: string): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const { records, count } = await store.read(name, all.length);
    all.push(...records.map((record) => new TextDecoder().decode(record)));
    if (all.length >= count) return all;
  }
}

describe('group commit', () => {
  test('what comes in together is written and flushed together, and each is answered by its place', async () => {
    const { store, file } = failingDisk({});
    await store.create(asked('run'));
    const [writes, flushes] = [file.writes.length, file.flushes()];
    const counts = await Promise.all(Array.from({ length: 50 }, (_, i) => store.append('run', text(`record ${i}`))));
    expect(counts).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(file.writes.length - writes).toBe(1);
    expect(file.flushes() - flushes).toBe(1);
    expect(await contents(store, 'run')).toEqual(counts.map((count) => `record ${count - 1}`));
  });

  test('long records come back whole, in several answers', async () => {
    const { store } = storeOn();
    await store.create(asked('run'));
    const noise = (i: number): Bytes => {
      let state = i + 1; // xorshift32: nothing deflates it
      return Uint8Array.from({ length: 200_000 }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 8;
      });
    };
    for (let i = 0; i < 5; i++) await store.append('run', noise(i));
    const [all, sizes]: [Bytes[], number[]] = [[], []];
    while (all.length < 5) {
      const { records, count } = await store.read('run', all.length);
      expect(count).toBe(5);
      sizes.push(records.length);
      all.push(...records);
    }
    expect(Math.max(...sizes)).toBeLessThan(5);
    for (const [i, record] of all.entries()) expect(Buffer.compare(record, noise(i))).toBe(0);
  });

  test('closing waits for what is being written', async () => {
    const { store } = storeOn();
    await store.create(asked('run'));
    const appended = store.append('run', text('the last'));
    await Promise.all([store.close({ name: 'run', by: 1, discard: false }), appended]);
    expect(await store.open({ name: 'run', by: 1, keep: undefined })).toMatchObject({ count: 1 });
  });
});

describe('who writes', () => {
  test('another store is told that it is busy, and gets the log once it was closed', async () => {
    const { disk, store } = storeOn();
    const other = new LogStore(disk);
    await store.create(asked('run'));
    await store.append('run', text('one'));
    await store.setNote('run', text('running'));
    await expect(other.open({ name: 'run', by: 1, keep: undefined })).rejects.toMatchObject({
      failure: { tag: 'StorageBusy', name: 'run' },
    });
    await expect(other.create(asked('run'))).rejects.toMatchObject({ failure: { tag: 'StorageBusy' } });
    await expect(other.remove('run')).rejects.toMatchObject({ failure: { tag: 'StorageBusy' } });
    expect(await other.list()).toMatchObject([
      { name: 'run', header: HEADER, note: text('running'), marks: undefined, writer: 'elsewhere' },
    ]);
    expect(await store.list()).toMatchObject([{ marks: text('o'), writer: 'here', torn: false }]);
    await store.close({ name: 'run', by: 1, discard: false });
    expect(await other.list()).toMatchObject([{ marks: text('o'), writer: undefined }]);
    expect(await other.open({ name: 'run', by: 1, keep: undefined })).toMatchObject({ header: HEADER, count: 1 });
    await expect(store.append('run', text('two'))).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  });

  test('opening right behind closing waits for it', async () => {
    const { store } = storeOn();
    await store.create(asked('run'));
    const closing = store.close({ name: 'run', by: 1, discard: false });
    await expect(store.open({ name: 'run', by: 1, keep: undefined })).resolves.toMatchObject({ count: 0 });
    await closing;
  });

  test('a name that is taken stays what it was', async () => {
    const { store } = storeOn();
    await store.create(asked('run'));
    await store.append('run', text('one'));
    await store.close({ name: 'run', by: 1, discard: false });
    await expect(store.create(asked('run', 0, text('another')))).rejects.toMatchObject({
      failure: { tag: 'StorageBusy' },
    });
    expect(await store.open({ name: 'run', by: 1, keep: undefined })).toMatchObject({ header: HEADER, count: 1 });
  });

  test('a log that is not there, or is none, is a sentence; removed, it is gone', async () => {
    const { disk, store } = storeOn();
    await expect(store.open({ name: 'run', by: 1, keep: undefined })).rejects.toThrow(
      'not kept in this browser any more',
    );
    (await disk.open('junk', { create: true }))?.write(text('GIF89a and so on'), { at: 0 });
    await expect(store.open({ name: 'junk', by: 1, keep: undefined })).rejects.toThrow('it is no log of Eosin');
    expect(await store.list()).toEqual([]);
    expect(await store.beginnings()).toEqual([{ name: 'junk', header: undefined, bytes: 16 }]);
    await store.create(asked('run'));
    expect(await store.beginnings()).toHaveLength(1); // not one that is being written
    await store.close({ name: 'run', by: 1, discard: false });
    expect(await store.beginnings()).toContainEqual({ name: 'run', header: HEADER, bytes: expect.any(Number) });
    await store.remove('junk');
    expect(await store.beginnings()).toHaveLength(1);
    (await disk.open('junk', { create: true }))?.write(text('GIF89a and so on'), { at: 0 });
    await store.open({ name: 'run', by: 1, keep: undefined });
    await store.remove('run'); // open here: closed first
    await store.remove('run');
    expect(await disk.names()).toEqual(['junk']);
    await expect(store.create(asked('../run'))).rejects.toThrow('cannot be named');
  });
});

test('closing is for whoever opened it', async () => {
  const { disk, store } = storeOn();
  await store.create(asked('run'));
  await store.close({ name: 'run', by: 2, discard: true });
  await store.append('run', text('one'));
  await store.close({ name: 'run', by: 1, discard: true });
  expect(await disk.names()).toEqual([]);
});

describe('room', () => {
  test('is asked for before the first byte', async () => {
    const { store, file } = failingDisk({}, 1000);
    await expect(store.create(asked('run', 5000))).rejects.toMatchObject({
      failure: { tag: 'StorageFull', neededBytes: 5000, freeBytes: 1000 },
    });
    expect(file.getSize()).toBe(0);
    await store.create(asked('run', 900));
  });

  test.each([
    ['says so', false],
    ['says nothing', true],
  ])('is tried where the estimate promises too much, and the disk %s', async (_, silent) => {
    const { store, file } = failingDisk({ quota: 4000, silent }, 1e10);
    await expect(store.create(asked('run', 5000))).rejects.toThrow(
      "This run needs about 0 MB of the browser's storage, which has less. Export results",
    );
    expect(file.getSize()).toBe(0);
    await store.create(asked('run', 3000));
    expect(file.getSize()).toBeLessThan(100);
  });

  test('is asked for again where a log goes on: by the estimate, and by the disk itself', async () => {
    const faults: Faults = { quota: 4000, silent: true };
    const { store, file } = failingDisk(faults, 1e10);
    await store.create(asked('run'));
    await store.append('run', text('one'));
    const size = file.getSize();
    await expect(store.mustFit('run', 1e11)).rejects.toMatchObject({
      failure: { tag: 'StorageFull', freeBytes: 1e10 },
    });
    await expect(store.mustFit('run', 4000)).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
    await store.mustFit('run', 3000);
    expect(file.getSize()).toBe(size);
    expect(await contents(store, 'run')).toEqual(['one']);
    await store.append('run', text('two'));
    expect(await contents(store, 'run')).toEqual(['one', 'two']);
  });

  test('that ends in the middle refuses what does not fit, says so, and goes on when there is some', async () => {
    const faults: Faults = { quota: headerEnd(new Uint8Array(0)) + HEADER.length + 30 };
    const { store } = failingDisk(faults, 7e6);
    await store.create(asked('run'));
    await store.append('run', text('one'));
    const refused = store.append('run', text('a second one, too long for what is left'));
    await expect(refused).rejects.toThrow(
      "The browser's storage is full. Export results, then remove earlier runs of the list or free space on the disk.",
    );
    expect(await contents(store, 'run')).toEqual(['one']);
    faults.quota = Number.POSITIVE_INFINITY;
    await store.append('run', text('three'));
    expect(await contents(store, 'run')).toEqual(['one', 'three']);
  });
});

describe('a look at all logs', () => {
  /** Counts what is read of logs and notes; a stamp is as cheap as a name. */
  function countedDisk() {
    const inner = memoryDisk();
    let [reads, notes] = [0, 0];
    const disk = {
      ...inner,
      open: async (name: string, options: { create: boolean }) => {
        const file = await inner.open(name, options);
        if (!file) return undefined;
        const read: typeof file.read = (into, at) => {
          reads++;
          return file.read(into, at);
        };
        return { ...file, read };
      },
      start: async (name: string, length: number) => {
        reads++;
        return inner.start(name, length);
      },
      note: async (name: string) => {
        notes++;
        return inner.note(name);
      },
      stamp: async (name: string) => `${(await inner.start(name, 0)).size} ${await inner.note(name)}`,
    };
    const counts = () => {
      const now = { reads, notes };
      [reads, notes] = [0, 0];
      return now;
    };
    return { disk, counts };
  }

  test('reads of a hundred logs what has changed since the last one', async () => {
    const { disk, counts } = countedDisk();
    const store = new LogStore(disk);
    const names = Array.from({ length: 100 }, (_, i) => `run-${i}`);
    for (const name of names) {
      await store.create(asked(name, 0, text(name)));
      await store.append(name, text('a record'));
      await store.setNote(name, text('running'));
      await store.close({ name, by: 1, discard: false });
    }
    const first = await store.list();
    expect(counts().reads).toBeGreaterThanOrEqual(100);
    const beginnings = await store.beginnings();
    expect(await store.list()).toEqual(first);
    expect(await store.beginnings()).toEqual(beginnings);
    expect(beginnings.map(({ header }) => new TextDecoder().decode(header)).sort()).toEqual(names.toSorted());
    expect(counts()).toEqual({ reads: 0, notes: 0 });

    const elsewhere = new LogStore(disk); // of another tab
    await elsewhere.open({ name: 'run-7', by: 1, keep: undefined });
    await elsewhere.append('run-7', text('another record'));
    await elsewhere.close({ name: 'run-7', by: 1, discard: false });
    await elsewhere.open({ name: 'run-8', by: 1, keep: undefined });
    await elsewhere.setNote('run-8', text('done'));
    await elsewhere.close({ name: 'run-8', by: 1, discard: false });
    await elsewhere.remove('run-9');
    counts();
    const then = await store.list();
    expect(counts().reads).toBeLessThan(12); // of two
    const of = (name: string) => then.find((log) => log.name === name);
    expect(then).toHaveLength(99);
    expect(of('run-7')?.marks).toHaveLength(2);
    expect(new TextDecoder().decode(of('run-8')?.note)).toBe('done');
    expect(of('run-9')).toBeUndefined();
  });

  test('one that is no log is read once for the list, and told among the beginnings', async () => {
    const { disk, counts } = countedDisk();
    const store = new LogStore(disk);
    (await disk.open('broken', { create: true }))?.write(text('no log at all'), { at: 0 });
    expect(await store.list()).toEqual([]);
    counts();
    expect(await store.list()).toEqual([]);
    expect(counts()).toEqual({ reads: 0, notes: 0 });
    expect(await store.beginnings()).toMatchObject([{ name: 'broken', header: undefined }]);
  });
});

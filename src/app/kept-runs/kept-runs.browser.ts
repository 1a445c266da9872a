// On the real disk of the browser, with real workers, handles and locks.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import type { JournalEntry } from '#analysis/journal.ts';
import { type Spawned, spawned } from '#channel/worker-set.ts';
import { openStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import { clearDisk } from '../testing/clear-disk.ts';
import type { KeptRuns, OpenRun, RunHeader } from './kept-runs.ts';
import { keptIn, openKeptRuns } from './open-kept-runs.ts';

const { signal } = new AbortController();
const waits = { signal };
const asked = { signal, neededBytes: 1e6 };

const folder = async (): Promise<FileSystemDirectoryHandle> => {
  const eosin = await (await navigator.storage.getDirectory()).getDirectoryHandle('eosin', { create: true });
  return eosin.getDirectoryHandle('runs', { create: true });
};

beforeEach(() => clearDisk(2000));
afterEach(() => clearDisk(2000));

/** Another tab, as far as storage can tell: a worker of its own, that can be killed. */
async function tab(): Promise<{ runs: KeptRuns; kill(): void }> {
  const workers: Worker[] = [];
  const spawn = (): Spawned => {
    const worker = new Worker(new URL('../../storage/storage.worker.ts', import.meta.url), { type: 'module' });
    workers.push(worker);
    return spawned(worker);
  };
  const { storage, whyNot } = await openStorage({ signal, shelf: 'runs', persist: async () => false, spawn });
  if (!storage) throw new Error(whyNot);
  const kill = (): void => {
    for (const worker of workers) worker.terminate();
  };
  return { runs: keptIn(storage, undefined), kill };
}

const header = (id: string): RunHeader => ({
  id,
  slide: { fingerprint: 'ab12', name: 'a.svs' },
  model: { id: 'm', sha256: 'c0ffee' },
  window: 1024,
  views: 4,
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  region: null,
  device: 'wasm',
  total: 500,
  created: 1,
});

/** Some 100 kB that do not deflate, told by their place. */
function entryOf(col: number): JournalEntry {
  let state = col + 1;
  const values = Float32Array.from({ length: 25_000 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
  const tissue = { x: 0, y: 0, cellWidth: 1, cellHeight: 1, cols: 250, rows: 100, values };
  return { col, row: 0, around: false, nuclei: undefined, tissue, core: undefined };
}

const isWhole = ({ col, tissue }: JournalEntry): boolean =>
  tissue !== undefined && entryOf(col).tissue?.values.every((value, i) => value === tissue.values[i]) === true;

async function entriesOf(run: OpenRun): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of run.journal.entries(waits)) entries.push(entry);
  return entries;
}

const logOf = async (id: string): Promise<FileSystemFileHandle> => (await folder()).getFileHandle(`${id}.log`);

/** A browser lets go of a dead worker's locks a moment later. */
async function onceFree<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await open();
    } catch (thrown) {
      if (tries === 40) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('a run is there again in another tab, once the first has let go of it', async () => {
  using first = await openKeptRuns(waits);
  expect(first.whyNotKept).toBeUndefined();
  const run = await first.begin(header('run-1'), asked);
  for (let col = 0; col < 5; col++) await run.journal.append(entryOf(col), waits);
  await run.setNote({ state: 'paused', failed: [] }, waits);

  const { runs: second, kill } = await tab();
  await expect(second.goOn('run-1', waits)).rejects.toMatchObject({ failure: { tag: 'StorageBusy' } });
  await expect(second.remove('run-1', waits)).rejects.toMatchObject({ failure: { tag: 'StorageBusy' } });
  expect(await second.list(waits)).toMatchObject([
    { header: header('run-1'), state: 'paused', done: undefined, writer: 'elsewhere' },
  ]);
  expect(await first.list(waits)).toMatchObject([{ state: 'paused', done: 5, writer: 'here' }]);

  run[Symbol.dispose]();
  using again = await onceFree(() => second.goOn('run-1', waits));
  const entries = await entriesOf(again);
  expect(entries.map(({ col }) => col)).toEqual([0, 1, 2, 3, 4]);
  expect(entries.every(isWhole)).toBe(true);
  kill();
});

describe('a worker that is killed in the middle of writing', () => {
  test('leaves every patch that was answered for, whole, and a run that was interrupted', async () => {
    for (let round = 0; round < 4; round++) {
      const id = `run-${round}`;
      const { runs, kill } = await tab();
      const run = await runs.begin(header(id), asked);
      const answered: number[] = [];
      const appends = Array.from({ length: 60 }, (_, col) =>
        run.journal.append(entryOf(col), waits).then(
          () => void answered.push(col),
          () => undefined,
        ),
      );
      await Promise.race(appends.slice(round * 8)); // somewhere in the middle
      kill();
      const kept = [...answered];

      using after = await openKeptRuns(waits);
      using again = await onceFree(() => after.goOn(id, waits));
      const entries = await entriesOf(again);
      const cols = entries.map(({ col }) => col);
      for (const col of kept) expect(cols).toContain(col);
      expect(new Set(cols).size).toBe(cols.length);
      expect(entries.every(isWhole)).toBe(true);
      await again.journal.append(entryOf(99), waits);
      again[Symbol.dispose]();
      const listed = (await after.list(waits)).find((one) => one.header.id === id);
      expect(listed).toMatchObject({ state: 'interrupted', done: cols.length + 1 });
    }
  });

  test('by an error inside it is replaced, and nobody notices', async () => {
    const workers: Worker[] = [];
    const tellers: ((message: string) => void)[] = [];
    const spawn = (): Spawned => {
      const worker = new Worker(new URL('../../storage/storage.worker.ts', import.meta.url), { type: 'module' });
      workers.push(worker);
      return { ...spawned(worker), onError: (tell) => void tellers.push(tell) };
    };
    const { storage } = await openStorage({ signal, shelf: 'runs', persist: async () => false, spawn });
    if (!storage) throw new Error('no storage');
    using runs = keptIn(storage, undefined);
    using run = await runs.begin(header('run-1'), asked);
    for (let col = 0; col < 12; col++) {
      const appended = run.journal.append(entryOf(col), waits);
      if (col % 4 === 1) {
        workers.at(-1)?.terminate();
        tellers.at(-1)?.('made to die');
      }
      await appended;
    }
    expect(workers).toHaveLength(4);
    const entries = await entriesOf(run);
    expect(entries.map(({ col }) => col)).toEqual([...Array(12).keys()]);
    expect(entries.every(isWhole)).toBe(true);
  });
});

test('a tail that was torn off is dropped, and the file is cut to what is whole', async () => {
  using runs = await openKeptRuns(waits);
  const run = await runs.begin(header('run-1'), asked);
  for (let col = 0; col < 3; col++) await run.journal.append(entryOf(col), waits);
  run[Symbol.dispose]();
  await onceFree(() => runs.list(waits));
  const whole = (await (await logOf('run-1')).getFile()).size;
  const stream = await onceFree(async () => (await logOf('run-1')).createWritable({ keepExistingData: true }));
  await stream.truncate(whole - 1000);
  await stream.close();
  expect(await runs.list(waits)).toMatchObject([{ done: 2, state: 'interrupted' }]);
  using again = await runs.goOn('run-1', waits);
  const entries = await entriesOf(again);
  expect(entries.map(({ col }) => col)).toEqual([0, 1]);
  expect(entries.every(isWhole)).toBe(true);
  expect((await (await logOf('run-1')).getFile()).size).toBeLessThan(whole - 80_000);
});

test('sees what another tab has written, noted and removed since the last look', async () => {
  const [here, there] = [await tab(), await tab()];
  for (const id of ['run-1', 'run-2', 'run-3', 'run-4']) (await there.runs.begin(header(id), asked))[Symbol.dispose]();
  const look = async (): Promise<unknown[]> => {
    const list = await here.runs.list(waits);
    return list.map((run) => [run.header.id, run.state, run.done]).sort();
  };
  const before = ['run-1', 'run-2', 'run-3', 'run-4'].map((id) => [id, 'interrupted', 0]);
  await expect.poll(look).toEqual(before); // once the other has let go
  expect(await look()).toEqual(before);
  const written = await there.runs.goOn('run-1', waits);
  await written.journal.append(entryOf(0), waits);
  written[Symbol.dispose]();
  const noted = await there.runs.goOn('run-2', waits);
  await noted.setNote({ state: 'done', failed: [] }, waits);
  noted[Symbol.dispose]();
  await there.runs.remove('run-3', waits);
  await expect.poll(look).toEqual([
    ['run-1', 'interrupted', 1],
    ['run-2', 'done', 0],
    ['run-4', 'interrupted', 0],
  ]);
  expect(await here.runs.unreadable(waits)).toEqual([]);
  here.kill();
  there.kill();
});

/** The quota as the browser's own test hook sets it: what estimates tell stays as it was. */
async function withQuota(bytes: number, work: () => Promise<void>): Promise<void> {
  const { origin } = location;
  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes });
  try {
    await work();
  } finally {
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
  }
}

describe('a disk that is full', () => {
  test('is said before the run starts', async () => {
    using runs = await openKeptRuns(waits);
    await withQuota(5e6, async () => {
      await expect(runs.begin(header('run-1'), { signal, neededBytes: 20e6 })).rejects.toMatchObject({
        failure: { tag: 'StorageFull', neededBytes: 20e6 },
      });
      expect(await runs.list(waits)).toEqual([]);
      using run = await runs.begin(header('run-1'), { signal, neededBytes: 2e6 });
      await run.journal.append(entryOf(1), waits);
    });
  });

  test('is said before a run goes on', async () => {
    using runs = await openKeptRuns(waits);
    const begun = await runs.begin(header('run-1'), asked);
    await begun.journal.append(entryOf(0), waits);
    begun[Symbol.dispose]();
    await withQuota(5e6, async () => {
      using run = await runs.goOn('run-1', waits);
      expect(run.records).toBe(1);
      await expect(run.mustFit(20e6, waits)).rejects.toMatchObject({ failure: { tag: 'StorageFull' } });
      await run.mustFit(2e6, waits);
      await run.journal.append(entryOf(1), waits);
      expect((await entriesOf(run)).map(({ col }) => col)).toEqual([0, 1]);
    });
  });

  test('in the middle costs the patches that did not fit, never one that was answered for', async () => {
    using runs = await openKeptRuns(waits);
    await withQuota(2e6, async () => {
      const run = await runs.begin(header('run-1'), { signal, neededBytes: 0 });
      const kept: number[] = [];
      let refused = 0;
      for (let col = 0; col < 100 && refused < 5; col++) {
        try {
          await run.journal.append(entryOf(col), waits);
          kept.push(col);
        } catch (thrown) {
          expect(thrown).toMatchObject({ failure: { tag: 'StorageFull' } });
          refused++;
        }
      }
      expect(Math.min(kept.length, refused)).toBeGreaterThan(3);
      const entries = await entriesOf(run); // what is there can still be read, and exported
      expect(entries.map(({ col }) => col)).toEqual(kept);
      expect(entries.every(isWhole)).toBe(true);
      run[Symbol.dispose]();
      using again = await runs.goOn('run-1', waits);
      expect((await entriesOf(again)).map(({ col }) => col)).toEqual(kept);
    });
    using again = await onceFree(() => runs.goOn('run-1', waits));
    await again.journal.append(entryOf(50), waits); // room again
  });
});

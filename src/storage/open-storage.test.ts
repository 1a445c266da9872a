import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryDisk } from './memory-disk.ts';
import { memoryStorage, openStorage } from './open-storage.ts';
import type { OpenLog, Storage } from './storage.ts';
import { type Fate, mortalWorkers } from './testing/mortal-worker.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const text = (of: string): Bytes => new TextEncoder().encode(of);
const { signal } = new AbortController();
const waits = { signal };
const HEADER = text('what was asked');

beforeEach(() => {
  const storage = {
    getDirectory: () => undefined,
    estimate: async () => ({ quota: 100, usage: 30 }),
    persisted: async () => true,
  };
  vi.stubGlobal('navigator', { storage, locks: {} });
});
afterEach(() => void vi.unstubAllGlobals());

async function contents(log: OpenLog): Promise<string[]> {
  const all: string[] = [];
  for await (const record of log.records(waits)) all.push(new TextDecoder().decode(record));
  return all;
}

/** A storage whose workers meet their fate. */
async function mortal(fate: (call: string) => Fate, answerSeconds = 5) {
  const disk = memoryDisk();
  const workers = mortalWorkers(() => disk, fate);
  const persist = vi.fn(async () => true);
  const { storage, whyNot } = await openStorage({
    signal,
    shelf: 'runs',
    persist,
    spawn: workers.spawn,
    answerSeconds,
  });
  if (!storage) throw new Error(whyNot);
  return { storage, workers, persist, disk };
}

describe('a browser that gives no disk', () => {
  test('says why, as a value', async () => {
    vi.stubGlobal('navigator', {});
    expect(await openStorage({ signal, shelf: 'runs', persist: async () => true })).toEqual({
      storage: undefined,
      whyNot: 'this browser gives the page no files of its own',
    });
  });

  test('refused by the browser: its words', async () => {
    const refuse = async (): Promise<never> => {
      throw new DOMException('Security error in a private window', 'SecurityError');
    };
    const workers = mortalWorkers(
      () => ({ ...memoryDisk(), names: refuse }),
      (call) => (call === 'probe' ? 'dies before' : 'answers'),
    );
    const opened = await openStorage({ signal, shelf: 'runs', persist: async () => true, spawn: workers.spawn });
    expect(opened.whyNot).toBe('the storage worker did not start');
  });
});

describe.each([
  ['on a worker', async (): Promise<Storage> => (await mortal(() => 'answers')).storage],
  ['in memory', async (): Promise<Storage> => memoryStorage()],
])('a log %s', (_, open) => {
  test('keeps header, note and records from one opening to the next', async () => {
    using storage = await open();
    {
      using log = await storage.create('run-1', HEADER, { signal, neededBytes: 10 });
      await log.append(text('patch one'), waits);
      await log.append(text('around'), waits);
      await log.setNote(text('paused'), waits);
      expect(await contents(log)).toEqual(['patch one', 'around']);
    }
    using log = await storage.open('run-1', waits);
    expect([log.header, log.kept, log.damaged]).toEqual([HEADER, 2, 0]);
    expect(await log.note(waits)).toEqual(text('paused'));
    expect(await contents(log)).toEqual(['patch one', 'around']);
    expect(await storage.list(waits)).toMatchObject([
      { name: 'run-1', marks: text('pa'), note: text('paused'), writer: 'here' },
    ]);
  });

  test('disposed is used no more; removed is gone', async () => {
    using storage = await open();
    const log = await storage.create('run-1', HEADER, { signal, neededBytes: 0 });
    log[Symbol.dispose]();
    log[Symbol.dispose]();
    await expect(log.append(text('x'), waits)).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
    await storage.remove('run-1', waits);
    expect(await storage.list(waits)).toEqual([]);
  });

  test('opened twice is busy', async () => {
    using storage = await open();
    using _log = await storage.create('run-1', HEADER, { signal, neededBytes: 0 });
    await expect(storage.open('run-1', waits)).rejects.toMatchObject({ failure: { tag: 'StorageBusy' } });
  });

  test('left while it is opened is not held for anybody', async () => {
    using storage = await open();
    (await storage.create('run-1', HEADER, { signal, neededBytes: 0 }))[Symbol.dispose]();
    const stop = new AbortController();
    const opening = storage.open('run-1', { signal: stop.signal });
    stop.abort(new Error('moved on'));
    await opening.then(
      (log) => log[Symbol.dispose](),
      (thrown) => expect(thrown.message).toBe('moved on'),
    );
    using log = await storage.open('run-1', waits);
    expect(log.kept).toBe(0);
  });
});

test('left while it is made, or opened where it is open already: nothing is there, and nothing is taken away', async () => {
  const { storage } = await mortal(() => 'answers');
  const left = async (open: (signal: AbortSignal) => Promise<OpenLog>): Promise<void> => {
    const stop = new AbortController();
    const opening = open(stop.signal);
    stop.abort(new Error('moved on'));
    await expect(opening).rejects.toThrow('moved on');
  };
  await left((stop) => storage.create('run-1', HEADER, { signal: stop, neededBytes: 0 }));
  expect(await storage.list(waits)).toEqual([]);
  using log = await storage.create('run-1', HEADER, { signal, neededBytes: 0 });
  await left((stop) => storage.create('run-1', HEADER, { signal: stop, neededBytes: 0 }));
  await left((stop) => storage.open('run-1', { signal: stop }));
  await log.append(text('one'), waits);
  expect(await contents(log)).toEqual(['one']);
});

test('the browser is asked once to keep what is stored, and how much room there is', async () => {
  const { storage, persist } = await mortal(() => 'answers');
  expect(await storage.room(waits)).toEqual({ freeBytes: 70, usedBytes: 30, persisted: true });
  expect(persist).toHaveBeenCalledTimes(0);
  for (const name of ['a', 'b']) await storage.create(name, HEADER, { signal, neededBytes: 0 });
  expect(persist).toHaveBeenCalledTimes(1);
});

describe('a worker that dies', () => {
  // EOSIN_SEED=… runs one of them.
  const seeds = process.env.EOSIN_SEED ? [Number(process.env.EOSIN_SEED)] : Array.from({ length: 60 }, (_, i) => i + 1);
  test.each(seeds)('loses nothing that was answered for, and doubles nothing: seed %i', async (seed) => {
    let state = seed;
    const random = (): number => {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
    };
    const mortalCalls = ['append', 'read', 'setNote'];
    let lives = 6;
    const fate = (call: string): Fate => {
      if (!mortalCalls.includes(call) || random() > 0.12 || lives === 0) return 'answers';
      lives--;
      return random() < 0.5 ? 'dies before' : 'dies after';
    };
    const { storage, workers } = await mortal(fate);
    using log = await storage.create('run', HEADER, { signal, neededBytes: 0 });
    const kept: string[] = [];
    for (let step = 0; step < 12; step++) {
      const records = Array.from({ length: 1 + Math.floor(4 * random()) }, (_, i) => `${step}.${i}`);
      const done = await Promise.allSettled(records.map((record) => log.append(text(record), waits)));
      // One call outlives two workers, not three: what then was refused may be told again by whoever asked.
      for (const [i, { status }] of done.entries()) if (status === 'fulfilled') kept.push(records[i] ?? '');
      if (random() < 0.3) await log.setNote(text(`note ${step}`), waits).catch(() => undefined);
    }
    const found = await contents(log);
    expect(new Set(found).size).toBe(found.length);
    for (const record of kept) expect(found).toContain(record);
    expect(workers.spawned()).toBeLessThanOrEqual(7 - lives); // a call may meet its fate in a worker that is dead already
    if (lives < 6) expect(workers.spawned()).toBeGreaterThan(1);
    workers.end();
  });

  test('again and again is told, not tried for ever', async () => {
    const { storage, workers } = await mortal((call) => (call === 'append' ? 'dies before' : 'answers'));
    using log = await storage.create('run', HEADER, { signal, neededBytes: 0 });
    await expect(log.append(text('one'), waits)).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
    expect(workers.spawned()).toBe(3);
    workers.end();
  });

  test('or never answers, is replaced', async () => {
    let hangs = true;
    const { storage, workers } = await mortal((call) => (call === 'append' && hangs ? 'hangs' : 'answers'), 0.05);
    using log = await storage.create('run', HEADER, { signal, neededBytes: 0 });
    const appended = log.append(text('one'), waits);
    await new Promise((resolve) => setTimeout(resolve, 20));
    hangs = false;
    await appended;
    expect(await contents(log)).toEqual(['one']);
    expect(workers.spawned()).toBe(2);
    workers.end();
  });
});

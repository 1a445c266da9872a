import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '#analysis/journal.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import type { KeptRuns, OpenRun, RunHeader, RunNote } from './kept-runs.ts';
import { estimateBytes, keptIn, memoryKeptRuns } from './open-kept-runs.ts';
import { headerFromBytes, headerToBytes, noteFromBytes, noteToBytes } from './run-json.ts';

const { signal } = new AbortController();
const waits = { signal };
const asked = { signal, neededBytes: 1000 };

const headerOf = (id: string, created = 1): RunHeader => ({
  id,
  slide: { fingerprint: 'ab12', name: 'Präparat 7.svs' },
  model: { id: 'cerberus-lite', sha256: 'c0ffee' },
  window: 1024,
  views: 4,
  mpp: { x: mpp(0.25), y: mpp(0.2501) },
  region: { x: 1, y: 2, width: 3, height: 4 },
  device: 'wasm',
  total: 12,
  created,
});

const entryOf = (col: number, around = false): JournalEntry => ({
  col,
  row: 3,
  around,
  nuclei: undefined,
  tissue: { x: 0, y: 0, cellWidth: 8, cellHeight: 8, cols: 1, rows: 1, values: Float32Array.of(col) },
  core: undefined,
});

async function colsOf(run: OpenRun): Promise<number[]> {
  const cols: number[] = [];
  for await (const { col } of run.journal.entries(waits)) cols.push(col);
  return cols;
}

const failed = [{ col: 4, row: 5, attempts: 3, why: 'The tile would not decode.' }];

describe('a run', () => {
  test('begins, is listed as it stands, and goes on where it was left', async () => {
    using runs = memoryKeptRuns('for the test');
    const header = { ...headerOf('run-1'), more: { choice: 'view', models: ['a', null, 2, true] } };
    const run = await runs.begin(header, asked);
    await run.journal.append(entryOf(7), waits);
    await run.journal.append(entryOf(8, true), waits);
    expect(await runs.list(waits)).toEqual([
      { header, state: 'running', done: 1, failed: [], bytes: expect.any(Number), writer: 'here' },
    ]);
    await run.setNote({ state: 'paused', failed }, waits);
    expect(run.note).toEqual({ state: 'paused', failed });
    run[Symbol.dispose]();
    expect(await runs.list(waits)).toMatchObject([{ state: 'paused', done: 1, failed, writer: undefined }]);
    using again = await runs.goOn('run-1', waits);
    expect([again.header, again.note]).toEqual([header, { state: 'paused', failed }]);
    expect(await colsOf(again)).toEqual([7, 8]);
    await again.journal.append(entryOf(9), waits);
    expect(await runs.list(waits)).toMatchObject([{ done: 2, writer: 'here' }]);
  });

  test('that was running, and that nobody runs any more, was interrupted', async () => {
    using runs = memoryKeptRuns('for the test');
    (await runs.begin(headerOf('run-1'), asked))[Symbol.dispose]();
    expect(await runs.list(waits)).toMatchObject([{ state: 'interrupted' }]);
  });

  test('is listed behind those begun after it', async () => {
    using runs = memoryKeptRuns('for the test');
    for (const [id, created] of [
      ['a', 5],
      ['b', 9],
      ['c', 7],
    ] as const)
      await runs.begin(headerOf(id, created), asked);
    expect((await runs.list(waits)).map(({ header }) => header.id)).toEqual(['b', 'c', 'a']);
  });

  test('opened twice is busy, in words; removed, it is not kept any more', async () => {
    using runs: KeptRuns = memoryKeptRuns('for the test');
    using _run = await runs.begin(headerOf('run-1'), asked);
    await expect(runs.goOn('run-1', waits)).rejects.toThrow(
      'Another tab of this browser is writing this run. Go on there, or close that tab first.',
    );
    await runs.remove('run-1', waits);
    expect(await runs.list(waits)).toEqual([]);
    await expect(runs.goOn('run-1', waits)).rejects.toThrow('The run: it is not kept in this browser any more.');
  });

  test('whose header cannot be read is left out of the list, and not opened', async () => {
    const storage = memoryStorage();
    using runs = keptIn(storage, undefined);
    const junk = (text: string) => new TextEncoder().encode(text);
    for (const [name, text] of [
      ['a', '{"schema":2}'],
      ['b', 'no JSON'],
      ['c', '{"schema":1,"id":"c"}'],
    ] as const)
      (await storage.create(name, junk(text), asked))[Symbol.dispose]();
    await runs.begin(headerOf('good'), asked);
    expect((await runs.list(waits)).map(({ header }) => header.id)).toEqual(['good']);
    expect((await runs.unreadable(waits)).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
    expect((await runs.unreadable(waits)).every(({ bytes }) => bytes > 20)).toBe(true);
    await runs.remove('b', waits);
    expect((await runs.unreadable(waits)).map(({ id }) => id).sort()).toEqual(['a', 'c']);
    await expect(runs.goOn('a', waits)).rejects.toThrow('A run that was kept: its header is of version 2.');
    await expect(runs.goOn('a', waits)).rejects.toThrow('its header is of version 2'); // and it is not held
  });
});

test('headers and notes come back as they were', () => {
  const header = { ...headerOf('x'), region: { polygons: [[0, 1.5, -2]], of: null } };
  expect(headerFromBytes(headerToBytes(header))).toEqual(header);
  const written = (more: object) => new TextEncoder().encode(JSON.stringify({ schema: 1, ...header, ...more }));
  expect(headerFromBytes(written({ views: undefined })).views).toBe(1); // begun before there were others
  expect(() => headerFromBytes(written({ views: 3 }))).toThrow('it has 3 views of a patch');
  const note: RunNote = { state: 'cancelled', failed };
  expect(noteFromBytes(noteToBytes(note))).toEqual(note);
});

test('a note that is gone, or damaged, takes nothing away: the run can go on', () => {
  const running = { state: 'running', failed: [] };
  expect(noteFromBytes(undefined)).toEqual(running);
  for (const text of ['', '{', 'null', '{"state":"flying","failed":[]}', '{"state":"done"}'])
    expect(noteFromBytes(new TextEncoder().encode(text))).toEqual(running);
});

test('what a run will take grows with its patches, their area, and the kinds of objects', async () => {
  const { readFileSync } = await import('node:fs');
  const manifest = parsePatchManifest(JSON.parse(readFileSync('public/models/cerberus-lite/model.json', 'utf8')));
  const one = estimateBytes(1, manifest, 1024);
  expect(one).toBeGreaterThan(100_000);
  expect(one).toBeLessThan(200_000);
  expect(estimateBytes(300, manifest, 1024)).toBeCloseTo(300 * one, -3);
  expect(estimateBytes(1, manifest, 512)).toBeLessThan(one / 4);
});

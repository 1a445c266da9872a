import { expect, test } from 'vitest';
import type { RunSummary } from '../runs/runs-api.ts';
import { actionsOf, byReason, gapSentence, problemWords, progressWords, stateWords } from './run-words.ts';

const core = { x: 0, y: 0, width: 1000, height: 1000 };
const failed = [
  { core, why: 'The tile is cut short.' },
  { core, why: 'The host went away.' },
  { core, why: 'The host went away.' },
];
const run: RunSummary = {
  id: 'a',
  slide: 'larynx.svs',
  onOpenSlide: true,
  canOpen: true,
  state: 'done',
  region: 'tissue',
  model: { id: 'cerberus-lite', sha256: '00' },
  asked: undefined,
  views: 1,
  created: 0,
  done: 1036,
  total: 1036,
  failed: [],
  problem: undefined,
  kept: 'on disk',
  bytes: 0,
  shown: false,
  isLeft: false,
  together: undefined,
};
const labels = (of: Partial<RunSummary>): string[] => actionsOf({ ...run, ...of }).map(({ label }) => label);

test('what a state offers', () => {
  expect(labels({ state: 'running' })).toEqual(['Pause', 'Cancel']);
  expect(labels({ state: 'queued' })).toEqual(['Take out']);
  expect(labels({ state: 'running', together: 'a' })).toEqual(['Pause all', 'Cancel all']);
  expect(labels({ state: 'queued', together: 'a' })).toEqual(['Take all out']);
  expect(labels({})).toEqual(['Show', 'Remove']);
  expect(labels({ shown: true })).toEqual(['Remove']);
  expect(labels({ shown: true, failed })).toEqual(['Retry 3', 'Remove']);
  for (const state of ['paused', 'interrupted', 'cancelled'] as const)
    expect(labels({ state, failed, done: 3 })).toEqual(['Resume', 'Remove']); // nothing found yet, nothing to show
  expect(labels({ state: 'paused', done: 412 })).toEqual(['Resume', 'Show', 'Remove']);
});

test('a run whose slide is closed says what to open first, and is not shown', () => {
  const closed = { ...run, state: 'interrupted', onOpenSlide: false, canOpen: false } as const;
  expect(actionsOf(closed)).toEqual([
    { action: 'resume', label: 'Resume', whyNot: 'Open larynx.svs first' },
    { action: 'remove', label: 'Remove', whyNot: undefined },
  ]);
  expect(problemWords(closed)).toBe('Open larynx.svs to go on.');
  expect(actionsOf({ ...closed, canOpen: true })[0]?.whyNot).toBeUndefined();
});

test('states and progress in words', () => {
  expect(stateWords(run)).toEqual({ tone: 'good', text: 'Done' });
  expect(stateWords({ ...run, failed })).toEqual({ tone: 'warn', text: 'Done, with gaps' });
  expect(stateWords({ ...run, state: 'interrupted' }).text).toBe('Interrupted');
  expect(stateWords({ ...run, state: 'interrupted', problem: { tag: 'NoGpu', reason: 'x' } }).text).toBe('Stopped');
  expect(progressWords(run)).toBe('1,036 patches');
  expect(progressWords({ state: 'interrupted', done: 412, total: 1036 })).toBe('412 of 1,036 patches');
  expect(progressWords({ state: 'queued', done: 0, total: 0 })).toBe('not planned yet');
});

test('what was not computed, by reason and by area', () => {
  expect(byReason(failed).map(({ why, patches }) => [why, patches.length])).toEqual([
    ['The host went away.', 2],
    ['The tile is cut short.', 1],
  ]);
  const tiles = [4, 4, 11].map((row) => ({ core, why: `The tile in row ${row} would not decode.` }));
  expect(byReason([...tiles, ...failed.slice(0, 1)])).toEqual([
    { why: 'The tile in row 4 would not decode.', isOneOfMany: true, patches: tiles },
    { why: 'The tile is cut short.', isOneOfMany: false, patches: failed.slice(0, 1) },
  ]);
  expect(gapSentence(failed.slice(0, 2), undefined)).toBe('2 patches were not computed. Counts leave that area out.');
  expect(gapSentence(failed.slice(0, 1), 0.25)).toBe('1 patch was not computed. Counts leave out at most 0.25 mm².');
});

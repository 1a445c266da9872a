import { expect, test } from 'vitest';
import { merged, mustBeWhole } from '../bench/reference.mjs';
import { speedOf } from './figures.mjs';

const here = { cpu: 'A', cores: 2, memoryGiB: 24, browser: 'Chromium 1', node: '20' };
const there = { ...here, cpu: 'B' };
const row = (what: string, part: string | undefined, ours = '1 ms') => ({
  what,
  ...(part !== undefined && { part }),
  ours,
  beside: '',
  note: 'n',
});
const ORDER = ['decode', 'inference', 'memory'];

test('a run of one part replaces its rows and leaves the others, with when and where they were measured', () => {
  const before = {
    machine: here,
    date: '2026-11-01',
    table: [row('tiles', 'decode'), row('old name', 'inference'), row('pipeline', 'inference'), row('tab', 'memory')],
  };
  const told = { machine: here, date: '2026-11-02', table: [row('pipeline', 'inference', '2 ms')] };
  const now = merged(before, told, ['inference'], ORDER);
  const measured = { date: '2026-11-01' };
  expect(now.table).toEqual([
    { ...row('tiles', 'decode'), measured },
    row('pipeline', 'inference', '2 ms'),
    { ...row('tab', 'memory'), measured },
  ]);
  const later = merged(now, { machine: there, date: '2026-11-03', table: [row('tiles', 'decode')] }, ['decode'], ORDER);
  expect(later.table.map((each) => each.measured?.date)).toEqual([undefined, '2026-11-02', '2026-11-01']);
  const said = speedOf(later).split('\n');
  expect(said[0]).toContain('Measured 2026-11-03 on 2 cores of B');
  expect(said.find((line) => line.includes('| tiles |'))).toMatch(/\| n \|$/);
  expect(said.find((line) => line.includes('| pipeline |'))).toMatch(
    /n; measured 2026-11-02 on 2 cores of A, 24 GiB, Chromium 1 \|$/,
  );
  const sameMachine = speedOf(now).split('\n');
  expect(sameMachine.find((line) => line.includes('| tab |'))).toMatch(/n; measured 2026-11-01 \|$/);
});

test('a run of all parts keeps nothing of before, and a first one needs nothing', () => {
  const told = { machine: here, date: '2026-11-02', table: [row('tab', 'memory'), row('tiles', 'decode')] };
  const gone = { machine: there, date: '2026-11-01', table: [row('gone', 'decode'), row('tab', undefined)] };
  for (const before of [undefined, gone])
    expect(merged(before, told, ORDER, ORDER).table.map(({ what }) => what)).toEqual(['tiles', 'tab']);
});

test('a part that is left out is said, and nothing is written', () => {
  mustBeWhole([]);
  expect(() => mustBeWhole(['Tile decoding is left out: no slides.'])).toThrow(/left as it was.*Tile decoding/);
});

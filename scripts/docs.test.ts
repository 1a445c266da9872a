// Tests that the documents name are there: a table that says what is shown stays true.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project.mjs';

const ROW = /\| `([^`]+\.(?:test|spec|browser)\.ts)`: (.+) \|$/gm;

test.each([
  ['docs/runs.md', 50],
  ['docs/objects.md', 60],
  ['docs/formats.md', 50],
])('every test that %s names is in the file it names', (document, least) => {
  const named = [...readFileSync(join(root, document), 'utf8').matchAll(ROW)];
  expect(named.length).toBeGreaterThan(least);
  const missing = named.flatMap(([, file = '', name = '']) =>
    readFileSync(join(root, file), 'utf8').includes(name) ? [] : [`${file}: ${name}`],
  );
  expect(missing).toEqual([]);
});

const BENCH = /\| `npm run bench`: (.+) \|$/gm;

test('every row of the benchmark that docs/formats.md names is in the table of the README', () => {
  const named = [...readFileSync(join(root, 'docs/formats.md'), 'utf8').matchAll(BENCH)];
  expect(named.length).toBeGreaterThan(5);
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(named.flatMap(([, row]) => (readme.includes(`| ${row} |`) ? [] : [row]))).toEqual([]);
});

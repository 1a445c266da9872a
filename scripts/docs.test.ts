// Tests that the documents name are there: a table that says what is shown stays true.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project.mjs';

const ROW = /\| `([^`]+\.(?:test|spec|browser)\.ts)`: (.+) \|$/gm;

test('every test that docs/runs.md names is in the file it names', () => {
  const named = [...readFileSync(join(root, 'docs/runs.md'), 'utf8').matchAll(ROW)];
  expect(named.length).toBeGreaterThan(50);
  const missing = named.flatMap(([, file = '', name = '']) =>
    readFileSync(join(root, file), 'utf8').includes(name) ? [] : [`${file}: ${name}`],
  );
  expect(missing).toEqual([]);
});

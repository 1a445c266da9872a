// Tests that the documents name are there: a table that says what is shown stays true.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project.mjs';

const ROW = /\| `([^`]+\.(?:test|spec|browser)\.ts)`: (.+) \|$/gm;

test.each([
  ['docs/runs.md', 50],
  ['docs/objects.md', 60],
])('every test that %s names is in the file it names', (document, least) => {
  const named = [...readFileSync(join(root, document), 'utf8').matchAll(ROW)];
  expect(named.length).toBeGreaterThan(least);
  const missing = named.flatMap(([, file = '', name = '']) =>
    readFileSync(join(root, file), 'utf8').includes(name) ? [] : [`${file}: ${name}`],
  );
  expect(missing).toEqual([]);
});

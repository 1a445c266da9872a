import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBuilt, isInstalled, sourcesHash, stampBuild } from './project.mjs';

let folder: string;
const write = (path: string, content: unknown) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eosin-project-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const react = { version: '19.3.1', integrity: 'sha512-a' };
const other = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const lock = (packages: object) => write('package-lock.json', { packages: { '': { name: 'eosin' }, ...packages } });
const installed = (packages: object) => write('node_modules/.package-lock.json', { packages });

test('packages are those of the lock, or npm ci is due', () => {
  lock({ 'node_modules/react': react, 'node_modules/other-platform': other });
  expect(isInstalled(folder)).toBe(false); // no node_modules
  installed({ 'node_modules/react': react });
  expect(isInstalled(folder)).toBe(true); // an optional package may be absent
  installed({ 'node_modules/react': { ...react, version: '19.3.0' } });
  expect(isInstalled(folder)).toBe(false);
  installed({ 'node_modules/react': react, 'node_modules/gone': other });
  expect(isInstalled(folder)).toBe(false);
  installed({});
  expect(isInstalled(folder)).toBe(false);
});

test('the build is of these sources, or building is due', () => {
  write('index.html', 'page');
  write('src/main.ts', 'one');
  write('public/models/index.json', '[]');
  expect(isBuilt(folder)).toBe(false);
  write('dist/index.html', 'built');
  expect(isBuilt(folder)).toBe(false); // built by somebody who did not say from what
  stampBuild(sourcesHash(folder), folder);
  expect(isBuilt(folder)).toBe(true);
  write('src/main.test.ts', 'a test is no source');
  expect(isBuilt(folder)).toBe(true);
  write('src/main.ts', 'two');
  expect(isBuilt(folder)).toBe(false);
  stampBuild(sourcesHash(folder), folder);
  write('dist/index.html', 'built by another');
  expect(isBuilt(folder)).toBe(false);
});

test('a file that moved is another source', () => {
  write('src/a.ts', 'x');
  const before = sourcesHash(folder);
  rmSync(join(folder, 'src/a.ts'));
  write('src/b.ts', 'x');
  expect(sourcesHash(folder)).not.toBe(before);
});

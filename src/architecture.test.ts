import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

// The table under "Rooms" in DESIGN.md as code: the only rooms a room may import besides itself. What came since: wasm/ (an
// assembler, for the kernels of slide, inference and learn), checksum/ (of what is stored, and of what is packed), and
// objects → channel (its files are read and written in a worker).
const MAY_IMPORT: Record<string, readonly string[]> = {
  units: [],
  errors: [],
  wasm: [],
  checksum: [],
  channel: ['errors'],
  gpu: ['errors'],
  stain: ['errors'],
  objects: ['units', 'errors', 'channel', 'stain', 'checksum'],
  slide: ['units', 'errors', 'channel', 'wasm'],
  phantom: ['units', 'errors', 'channel', 'slide', 'objects', 'stain'],
  inference: ['errors', 'channel', 'gpu', 'stain', 'wasm'],
  storage: ['errors', 'channel', 'checksum'],
  analysis: ['units', 'errors', 'channel', 'slide', 'inference', 'objects'],
  learn: ['units', 'errors', 'channel', 'inference', 'objects', 'wasm'],
  review: ['units', 'errors', 'objects'],
  viewer: ['units', 'errors', 'channel', 'gpu', 'slide', 'objects', 'stain'],
};
const ROOMS = Object.keys(MAY_IMPORT);
const root = resolve(import.meta.dirname);

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesUnder(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

const roomOf = (path: string): string => relative(root, path).split('/')[0] ?? '';

/** Rooms a file imports, by `#room/…` or by a relative path; packages are not looked at. */
function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g);
  const urls = text.matchAll(/new URL\(\s*['"]([^'"]+)['"]/g);
  return [...found, ...urls].flatMap(([, spec = '']) => {
    if (spec.startsWith('#')) return [spec.slice(1).split('/')[0] ?? ''];
    if (spec.startsWith('.')) return [roomOf(resolve(dirname(path), spec))];
    return [];
  });
}

// Tests may reach across rooms for oracles; command-line entry points (*.node.ts) belong to the app.
const isProduct = (path: string): boolean => !/\.(test|browser|node)\.tsx?$/.test(path) && roomOf(path) in MAY_IMPORT;

describe('rooms import only what DESIGN.md allows', () => {
  const product = filesUnder(root).filter(isProduct);
  test('there is something to check', () => expect(product.length).toBeGreaterThan(10));
  for (const path of product) {
    test(relative(root, path), () => {
      const allowed = [roomOf(path), ...(MAY_IMPORT[roomOf(path)] ?? [])];
      for (const room of importsOf(path)) expect(allowed).toContain(room);
    });
  }
  test('every folder is a room, or the app', () => {
    const folders = readdirSync(root).filter((name) => statSync(join(root, name)).isDirectory());
    for (const folder of folders) expect([...ROOMS, 'app']).toContain(folder);
  });
});

test('parts of the window come by lazy.ts, which waits for a network that is down', () => {
  const once = filesUnder(join(root, 'app')).filter((path) =>
    /import \{[^}]*\blazy\b[^}]*\} from 'react'/.test(readFileSync(path, 'utf8')),
  );
  expect(once.map((path) => relative(root, path))).toEqual(['app/lazy.ts']);
});

test('only the viewer asks for pictures before it is known that they are whole', () => {
  const asking = filesUnder(root)
    .filter((path) => !/\.(test|browser)\.tsx?$/.test(path) && /\bonLook\b/.test(readFileSync(path, 'utf8')))
    .map((path) => relative(root, path));
  expect(asking.filter((path) => !path.startsWith('slide/'))).toEqual(['viewer/tile-source.ts']);
});

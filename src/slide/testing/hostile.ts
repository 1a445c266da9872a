// The inputs that ../shared/hostile/make.py writes, made anew for every test file that asks.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, test } from 'vitest';

const MAKE = resolve(import.meta.dirname, '../../../../shared/hostile/make.py');

export interface HostileCase {
  readonly file: string; // its path in the folder
  readonly what: string;
  readonly expect: 'error' | 'opens' | 'opens with gaps';
}

/** Which test tries a case, by its path; each is one of them. */
export const HOSTILE = {
  slide: /\.(svs|tif|dcm|dzi)$|\.ome\.zarr\//,
  objects: /\.(geojson|json)$/,
  model: /\.onnx$/,
} as const;

/** No cases where ../shared is not there; in CI it is, or the tests fail. */
export function hostile(): { readonly folder: string; readonly cases: readonly HostileCase[] } {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  if (!existsSync(MAKE)) return { folder, cases: [] };
  const made = spawnSync('python3', [MAKE, folder], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return { folder, cases: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) };
}

/** Skipped by name where ../shared is not there, but for CI. */
export const hostileTest = test.skipIf(!existsSync(MAKE) && process.env.CI !== 'true');

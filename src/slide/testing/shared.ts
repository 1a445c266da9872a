// Slides that are too large or not ours to commit lie beside the checkout. Tests that need one name it.
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../../shared/slides');

export const sharedPath = (name: string): string => resolve(ROOT, name);

/** The file, named as on disk. */
export const sharedFile = (name: string): File => new File([readFileSync(sharedPath(name))], basename(name));

/** A test on a shared slide: skipped by name where it is absent, failed there in CI. */
export function testOn(name: string, title: string, run: (file: File) => Promise<void>): void {
  const absent = !existsSync(sharedPath(name));
  test.skipIf(absent && process.env.CI !== 'true')(`${title} [${name}]`, () => run(sharedFile(name)));
}

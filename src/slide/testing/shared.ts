// Slides that are too large or not ours to commit lie beside the checkout. Tests that need one name it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../../shared/slides');

export const sharedPath = (name: string): string => resolve(ROOT, name);

/** The file, named as on disk. */
export const sharedFile = (name: string): File => new File([readFileSync(sharedPath(name))], basename(name));

/** All files of a folder, as a browser gives those of one that was picked. */
export function sharedFiles(name: string): File[] {
  const root = sharedPath(name);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return paths.map(({ parentPath, name: own }) => {
    const file = new File([readFileSync(resolve(parentPath, own))], own);
    const value = `${basename(root)}/${relative(root, resolve(parentPath, own))}`;
    return Object.defineProperty(file, 'webkitRelativePath', { value, configurable: true });
  });
}

/** A test on a shared slide, or a folder (then the file is empty): skipped by name where it is absent, failed there in CI. */
export function testOn(name: string, title: string, run: (file: File) => Promise<void>, timeoutMs?: number): void {
  const path = sharedPath(name);
  const absent = !existsSync(path);
  const file = (): File => (statSync(path).isDirectory() ? new File([], basename(name)) : sharedFile(name));
  test.skipIf(absent && process.env.CI !== 'true')(`${title} [${name}]`, () => run(file()), timeoutMs);
}

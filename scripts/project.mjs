// What state the checkout is in: whether its packages are those of the lock, and whether the build is of these sources.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * True where node_modules holds what package-lock.json says: npm writes down what it installed when it has finished, so
 * an install cut short counts as none. Optional packages of other platforms may be absent.
 */
export function isInstalled(folder = root) {
  const written = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const installed = packagesOf(written);
  const { '': _project, ...wanted } = packagesOf(join(folder, 'package-lock.json'));
  const agree = Object.entries(wanted).every(([path, entry]) => {
    const there = installed[path];
    return there ? there.version === entry.version && there.integrity === entry.integrity : Boolean(entry.optional);
  });
  return agree && Object.keys(installed).every((path) => path in wanted);
}

const SOURCES = [
  'LICENSE',
  'NOTICE',
  'THIRD_PARTY.md',
  'index.html',
  'package.json',
  'package-lock.json',
  'public',
  'src',
  'tsconfig.app.json',
  'tsconfig.base.json',
  'tsconfig.worker.json',
  'vite.config.ts',
];

const filesUnder = (path) =>
  readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));

/** SHA-256 over the names and bytes of all that goes into a build; tests do not. */
export function sourcesHash(folder = root) {
  const hash = createHash('sha256');
  const files = SOURCES.map((name) => join(folder, name)).flatMap((path) => {
    if (!existsSync(path)) return [];
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
  for (const file of files.filter((path) => !/\.(test|browser)\.tsx?$/.test(path))) {
    const bytes = readFileSync(file);
    hash.update(`${relative(folder, file).replaceAll('\\', '/')}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

const stampPath = (folder) => join(folder, '.cache', 'build.json');
/** index.html names every other file by its hash, so its own hash stands for the whole build. */
const builtHash = (folder) => {
  const page = join(folder, 'dist', 'index.html');
  return existsSync(page) ? createHash('sha256').update(readFileSync(page)).digest('hex') : undefined;
};

/** True where dist was built from the sources as they are, by whoever called `stampBuild` after it. */
export function isBuilt(folder = root) {
  const built = builtHash(folder);
  if (!built || !existsSync(stampPath(folder))) return false;
  const stamp = JSON.parse(readFileSync(stampPath(folder), 'utf8'));
  return stamp.built === built && stamp.sources === sourcesHash(folder);
}

/** Notes that dist is the build of `sources`, a hash taken before building: what changed meanwhile builds again. */
export function stampBuild(sources, folder = root) {
  mkdirSync(dirname(stampPath(folder)), { recursive: true });
  writeFileSync(stampPath(folder), JSON.stringify({ sources, built: builtHash(folder) }));
}

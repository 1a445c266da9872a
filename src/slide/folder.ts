// Files that belong together: several that were picked or dropped, a folder on the disk, the neighbours of an address.

import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, openBlobSource } from './byte-source.ts';
import { joined } from './joined.ts';
import { type Fetch, openUrlSource, type UrlOptions } from './url-source.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Folder {
  readonly name: string;
  /** Paths of the files, relative and sorted, at most 20,000; undefined where nobody can list them (an address). */
  list(waits: Waits): Promise<readonly string[] | undefined>;
  /** A file to be read in parts; undefined where there is none. */
  open(path: string, waits: Waits): Promise<ByteSource | undefined>;
  /** A small file as a whole; undefined where there is none. More than `most` bytes are damage. */
  read(path: string, most: number, waits: Waits): Promise<Bytes | undefined>;
}

const MOST_PATHS = 20_000;

/** Paths in files are not ours: one that leaves the folder, or is none, finds nothing. */
function partsOf(path: string): string[] | undefined {
  const parts = path.split('/');
  const odd = (part: string): boolean => part === '' || part === '.' || part === '..' || part.includes('\\');
  return parts.some(odd) ? undefined : parts;
}

async function wholeBlob(blob: Blob, name: string, most: number, { signal }: Waits): Promise<Bytes> {
  if (blob.size > most) throw tooLarge(name, blob.size);
  signal.throwIfAborted();
  try {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    signal.throwIfAborted();
    return bytes;
  } catch (thrown) {
    signal.throwIfAborted();
    throw new EosinError({ tag: 'SlideChanged', name }, { cause: thrown });
  }
}

const tooLarge = (name: string, size: number): EosinError =>
  new EosinError({ tag: 'CorruptSlide', name, reason: `${name} has ${size} bytes, far more than it should` });

/** Files as an input element or a drop gives them; those of a picked folder know their path. */
export function folderOfFiles(files: readonly File[]): Folder {
  const pathOf = (file: File): string => ('webkitRelativePath' in file && file.webkitRelativePath) || file.name;
  const tops = new Set(files.map((file) => pathOf(file).split('/')[0]));
  const [top] = tops;
  const inOne = tops.size === 1 && files.every((file) => pathOf(file).includes('/'));
  const byPath = new Map(files.map((file) => [inOne ? pathOf(file).replace(/^[^/]*\//, '') : pathOf(file), file]));
  return {
    name: inOne && top ? top : (files[0]?.name ?? 'The folder'),
    list: async () => [...byPath.keys()].sort().slice(0, MOST_PATHS),
    async open(path, waits) {
      const file = byPath.get(path);
      return file && openBlobSource(file, waits);
    },
    async read(path, most, waits) {
      const file = byPath.get(path);
      return file && wholeBlob(file, path, most, waits);
    },
  };
}

/** A folder that the user let the page read. */
export function folderOfHandle(handle: FileSystemDirectoryHandle): Folder {
  const within = new Map<string, Promise<FileSystemDirectoryHandle>>(); // folders by their paths: a tile's is asked for often
  const folderAt = (parts: readonly string[]): Promise<FileSystemDirectoryHandle> => {
    const last = parts.at(-1);
    if (last === undefined) return Promise.resolve(handle);
    const path = parts.join('/');
    const known = within.get(path) ?? folderAt(parts.slice(0, -1)).then((above) => above.getDirectoryHandle(last));
    within.set(path, known);
    known.catch(() => within.delete(path));
    return known;
  };
  const fileAt = async (path: string, { signal }: Waits): Promise<File | undefined> => {
    const parts = partsOf(path);
    const last = parts?.pop();
    if (!parts || last === undefined) return undefined;
    try {
      const file = await (await (await folderAt(parts)).getFileHandle(last)).getFile();
      signal.throwIfAborted();
      return file;
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof TypeError) return undefined; // no name that a file of this system can have
      if (thrown instanceof DOMException && (thrown.name === 'NotFoundError' || thrown.name === 'TypeMismatchError'))
        return undefined;
      throw new EosinError({ tag: 'SlideChanged', name: handle.name }, { cause: thrown });
    }
  };
  return {
    name: handle.name,
    async list({ signal }) {
      const found: string[] = [];
      const walk = async (folder: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
        for await (const entry of folder.values()) {
          signal.throwIfAborted();
          if (found.length >= MOST_PATHS) return;
          if (entry.kind === 'file') found.push(`${prefix}${entry.name}`);
          else await walk(entry, `${prefix}${entry.name}/`);
        }
      };
      await walk(handle, '');
      return found.sort();
    },
    async open(path, waits) {
      const file = await fileAt(path, waits);
      return file && openBlobSource(file, waits);
    },
    async read(path, most, waits) {
      const file = await fileAt(path, waits);
      return file && wholeBlob(file, path, most, waits);
    },
  };
}

const ABSENT = new Set([403, 404, 410]); // stores that hide their listing answer 403 for what is not there

/**
 * What lies below an address.
 * @param base ends with a slash; a query is asked for with every file (signed addresses)
 */
export function folderOfUrl(base: string, options: UrlOptions): Folder {
  const fetch: Fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const [stem = base, query] = base.split('?', 2);
  const addressOf = (path: string): string | undefined => {
    const parts = partsOf(path);
    return parts && `${stem}${parts.map(encodeURIComponent).join('/')}${query === undefined ? '' : `?${query}`}`;
  };
  return {
    name: decodedName(stem),
    list: async () => undefined,
    async open(path, waits) {
      const url = addressOf(path);
      if (url === undefined) return undefined;
      try {
        return await openUrlSource(url, waits, options);
      } catch (thrown) {
        if (thrown instanceof EosinError && thrown.failure.tag === 'NotFound' && ABSENT.has(thrown.failure.status))
          return undefined;
        throw thrown;
      }
    },
    async read(path, most, { signal }) {
      const url = addressOf(path);
      if (url === undefined) return undefined;
      const unreachable = (reason: string, cause?: unknown) =>
        new EosinError({ tag: 'Unreachable', url, reason }, { cause });
      try {
        const response = await fetch(url, { signal });
        if (!response.ok) {
          await response.body?.cancel();
          if (ABSENT.has(response.status)) return undefined;
          throw new EosinError({ tag: 'NotFound', url, status: response.status });
        }
        return await bodyWithin(response, path, most);
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof EosinError) throw thrown;
        throw unreachable(thrown instanceof Error ? thrown.message : 'the network failed', thrown);
      }
    },
  };
}

async function bodyWithin(response: Response, name: string, most: number): Promise<Bytes> {
  const announced = Number(response.headers.get('Content-Length') ?? 0);
  if (announced > most) {
    await response.body?.cancel();
    throw tooLarge(name, announced);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.byteLength;
    if (length <= most) continue;
    await reader.cancel();
    throw tooLarge(name, length);
  }
  return joined(parts);
}

function decodedName(stem: string): string {
  const last = stem.split('/').findLast((part) => part !== '') ?? stem;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a stray per cent sign: shown as it is
  }
}

/** The part of a folder below `prefix`, which is empty or ends with a slash. */
export function within(folder: Folder, prefix: string): Folder {
  if (prefix === '') return folder;
  return {
    name: prefix.split('/').at(-2) ?? folder.name,
    async list(waits) {
      const paths = await folder.list(waits);
      return paths?.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
    },
    open: (path, waits) => folder.open(`${prefix}${path}`, waits),
    read: (path, most, waits) => folder.read(`${prefix}${path}`, most, waits),
  };
}

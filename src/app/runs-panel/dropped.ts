// What was dropped on the page: as handles where the browser gives them, else as files, folders walked.
import type { PathedFile } from '../learn/picture-folders.ts';
import type { SlideSources } from '../runs/runs-api.ts';

const MOST_FILES = 10_000; // a folder that holds more was not meant

export interface Dropped {
  readonly files: readonly File[];
  readonly folders: readonly FileSystemEntry[]; //  empty where files alone were dropped
  readonly handles: Promise<readonly PromiseSettledResult<unknown>[]>; // of each, where the browser gives them
}

export async function slidesOf({ files, folders, handles }: Dropped): Promise<SlideSources> {
  const asked = await handles;
  const held = asked.flatMap((one) => (one.status === 'fulfilled' && isHandle(one.value) ? [one.value] : []));
  if (held.length > 0 && held.length === asked.length) return held;
  return folders.length > 0 ? filesOf(folders) : files;
}

const isHandle = (of: unknown): of is FileSystemFileHandle | FileSystemDirectoryHandle =>
  of instanceof FileSystemFileHandle || of instanceof FileSystemDirectoryHandle;

export const filesOf = async (entries: readonly FileSystemEntry[]): Promise<File[]> =>
  (await pathedFilesOf(entries)).map(({ file }) => file);

/** A walk ends at MOST_FILES; what cannot be read is left out, as the file dialog does. */
export async function pathedFilesOf(entries: readonly FileSystemEntry[]): Promise<PathedFile[]> {
  const files: PathedFile[] = [];
  const waiting = [...entries];
  while (waiting.length > 0 && files.length < MOST_FILES) {
    const entry = waiting.shift();
    if (isFile(entry)) {
      const file = await new Promise<File | undefined>((resolve) => entry.file(resolve, () => resolve(undefined)));
      if (file) files.push({ file: pathed(file, entry.fullPath), path: entry.fullPath });
    } else if (isFolder(entry)) {
      waiting.push(...(await entriesOf(entry)));
    }
  }
  return files;
}

/** A file of a dropped folder knows its path as one of a picked folder does. */
const pathed = (file: File, fullPath: string): File =>
  Object.defineProperty(file, 'webkitRelativePath', { value: fullPath.replace(/^\//, '') });

const isFile = (entry: FileSystemEntry | undefined): entry is FileSystemFileEntry => entry?.isFile === true;
const isFolder = (entry: FileSystemEntry | undefined): entry is FileSystemDirectoryEntry => entry?.isDirectory === true;

/** A reader gives a part at a time (Chromium: 100), and nothing once it is through. By name, so that every drop queues alike. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  while (true) {
    const part = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (part.length === 0) return found.sort((a, b) => a.name.localeCompare(b.name));
    found.push(...part);
  }
}

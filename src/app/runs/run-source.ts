// Where the slide of a run comes from, and the way back to it: an address, a file, or a file that outlives the tab.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { nameOf } from '../slide-session.ts';

/** A file by which the browser finds it again after a reload: as much of its FileSystemFileHandle as a run needs. */
export interface SlideHandle {
  readonly name: string;
  getFile(): Promise<File>;
}

/** What was picked or dropped: allowed once, the browser asks the user anew after a reload. */
export interface HeldFile {
  readonly handle: SlideHandle;
  readonly folder: object | undefined; // it was picked with: allowing the folder allows all files in it
}

export type RunSource = string | Blob | HeldFile;

interface Asking {
  queryPermission(options: { mode: 'read' }): Promise<PermissionState>;
  requestPermission(options: { mode: 'read' }): Promise<PermissionState>;
}

/** Chromium's handles; others do not ask. */
const asks = (handle: object): handle is Asking => 'queryPermission' in handle && 'requestPermission' in handle;

const READ = { mode: 'read' } as const;

export const isHeld = (source: RunSource): source is HeldFile =>
  typeof source !== 'string' && !(source instanceof Blob);

export const nameOfSource = (source: RunSource): string => (isHeld(source) ? source.handle.name : nameOf(source));

/** Whether the page may read it now. */
export async function isAllowed(source: RunSource): Promise<boolean> {
  if (!isHeld(source)) return true;
  const states = await Promise.all(
    [source.handle, source.folder].map((handle) => handle && asks(handle) && handle.queryPermission(READ)),
  );
  return states[0] === false || states.includes('granted'); // false: nobody is asked
}

/**
 * Asks the user where the browser wants that: call it from a click. A folder is asked for once for all its files.
 * @throws EosinError BadInput where the user, or the browser, does not allow it
 */
export async function allowed(source: RunSource): Promise<void> {
  if (!isHeld(source) || (await isAllowed(source))) return;
  for (const handle of [source.folder, source.handle]) {
    if (handle && asks(handle) && (await granted(handle)) && (await isAllowed(source))) return;
  }
  throw notAllowed(source.handle.name);
}

async function granted(handle: Asking): Promise<boolean> {
  try {
    return (await handle.requestPermission(READ)) === 'granted';
  } catch (thrown) {
    if (thrown instanceof DOMException) return false; // asked without a click
    throw thrown;
  }
}

/** What a slide is opened from. @throws EosinError BadInput where the file is gone, or may not be read */
export async function opensFrom(source: RunSource, { signal }: Waits): Promise<string | Blob> {
  if (!isHeld(source)) return source;
  try {
    const file = await source.handle.getFile();
    signal.throwIfAborted();
    return file;
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof DOMException)) throw thrown;
    const { name } = source.handle;
    if (thrown.name === 'NotAllowedError') throw notAllowed(name, thrown);
    const seen = 'it is not where it was picked: moved, renamed or removed';
    throw new EosinError({ tag: 'BadInput', what: name, seen, todo: 'Add it again.' }, { cause: thrown });
  }
}

const notAllowed = (what: string, cause?: unknown): EosinError => {
  const seen = 'the browser does not let this page read it any more';
  return new EosinError({ tag: 'BadInput', what, seen, todo: 'Resume it and allow that, or add it again.' }, { cause });
};

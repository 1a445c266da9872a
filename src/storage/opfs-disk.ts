// The origin-private file system, in a worker: synchronous handles for logs, whole files for notes, Web Locks for who writes.
import type { Disk } from './disk.ts';
import type { Shelf } from './storage.ts';

const FOLDER = 'eosin';
const LOG = '.log';
const NOTE = '.note';
// A handle is let go of a moment after the worker that held it has ended, and its lock sometimes before.
const HANDLE_TRIES = 20;
const HANDLE_PAUSE_MS = 50;

/** @throws what the browser says where it gives no such disk: private windows, settings, an old version */
export async function opfsDisk(shelf: Shelf): Promise<Disk> {
  const { prototype } = FileSystemFileHandle;
  if (!('createSyncAccessHandle' in prototype && 'createWritable' in prototype))
    throw new Error('it cannot write such files yet');
  let folder = await navigator.storage.getDirectory();
  for (const name of [FOLDER, shelf]) folder = await folder.getDirectoryHandle(name, { create: true });

  const lockOf = (name: string): string => `eosin.log.${shelf}.${name}`;
  const file = async (name: string, create: boolean): Promise<FileSystemFileHandle | undefined> => {
    try {
      return await folder.getFileHandle(name, { create });
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'NotFoundError') return undefined;
      throw thrown;
    }
  };

  return {
    async names() {
      const names: string[] = [];
      for await (const name of folder.keys()) if (name.endsWith(LOG)) names.push(name.slice(0, -LOG.length));
      return names;
    },
    open: async (name, { create }) => {
      const handle = await file(name + LOG, create);
      return handle && alone(handle);
    },
    async start(name, length) {
      const snapshot = await (await file(name + LOG, false))?.getFile();
      if (!snapshot) return { bytes: new Uint8Array(0), size: 0 };
      return { bytes: new Uint8Array(await snapshot.slice(0, length).arrayBuffer()), size: snapshot.size };
    },
    async note(name) {
      const snapshot = await (await file(name + NOTE, false))?.getFile();
      return snapshot && new Uint8Array(await snapshot.arrayBuffer());
    },
    async stamp(name) {
      const both = await Promise.all(
        [LOG, NOTE].map(async (ending) => {
          const snapshot = await (await file(name + ending, false))?.getFile();
          return snapshot && `${snapshot.size} ${snapshot.lastModified}`;
        }),
      );
      return both[0] && both.join(', ');
    },
    async setNote(name, note) {
      const handle = await folder.getFileHandle(name + NOTE, { create: true });
      const stream = await handle.createWritable(); // writes beside the file, and takes its place when closed
      await stream.write(note);
      await stream.close();
    },
    async remove(name) {
      for (const ending of [LOG, NOTE]) {
        await folder.removeEntry(name + ending).catch((thrown: unknown) => {
          if (!(thrown instanceof DOMException) || thrown.name !== 'NotFoundError') throw thrown;
        });
      }
    },
    async freeBytes() {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
    },
    lock: (name) => held(lockOf(name)),
    async locked() {
      const { held: locks = [] } = await navigator.locks.query();
      const names = locks.flatMap(({ name = '' }) =>
        name.startsWith(lockOf('')) ? [name.slice(lockOf('').length)] : [],
      );
      return new Set(names);
    },
  };
}

async function alone(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let tries = 1; ; tries++) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (thrown) {
      const isHeld = thrown instanceof DOMException && thrown.name === 'NoModificationAllowedError';
      if (!isHeld || tries === HANDLE_TRIES) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, HANDLE_PAUSE_MS));
    }
  }
}

/** A Web Lock as a value: held until the call, or until the worker ends. */
function held(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const request = navigator.locks.request(
      name,
      { ifAvailable: true },
      (lock) =>
        new Promise<void>((release) => {
          resolve(lock ? release : undefined);
          if (!lock) release();
        }),
    );
    request.catch(reject);
  });
}

// Packing as gzip on a worker of its own, beside the writing of the text. One member: browsers refuse what follows the first.
import { type Port, serve } from '#channel/channel.ts';
import { type Spawned, WorkerSet } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import { FileSink, type Sink } from './file-sink.ts';
import { QuickGzip } from './quick-gzip.ts';

export type PackCalls = {
  begin: { in: undefined; out: { file: number } };
  write: { in: { file: number; bytes: Uint8Array<ArrayBuffer> }; out: undefined };
  end: { in: { file: number }; out: Blob };
  leave: { in: { file: number }; out: undefined };
};

export function servePacking(port: Port): void {
  const files = new Map<number, { readonly sink: FileSink; readonly gzip: QuickGzip }>();
  const of = (file: number) => {
    const found = files.get(file);
    if (!found) throw new EosinError({ tag: 'UseAfterDispose', label: 'A file' });
    return found;
  };
  let last = 0;
  serve<PackCalls>(port, {
    begin: () => {
      files.set(++last, { sink: new FileSink('application/gzip'), gzip: new QuickGzip() });
      return { file: last };
    },
    write: async ({ file, bytes }) => {
      const { sink, gzip } = of(file);
      gzip.write(bytes);
      await sink.write(gzip.take());
      return undefined;
    },
    end: async ({ file }) => {
      const { sink, gzip } = of(file);
      files.delete(file);
      gzip.end();
      await sink.write(gzip.take());
      return sink.end();
    },
    leave: ({ file }) => {
      files.get(file)?.sink.leave();
      files.delete(file);
      return undefined;
    },
  });
}

/** Gives sinks that pack elsewhere. The worker begins with the first. */
export class Packers {
  readonly #workers: WorkerSet<PackCalls>;

  constructor(spawn: () => Spawned) {
    this.#workers = new WorkerSet(spawn, 'The packing worker');
  }

  sink(): Sink {
    const { channel } = this.#workers.members[0] ?? this.#workers.start();
    const [left, calm] = [new AbortController(), new AbortController()];
    const { signal } = left;
    const begun = channel.call('begin', undefined, { signal: calm.signal });
    let writing: Promise<unknown> = begun; // one piece is packed while the next is written
    writing.catch(() => undefined);
    return {
      async write(bytes) {
        if (bytes.length === 0) return;
        const { file } = await begun;
        await writing;
        writing = channel.call('write', { file, bytes }, { signal, transfer: [bytes.buffer] });
        writing.catch(() => undefined); // heard of with the next
      },
      async end() {
        const { file } = await begun;
        await writing;
        return channel.call('end', { file }, { signal });
      },
      leave() {
        left.abort();
        void begun.then(({ file }) => channel.call('leave', { file }, { signal: calm.signal })).catch(() => undefined);
      },
    };
  }
}

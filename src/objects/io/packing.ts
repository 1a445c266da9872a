// Packing as gzip, and unpacking, on a worker of its own, beside the writing and reading of the text. One member is written:
// browsers refuse what follows the first.
import { type Channel, moved, type Port, serve } from '#channel/channel.ts';
import { onAbort } from '#channel/on-abort.ts';
import { unhurried } from '#channel/waits.ts';
import { type Spawned, WorkerSet } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import { FileSink, type Sink } from './file-sink.ts';
import { gunzipped } from './gunzip.ts';
import { QuickGzip } from './quick-gzip.ts';
import type { Pull } from './text-bytes.ts';

export type PackCalls = {
  begin: { in: undefined; out: { file: number } };
  write: { in: { file: number; bytes: Uint8Array<ArrayBuffer> }; out: undefined };
  end: { in: { file: number }; out: Blob };
  unpack: { in: { from: Blob }; out: { file: number } };
  more: { in: { file: number }; out: Unpacked };
  leave: { in: { file: number }; out: undefined };
};

interface Unpacked {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined; // none at the end, and where it is broken
  readonly isBroken: boolean; //                          what comes next cannot be read, or unpacked
}

const AT_ONCE = 1 << 20; // bytes that are handed over, and some more: each time costs two turns

/** What it gives, in larger pieces; up to where it fails. */
function gathered(pull: Pull): () => Promise<Unpacked> {
  let isBroken = false;
  return async () => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (length < AT_ONCE && !isBroken) {
      const piece = await pull().catch(() => {
        isBroken = true;
        return undefined;
      });
      if (!piece) break;
      pieces.push(piece);
      length += piece.length;
    }
    if (length === 0) return { bytes: undefined, isBroken };
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { bytes, isBroken: false };
  };
}

export function servePacking(port: Port): void {
  const files = new Map<number, { readonly sink: FileSink; readonly gzip: QuickGzip }>();
  const of = (file: number) => {
    const found = files.get(file);
    if (!found) throw new EosinError({ tag: 'UseAfterDispose', label: 'A file' });
    return found;
  };
  const unpacked = new Map<number, () => Promise<Unpacked>>();
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
    unpack: ({ from }) => {
      unpacked.set(++last, gathered(gunzipped(from)));
      return { file: last };
    },
    more: async ({ file }) => {
      const next = await unpacked.get(file)?.();
      if (!next) throw new EosinError({ tag: 'UseAfterDispose', label: 'A file' });
      if (!next.bytes) unpacked.delete(file);
      return moved(next, next.bytes ? [next.bytes.buffer] : []);
    },
    leave: ({ file }) => {
      unpacked.delete(file);
      files.get(file)?.sink.leave();
      files.delete(file);
      return undefined;
    },
  });
}

/** Whatever becomes of it, the worker keeps nothing of a file that was begun with. */
const leave = (channel: Channel<PackCalls>, begun: Promise<{ readonly file: number }>): void =>
  void begun.then(({ file }) => channel.call('leave', { file }, unhurried())).catch(() => undefined);

/** Gives sinks that pack elsewhere. The worker begins with the first. */
export class Packers {
  readonly #workers: WorkerSet<PackCalls>;

  constructor(spawn: () => Spawned) {
    this.#workers = new WorkerSet(spawn, 'The packing worker');
  }

  get #channel() {
    return (this.#workers.members[0] ?? this.#workers.start()).channel;
  }

  /** A packed file's content. Whoever leaves it before its end says so by the signal. */
  unpacked(from: Blob, signal: AbortSignal): Pull {
    const channel = this.#channel;
    const begun = channel.call('unpack', { from }, unhurried());
    onAbort(signal, () => leave(channel, begun));
    const ask = (): Promise<Unpacked> => {
      const asked = begun.then((file) => channel.call('more', file, { signal }));
      asked.catch(() => undefined); // heard of by whoever pulls it
      return asked;
    };
    let coming = ask();
    return async () => {
      const { bytes, isBroken } = await coming;
      if (isBroken) throw new Error('It cannot be read, or unpacked.'); // whoever reads says how far it came
      if (!bytes) return undefined;
      coming = ask(); // unpacked while these are read
      return bytes;
    };
  }

  sink(): Sink {
    const channel = this.#channel;
    const left = new AbortController();
    const { signal } = left;
    const begun = channel.call('begin', undefined, unhurried());
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
        leave(channel, begun);
      },
    };
  }
}

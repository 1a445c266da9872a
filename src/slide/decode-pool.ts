import { type Channel, openChannel, type Port } from '#channel/channel.ts';
import { EosinError } from '#errors/failure.ts';
import type { BlockDecode } from './decode.ts';
import type { DecodeCalls } from './decode-calls.ts';

/** A worker as far as the pool needs it. */
export interface Spawned {
  readonly port: Port;
  terminate(): void;
  /** Tells when the worker fails as a whole: it could not start, or died. */
  onError(tell: (message: string) => void): void;
}

interface Member {
  readonly channel: Channel<DecodeCalls>;
  readonly worker: Spawned;
  busy: number;
}

/** Decode workers, started when needed and stopped when idle. A worker that dies fails its tiles and is replaced. */
export class DecodePool implements Disposable {
  readonly #spawn: () => Spawned;
  readonly #size: number;
  readonly #members = new Set<Member>();
  readonly #idleMs: number;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(spawn: () => Spawned, size: number, idleMs = 30_000) {
    this.#spawn = spawn;
    this.#size = size;
    this.#idleMs = idleMs;
  }

  get workers(): number {
    return this.#members.size;
  }

  readonly decode: BlockDecode = async (block, { signal }) => {
    signal.throwIfAborted();
    if (this.#disposed) throw new EosinError({ tag: 'UseAfterDispose', label: 'The decoder' });
    clearTimeout(this.#idle);
    const member = this.#leastBusy();
    member.busy++;
    const bytes = block.bytes.slice(); // lent to us, so a copy travels
    try {
      return await member.channel.call('unpack', { ...block, bytes }, { signal, transfer: [bytes.buffer] });
    } finally {
      member.busy--;
      if ([...this.#members].every(({ busy }) => busy === 0)) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#stopAll(), this.#idleMs);
      }
    }
  };

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#idle);
    for (const { channel } of this.#members) channel.close({ tag: 'UseAfterDispose', label: 'The decoder' });
    this.#stopAll();
  }

  #leastBusy(): Member {
    const least = [...this.#members].sort((a, b) => a.busy - b.busy)[0];
    return least && (least.busy === 0 || this.#members.size >= this.#size) ? least : this.#start();
  }

  #start(): Member {
    const worker = this.#spawn();
    const member: Member = { worker, channel: openChannel<DecodeCalls>(worker.port), busy: 0 };
    worker.onError((message) => {
      const reason = message || 'it could not be started';
      member.channel.close({ tag: 'WorkerDied', label: 'The decoder', reason });
      worker.terminate();
      this.#members.delete(member);
    });
    this.#members.add(member);
    return member;
  }

  #stopAll(): void {
    for (const { worker } of this.#members) worker.terminate();
    this.#members.clear();
  }
}

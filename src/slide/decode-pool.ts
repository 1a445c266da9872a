import { type Member, type Spawned, WorkerSet } from '#channel/worker-set.ts';
import type { BlockDecode } from './decode.ts';
import type { DecodeCalls } from './decode-calls.ts';

/** Decode workers, started when needed and stopped when idle. A worker that dies fails its tiles and is replaced. */
export class DecodePool implements Disposable {
  readonly #workers: WorkerSet<DecodeCalls>;
  readonly #size: number;
  readonly #idleMs: number;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(spawn: () => Spawned, size: number, idleMs = 30_000) {
    this.#workers = new WorkerSet(spawn, 'The decoder');
    this.#size = size;
    this.#idleMs = idleMs;
  }

  get workers(): number {
    return this.#workers.members.length;
  }

  readonly decode: BlockDecode = async (block, { signal }) => {
    signal.throwIfAborted();
    this.#workers.throwIfClosed();
    clearTimeout(this.#idle);
    const member = this.#leastBusy();
    member.busy++;
    const bytes = block.bytes.slice(); // lent to us, so a copy travels
    try {
      return await member.channel.call('unpack', { ...block, bytes }, { signal, transfer: [bytes.buffer] });
    } finally {
      member.busy--;
      if (this.#workers.members.every(({ busy }) => busy === 0)) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#workers.stop(), this.#idleMs);
      }
    }
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#idle);
    this.#workers.close();
  }

  #leastBusy(): Member<DecodeCalls> {
    const members = [...this.#workers.members].sort((a, b) => a.busy - b.busy);
    const [least] = members;
    return least && (least.busy === 0 || members.length >= this.#size) ? least : this.#workers.start();
  }
}

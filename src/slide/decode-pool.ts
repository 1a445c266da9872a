import type { Waits } from '#channel/waits.ts';
import { type Member, type Spawned, WorkerSet } from '#channel/worker-set.ts';
import type { TileDecoders } from './decode.ts';
import type { DecodeCalls } from './decode-calls.ts';
import type { PackedBlock } from './unpack.ts';

/** Decode workers, started when needed and stopped when idle. A worker that dies fails its tiles and is replaced. */
export class DecodePool implements TileDecoders, Disposable {
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

  // What is lent to us is copied, and the copies travel.
  readonly block: TileDecoders['block'] = (block, waits) => this.#call('unpack', ...copyOf(block), waits);
  readonly range: TileDecoders['range'] = (block, waits) => this.#call('range', ...copyOf(block), waits);
  readonly soundness: TileDecoders['soundness'] = (jpeg, waits) => {
    const bytes = jpeg.slice();
    return this.#call('soundness', bytes, [bytes.buffer], waits);
  };
  readonly jpeg2000: TileDecoders['jpeg2000'] = (tile, waits) => {
    const bytes = tile.bytes.slice();
    return this.#call('jpeg2000', { ...tile, bytes }, [bytes.buffer], waits);
  };

  async #call<K extends keyof DecodeCalls & string>(
    name: K,
    input: DecodeCalls[K]['in'],
    transfer: ArrayBuffer[],
    { signal }: Waits,
  ): Promise<DecodeCalls[K]['out']> {
    signal.throwIfAborted();
    this.#workers.throwIfClosed();
    clearTimeout(this.#idle);
    const member = this.#leastBusy();
    member.busy++;
    try {
      return await member.channel.call(name, input, { signal, transfer });
    } finally {
      member.busy--;
      if (this.#workers.members.every(({ busy }) => busy === 0)) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#workers.stop(), this.#idleMs);
      }
    }
  }

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

function copyOf(block: PackedBlock): [PackedBlock, ArrayBuffer[]] {
  const pieces = block.pieces.map((piece) => piece.slice());
  return [{ ...block, pieces }, pieces.map(({ buffer }) => buffer)];
}

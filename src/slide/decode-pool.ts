import { unlessAborted } from '#channel/unless-aborted.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { type Member, type Spawned, WorkerSet } from '#channel/worker-set.ts';
import type { ImageDecode, TileDecoders } from './decode.ts';
import type { DecodeCalls } from './decode-calls.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import { joined } from './joined.ts';
import type { PackedBlock } from './unpack.ts';

interface Unseen {
  readonly jpeg: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  resolve(unsound: string | undefined): void;
  reject(reason: unknown): void;
}

const MOST_TOGETHER = 64; // JPEGs in a message: a millisecond or two of work
const AHEAD = 2; //          messages a worker: the next one is there when it ends
const QUIET_MS = 20; //       without a picture being decoded, until the looks that can wait begin: more of the same view may come
const LATEST_MS = 250; //    after the first of them was asked for
const SILENT_MS = 60_000; // a tile takes a second at most
const TICKS = 4; //          in that time; a computer that sleeps counts as one of them

/** What waits for a worker that has room. */
interface Job {
  readonly signal: AbortSignal;
  /** Settles once the worker has answered, and never rejects. */
  send(member: Member<DecodeCalls>): Promise<void>;
  reject(reason: unknown): void;
}

/**
 * Decode workers, started when needed, or said to be needed soon, and stopped when idle. A worker that dies, or gives no answer
 * for long, fails its tiles and is replaced. Decoding cannot be interrupted, and a worker takes what it was sent in that order:
 * so it is sent no more than keeps it busy, the rest waits here in the order of asking, and what is given up meanwhile is never
 * sent.
 */
export class DecodePool implements TileDecoders, Disposable {
  readonly #workers: WorkerSet<DecodeCalls>;
  readonly #size: number;
  readonly #idleMs: number;
  readonly #silentMs: number;
  #waiting: Job[] = []; //   in the order of asking, those given up too until a worker has room
  #unseen: Unseen[] = []; // in the order of asking
  #later: Unseen[] = []; //  those that can wait
  #decoding = 0; //          pictures
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #latest: ReturnType<typeof setTimeout> | undefined;
  #looking = 0; //           messages on their way
  #rooms: ArrayBuffer[] = []; // of messages that came back, for the next: memory that is new costs more than filling it
  #idle: ReturnType<typeof setTimeout> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined; // one for all workers, while there are any

  constructor(spawn: () => Spawned, size: number, idleMs = 30_000, silentMs = SILENT_MS) {
    this.#workers = new WorkerSet(spawn, 'The decoder');
    this.#size = size;
    this.#idleMs = idleMs;
    this.#silentMs = silentMs;
  }

  get workers(): number {
    return this.#workers.members.length;
  }

  /** A worker starts now where there is none: that takes longer than the first tile's way here. */
  begin(): void {
    if (this.workers > 0) return;
    this.#workers.start();
    this.#restSoon();
  }

  // What is lent to us is copied, and the copies travel.
  readonly block: TileDecoders['block'] = (block, waits) => this.#call('unpack', () => copyOf(block), waits);
  readonly range: TileDecoders['range'] = (block, waits) => this.#call('range', () => copyOf(block), waits);
  /**
   * JPEGs that come in one turn of the event loop, or wait while the workers look through others, travel together: a message
   * costs as much as a look. Those that can wait leave the processor to the pictures that are being decoded, for a while.
   */
  readonly soundness: TileDecoders['soundness'] = (jpeg, { signal }, when = 'now') => {
    const looked = new Promise<string | undefined>((resolve, reject) => {
      const unseen = { jpeg, signal, resolve, reject };
      if (when === 'later') this.#lookLater(unseen);
      else if (this.#unseen.push(unseen) === 1) queueMicrotask(() => this.#look());
    });
    return unlessAborted(looked, signal);
  };
  readonly jpeg2000: TileDecoders['jpeg2000'] = (tile, waits) =>
    this.#call('jpeg2000', () => copyOfJpeg2000(tile), waits);
  readonly jpeg2000Range: TileDecoders['jpeg2000Range'] = (tile, waits) =>
    this.#call('jpeg2000Range', () => copyOfJpeg2000(tile), waits);

  /** The same decoder, whose pictures go before the looks that can wait. */
  goingFirst(image: ImageDecode): ImageDecode {
    return async (bytes, type, waits) => {
      this.#decoding++;
      clearTimeout(this.#quiet);
      try {
        return await image(bytes, type, waits);
      } finally {
        this.#decoding--;
        this.#lookWhenQuiet();
      }
    };
  }

  #lookLater(unseen: Unseen): void {
    this.#later.push(unseen);
    this.#latest ??= setTimeout(() => this.#lookAtLast(), LATEST_MS);
    this.#lookWhenQuiet();
  }

  #lookWhenQuiet(): void {
    if (this.#decoding > 0 || this.#later.length === 0) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#lookAtLast(), QUIET_MS);
  }

  #lookAtLast(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#latest);
    this.#latest = undefined;
    this.#unseen.push(...this.#later.splice(0));
    this.#look();
  }

  #look(): void {
    while (this.#looking < AHEAD * this.#size && this.#unseen.length > 0) {
      this.#unseen = this.#unseen.filter(({ signal }) => !signal.aborted);
      const together = this.#unseen.splice(0, MOST_TOGETHER);
      if (together.length > 0) void this.#lookThrough(together);
    }
  }

  async #lookThrough(together: readonly Unseen[]): Promise<void> {
    this.#looking++;
    try {
      const sent = joined(
        together.map(({ jpeg }) => jpeg),
        this.#rooms.pop(),
      );
      const lengths = together.map(({ jpeg }) => jpeg.length);
      const { found, jpegs } = await this.#call(
        'soundness',
        () => [{ jpegs: sent, lengths }, [sent.buffer]],
        unhurried(),
      );
      this.#rooms.push(jpegs.buffer);
      for (const [i, { resolve }] of together.entries()) resolve(found[i]);
    } catch (thrown) {
      // One that breaks the look costs no other its answer.
      if (together.length > 1) await Promise.all(together.map((each) => this.#lookThrough([each])));
      else together[0]?.reject(thrown);
    } finally {
      this.#looking--;
      this.#look();
    }
  }

  /** @param input made when it is sent: what is given up before is not copied */
  async #call<K extends keyof DecodeCalls & string>(
    name: K,
    input: () => [DecodeCalls[K]['in'], ArrayBuffer[]],
    { signal }: Waits,
  ): Promise<DecodeCalls[K]['out']> {
    signal.throwIfAborted();
    this.#workers.throwIfClosed();
    clearTimeout(this.#idle);
    const decoded = new Promise<DecodeCalls[K]['out']>((resolve, reject) => {
      const send = async ({ channel }: Member<DecodeCalls>): Promise<void> => {
        try {
          const [sent, transfer] = input();
          resolve(await channel.call(name, sent, { ...unhurried(), transfer })); // its place is taken until it answers
        } catch (thrown) {
          reject(thrown);
        }
      };
      this.#waiting.push({ signal, send, reject });
    });
    this.#sendOn();
    return unlessAborted(decoded, signal);
  }

  #sendOn(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) {
      const job = this.#waiting.shift();
      if (job && !job.signal.aborted) void this.#send(job);
    }
  }

  async #send(job: Job): Promise<void> {
    try {
      const member = this.#leastBusy();
      member.busy++;
      this.#clock ??= setInterval(() => this.#tick(), this.#silentMs / TICKS);
      await job.send(member);
      member.busy--;
      member.silent = 0;
    } catch (thrown) {
      job.reject(thrown); // no worker could be started
    }
    this.#sendOn();
    if (this.#workers.members.every(({ busy }) => busy === 0)) this.#restSoon();
  }

  /** A worker that hangs, or that the browser ended, tells nothing by itself. */
  #tick(): void {
    for (const member of this.#workers.members)
      if (member.busy > 0 && member.silent++ === TICKS)
        this.#workers.died(member, `it gave no answer for ${this.#silentMs / 1000} s`);
  }

  #restSoon(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), this.#idleMs);
  }

  #rest(): void {
    this.#stopClock();
    this.#workers.stop();
    this.#rooms = [];
  }

  #stopClock(): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#idle);
    this.#stopClock();
    this.#workers.close();
    this.#lookAtLast(); // which fails them
  }

  get #hasRoom(): boolean {
    return this.workers < this.#size || this.#workers.members.some(({ busy }) => busy < AHEAD);
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

function copyOfJpeg2000(tile: Jpeg2000Tile): [Jpeg2000Tile, ArrayBuffer[]] {
  const bytes = tile.bytes.slice();
  return [{ ...tile, bytes }, [bytes.buffer]];
}

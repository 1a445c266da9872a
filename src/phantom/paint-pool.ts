import { type Channel, openChannel, type Port } from '#channel/channel.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { Raster, TileAt } from '#slide/slide.ts';
import type { PhantomCalls } from './phantom-calls.ts';

/** A worker as far as the pool needs it. */
export interface Painter {
  readonly port: Port;
  terminate(): void;
  /** Tells when the worker fails as a whole: it could not start, or died. */
  onError(tell: (message: string) => void): void;
}

interface Member {
  readonly channel: Channel<PhantomCalls>;
  readonly worker: Painter;
  busy: boolean;
}

interface Waiting {
  take(member: Member): void;
  refuse(reason: unknown): void;
}

/** Workers that paint tiles, one tile each at a time: what waits can still be taken back, newest wishes first. */
export class PaintPool implements Disposable {
  readonly #spawn: () => Painter;
  readonly #size: number;
  readonly #members = new Set<Member>();
  readonly #waiting: Waiting[] = [];
  #closed: Failure | undefined;

  constructor(spawn: () => Painter, size: number) {
    this.#spawn = spawn;
    this.#size = size;
  }

  async paint(seed: number, at: TileAt, { signal }: Waits): Promise<Raster> {
    signal.throwIfAborted();
    if (this.#closed) throw new EosinError(this.#closed);
    const member = await this.#free(signal);
    try {
      return await member.channel.call('paint', { seed, at }, { signal });
    } finally {
      this.#release(member);
    }
  }

  /** Stops the workers; whoever waits is told. */
  [Symbol.dispose](): void {
    this.#closed = { tag: 'UseAfterDispose', label: 'The sample slide' };
    for (const { channel, worker } of this.#members) {
      channel.close(this.#closed);
      worker.terminate();
    }
    this.#members.clear();
    for (const { refuse } of this.#waiting.splice(0)) refuse(new EosinError(this.#closed));
  }

  async #free(signal: AbortSignal): Promise<Member> {
    for (const member of this.#members) if (!member.busy) return Object.assign(member, { busy: true });
    if (this.#members.size < this.#size) return this.#start();
    return new Promise<Member>((resolve, reject) => {
      const settled = (): void => signal.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        take: (member) => {
          settled();
          resolve(member);
        },
        refuse: (reason) => {
          settled();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.refuse(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #start(): Member {
    const worker = this.#spawn();
    const member: Member = { channel: openChannel<PhantomCalls>(worker.port), worker, busy: true };
    worker.onError((reason) => {
      this.#members.delete(member);
      member.channel.close({ tag: 'WorkerDied', label: 'The painter of the sample slide', reason });
      worker.terminate();
    });
    this.#members.add(member);
    return member;
  }

  #release(member: Member): void {
    const next = this.#waiting.pop(); // what was asked for last is what is looked at
    if (!next) member.busy = false;
    else if (this.#members.has(member)) next.take(member);
    else next.take(this.#start());
  }
}

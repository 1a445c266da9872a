import type { Waits } from '#channel/waits.ts';
import { type Member, type Spawned, WorkerSet } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { Raster, TileAt } from '#slide/slide.ts';
import type { PhantomCalls } from './phantom-calls.ts';

interface Waiting {
  take(member: Member<PhantomCalls>): void;
  refuse(reason: unknown): void;
}

const LABEL = 'The painter of the sample slide';

/** Workers that paint tiles, one tile each at a time: what waits can still be taken back, newest wishes first. */
export class PaintPool implements Disposable {
  readonly #workers: WorkerSet<PhantomCalls>;
  readonly #size: number;
  readonly #waiting: Waiting[] = [];

  constructor(spawn: () => Spawned, size: number) {
    this.#workers = new WorkerSet(spawn, LABEL);
    this.#size = size;
  }

  async paint(seed: number, at: TileAt, { signal }: Waits): Promise<Raster> {
    signal.throwIfAborted();
    this.#workers.throwIfClosed();
    const member = this.#free() ?? (await this.#wait(signal));
    member.busy = 1;
    try {
      return await member.channel.call('paint', { seed, at }, { signal });
    } finally {
      this.#release(member);
    }
  }

  /** Stops the workers; whoever waits is told. */
  [Symbol.dispose](): void {
    this.#workers.close();
    for (const { refuse } of this.#waiting.splice(0)) refuse(new EosinError({ tag: 'UseAfterDispose', label: LABEL }));
  }

  #free(): Member<PhantomCalls> | undefined {
    const { members } = this.#workers;
    return members.find(({ busy }) => busy === 0) ?? (members.length < this.#size ? this.#workers.start() : undefined);
  }

  #wait(signal: AbortSignal): Promise<Member<PhantomCalls>> {
    return new Promise((resolve, reject) => {
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

  /** To whoever waits: what was asked for last is what is looked at. */
  #release(member: Member<PhantomCalls>): void {
    const next = this.#waiting.pop();
    member.busy = 0;
    if (!next) return;
    const heir = this.#workers.members.includes(member) ? member : this.#workers.start();
    heir.busy = 1; // nobody else's from here on
    next.take(heir);
  }
}

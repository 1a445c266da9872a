// Workers that offer the same calls, started one by one: what the pools of several rooms have in common. Who gets the next
// call is each pool's own matter.
import { EosinError, type Failure } from '#errors/failure.ts';
import { type Calls, type Channel, openChannel, type Port } from './channel.ts';

/** A worker as far as a pool needs it. */
export interface Spawned {
  readonly port: Port;
  terminate(): void;
  /** Tells when the worker fails as a whole: it could not start, or died. */
  onError(tell: (message: string) => void): void;
}

/** A worker of the browser. */
export const spawned = (worker: Worker): Spawned => ({
  port: worker,
  terminate: () => worker.terminate(),
  onError: (tell) => worker.addEventListener('error', (event) => tell(event.message)),
});

export interface Member<C extends Calls> {
  readonly channel: Channel<C>;
  busy: number; //   calls that have not come back; counted by the pool
  silent: number; // ticks of a clock since it last answered, where the pool has one
}

export class WorkerSet<C extends Calls> {
  readonly #spawn: () => Spawned;
  readonly #label: string;
  readonly #workers = new Map<Member<C>, Spawned>();
  #closed: Failure | undefined;

  /** @param label names a worker that died, and the set once closed */
  constructor(spawn: () => Spawned, label: string) {
    this.#spawn = spawn;
    this.#label = label;
  }

  get members(): readonly Member<C>[] {
    return [...this.#workers.keys()];
  }

  /** A worker that dies fails the calls it held with WorkerDied and is no member any more. @throws after `close` */
  start(): Member<C> {
    this.throwIfClosed();
    const worker = this.#spawn();
    const member: Member<C> = { channel: openChannel<C>(worker.port), busy: 0, silent: 0 };
    worker.onError((message) => this.died(member, message || 'it could not be started'));
    this.#workers.set(member, worker);
    return member;
  }

  /** What a worker's own error does; for one that is found silent. */
  died(member: Member<C>, reason: string): void {
    const worker = this.#workers.get(member);
    if (worker) this.#end(member, worker, { tag: 'WorkerDied', label: this.#label, reason });
  }

  /** Ends all workers, and with them the calls they hold; new ones may be started. */
  stop(): void {
    for (const [member, worker] of this.#workers) this.#end(member, worker, this.#gone);
  }

  /** For good. */
  close(): void {
    this.#closed = this.#gone;
    this.stop();
  }

  /** @throws EosinError UseAfterDispose */
  throwIfClosed(): void {
    if (this.#closed) throw new EosinError(this.#closed);
  }

  get #gone(): Failure {
    return { tag: 'UseAfterDispose', label: this.#label };
  }

  #end(member: Member<C>, worker: Spawned, failure: Failure): void {
    this.#workers.delete(member);
    member.channel.close(failure);
    worker.terminate();
  }
}

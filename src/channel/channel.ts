// Typed calls over postMessage. One type maps each call to what goes in and comes out; both threads derive from it.
// Cancelling rejects at once with the signal's reason and tells the other side, whose handler sees its own signal abort.
import { EosinError, type Failure, failureOf, isAbort } from '#errors/failure.ts';
import { onAbort } from './on-abort.ts';

/** What one worker offers: call name → what goes in, what comes out. */
export type Calls = { [call: string]: { in: unknown; out: unknown } };

/** The part of Worker, DedicatedWorkerGlobalScope and MessagePort that a channel needs. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

type ToServer = { id: number; call: string; in: unknown } | { id: number; cancel: true };
type ToClient = { id: number } & ({ out: unknown } | { failure: Failure } | { aborted: true });

export interface Channel<C extends Calls> {
  /** `transfer` is gone for the caller afterwards. Rejects with the signal's reason, or an EosinError from the other side. */
  call<K extends keyof C & string>(
    call: K,
    input: C[K]['in'],
    options: { signal: AbortSignal; transfer?: Transferable[] },
  ): Promise<C[K]['out']>;
  /** Every waiting and later call rejects with this failure: for a worker that was terminated or died. */
  close(failure: Failure): void;
}

/** The calling side. */
export function openChannel<C extends Calls>(port: Port): Channel<C> {
  type Waiting = { resolve(out: unknown): void; reject(reason: unknown): void };
  const waiting = new Map<number, Waiting>();
  let closed: Failure | undefined;
  let lastId = 0;

  const onMessage = ({ data }: MessageEvent<ToClient>): void => {
    const entry = waiting.get(data.id);
    if (!entry) {
      if ('out' in data) closeAll(data.out); // aborted meanwhile: what was moved here is nobody's
      return;
    }
    waiting.delete(data.id);
    if ('out' in data) entry.resolve(data.out);
    else if ('failure' in data) entry.reject(new EosinError(data.failure));
    else entry.reject(new DOMException('The call was aborted.', 'AbortError'));
  };
  port.addEventListener('message', onMessage);

  return {
    call: (call, input, { signal, transfer = [] }) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new EosinError(closed));
        if (signal.aborted) return reject(signal.reason);
        const id = ++lastId;
        port.postMessage({ id, call, in: input } satisfies ToServer, transfer); // where it throws, nobody waits yet
        const settled = onAbort(signal, () => {
          if (!waiting.delete(id)) return;
          port.postMessage({ id, cancel: true } satisfies ToServer, []);
          reject(signal.reason);
        });
        waiting.set(id, {
          resolve: (out) => {
            settled();
            resolve(out as C[typeof call]['out']);
          },
          reject: (reason) => {
            settled();
            reject(reason);
          },
        });
      }),
    close(failure) {
      closed = failure;
      port.removeEventListener('message', onMessage);
      for (const entry of waiting.values()) entry.reject(new EosinError(failure));
      waiting.clear();
    },
  };
}

/** What holds memory until it is closed, ImageBitmaps above all: the value itself, or the members of an object. */
function closeAll(out: unknown): void {
  if (typeof out !== 'object' || out === null) return;
  for (const part of [out, ...Object.values(out)]) if (isClosable(part)) part.close();
}

const isClosable = (part: unknown): part is { close(): void } =>
  typeof part === 'object' && part !== null && 'close' in part && typeof part.close === 'function';

const transferMark = Symbol('transfer');
interface Moved<T> {
  readonly [transferMark]: Transferable[];
  readonly value: T;
}

/** A handler's result whose buffers move to the caller instead of being copied. */
export const moved = <T>(value: T, transfer: Transferable[]): Moved<T> => ({ value, [transferMark]: transfer });

const isMoved = (out: unknown): out is Moved<unknown> => typeof out === 'object' && out !== null && transferMark in out;

export type Handlers<C extends Calls> = {
  [K in keyof C]: (
    input: C[K]['in'],
    context: { signal: AbortSignal },
  ) => C[K]['out'] | Moved<C[K]['out']> | Promise<C[K]['out'] | Moved<C[K]['out']>>;
};

/** The answering side. Handlers of different calls may overlap; one that must be serial brings its own queue. */
export function serve<C extends Calls>(port: Port, handlers: Handlers<C>): void {
  const running = new Map<number, AbortController>();
  const answer = async (message: { id: number; call: string; in: unknown }): Promise<void> => {
    const controller = new AbortController();
    running.set(message.id, controller);
    let reply: ToClient;
    let transfer: Transferable[] = [];
    try {
      const handler = handlers[message.call];
      if (!handler) throw new EosinError({ tag: 'Unexpected', reason: `There is no call named ${message.call}.` });
      const out = await handler(message.in, { signal: controller.signal });
      reply = { id: message.id, out: isMoved(out) ? out.value : out };
      if (isMoved(out)) transfer = out[transferMark];
    } catch (thrown) {
      reply = isAbort(thrown) ? { id: message.id, aborted: true } : { id: message.id, failure: failureOf(thrown) };
    } finally {
      running.delete(message.id);
    }
    try {
      port.postMessage(reply, transfer);
    } catch (thrown) {
      // What cannot be sent would be waited for without end.
      port.postMessage({ id: message.id, failure: failureOf(thrown) } satisfies ToClient, []);
    }
  };
  port.addEventListener('message', ({ data }: MessageEvent<ToServer>) => {
    if ('cancel' in data) running.get(data.id)?.abort(new DOMException('The call was aborted.', 'AbortError'));
    else void answer(data);
  });
}

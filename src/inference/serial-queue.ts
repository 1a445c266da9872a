import type { Waits } from '#channel/waits.ts';

/**
 * Jobs one after the other, in the order added. A job that fails or was aborted while waiting never holds up the next.
 * Between jobs the thread hears its messages, so that a cancel overtakes what it cancels.
 */
export class SerialQueue {
  #last: Promise<void> = Promise.resolve();

  add<T>(job: () => Promise<T>, { signal }: Waits): Promise<T> {
    const turn = this.#last.then(async () => {
      await nextTask();
      signal.throwIfAborted();
      return job();
    });
    const over = (): void => undefined;
    this.#last = turn.then(over, over);
    return turn;
  }
}

/** A timer would wait 4 ms after a few rounds; a message does not. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';

/** The same items; an abort rejects at once, even while the next one does not come. */
export async function* untilAborted<T>(items: AsyncIterable<T>, { signal }: Waits): AsyncGenerator<T, void, undefined> {
  const source = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(source.next(), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    source.return?.().catch(() => undefined); // it settles behind what was asked for last
  }
}

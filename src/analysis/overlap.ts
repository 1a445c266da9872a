/** Takes over what nobody will ask for any more, because the results were left. */
export interface Discard<T, U> {
  readonly item?: (item: T) => void;
  readonly result?: (result: U) => void;
}

/**
 * Works on up to `atOnce` items at a time and gives the results as they are ready. Takes the next item only when asked
 * for a result, so whoever consumes sets the pace; what is at work goes on between two results.
 */
export async function* overlapped<T, U>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<U>,
  discard: Discard<T, U> = {},
): AsyncGenerator<U, void, undefined> {
  const source = items[Symbol.asyncIterator]();
  const atWork = new Set<Job<U>>();
  let asked: Promise<IteratorResult<T>> | undefined;
  let isOver = false;
  try {
    while (true) {
      if (!isOver && asked === undefined && atWork.size < atOnce) asked = source.next();
      if (asked === undefined && atWork.size === 0) return;
      const first = await Promise.race<Settled<T, U>>([
        ...(asked === undefined ? [] : [asked.then((item) => ({ item }))]),
        ...[...atWork].map((job) => job.done.then((result) => ({ job, result }))),
      ]);
      if ('job' in first) {
        atWork.delete(first.job);
        yield first.result;
        continue;
      }
      asked = undefined;
      if (first.item.done) isOver = true;
      else atWork.add({ done: work(first.item.value) });
    }
  } finally {
    // Settled by whoever aborts; nobody waits for them.
    for (const { done } of atWork) done.then(discard.result, () => undefined);
    asked?.then(
      (next) => (next.done ? undefined : discard.item?.(next.value)),
      () => undefined,
    );
    const closed = source.return?.();
    if (asked !== undefined)
      closed?.catch(() => undefined); // it settles behind what was asked for, which may take a while
    else await closed;
  }
}

interface Job<U> {
  readonly done: Promise<U>;
}

type Settled<T, U> = { readonly item: IteratorResult<T> } | { readonly job: Job<U>; readonly result: U };

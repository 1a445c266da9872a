// What labels or patches may not allow, where that is no failure but an answer.
import type { Waits } from '#channel/waits.ts';
import { type Failure, failureOf } from '#errors/failure.ts';

/** @returns what `refused` says of BadInput. @throws whatever else the work throws; the signal's reason */
export async function unlessRefused<T, R>(
  waits: Waits,
  work: () => Promise<T>,
  refused: (failure: Extract<Failure, { tag: 'BadInput' }>) => R,
): Promise<T | R> {
  try {
    return await work();
  } catch (thrown) {
    waits.signal.throwIfAborted();
    const failure = failureOf(thrown);
    if (failure.tag !== 'BadInput') throw thrown;
    return refused(failure);
  }
}

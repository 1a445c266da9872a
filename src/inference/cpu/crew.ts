// Threads that compute a plan together. Units are handed out one by one by a counter a step, so that whoever is held up holds
// up nobody; a step begins when all units of the one before it are done.
import type { Kernels } from './kernels.ts';
import { type Step, workOf } from './steps.ts';

/** What a thread that joins is told. */
export interface Shift {
  readonly steps: readonly Step[];
  readonly tally: Int32Array; // [steps × 2]: units taken, units done; of this run alone
}

export const tallyFor = (steps: readonly Step[], shared: boolean): Int32Array => {
  const bytes = steps.length * 2 * Int32Array.BYTES_PER_ELEMENT;
  return new Int32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
};

const BROKEN = -(2 ** 30); // so far below zero that the units still counted do not bring it back

/**
 * Computes until all steps are done; a thread that comes late finds what is left.
 * @param scratch of this thread alone
 * @throws what a unit threw, and in the other threads that one did: none waits for a unit that nobody will do
 */
export function work({ steps, tally }: Shift, kernels: Kernels, scratch: number): void {
  steps.forEach((step, i) => {
    const { units, compute } = workOf(step);
    const [taken, done] = [2 * i, 2 * i + 1];
    for (let unit = Atomics.add(tally, taken, 1); unit < units; unit = Atomics.add(tally, taken, 1)) {
      if (Atomics.load(tally, done) < 0) break;
      try {
        compute(kernels, unit, scratch);
      } catch (thrown) {
        Atomics.store(tally, done, BROKEN);
        Atomics.notify(tally, done);
        throw thrown;
      }
      if (Atomics.add(tally, done, 1) + 1 === units) Atomics.notify(tally, done);
    }
    for (let count = Atomics.load(tally, done); count < units; count = Atomics.load(tally, done)) {
      if (count < 0) throw new Error('a thread beside this one failed');
      Atomics.wait(tally, done, count);
    }
  });
}

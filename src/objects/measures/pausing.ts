import { turn } from '#channel/turn.ts';

/** Long work as a generator: it pauses where it may be told to stop. What drives it decides what happens then. */
export type Pausing<T> = Generator<undefined, T, undefined>;

/** Without stopping. */
export function finished<T>(work: Pausing<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Between pauses others get their turn: a cancel can overtake. @throws the signal's reason */
export async function paced<T>(work: Pausing<T>, { signal }: { readonly signal: AbortSignal }): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    await turn();
  }
}

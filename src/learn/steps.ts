// Long work as a generator: a step between two moments at which it may be told to stop. What drives it decides: a worker
// looks for a cancel, a test runs through.

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Where training goes on: of the epoch, mean cross entropy. */
  readonly loss?: number | undefined;
  /** The same of what is left out, where anything is. */
  readonly lossLeftOut?: number | undefined;
}

export type Steps<T> = Generator<Progress, T, undefined>;

/** Without stopping. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Work as a part of more: `parts` of equal length, of which this is number `part`. */
export function* asPart<T>(steps: Steps<T>, part: number, parts: number): Steps<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    const { done, total, ...losses } = step.value;
    yield { ...losses, done: part + done / Math.max(1, total), total: parts };
  }
}

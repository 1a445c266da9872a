/** Whatever waits can be aborted; it then rejects with the signal's reason. */
export interface Waits {
  readonly signal: AbortSignal;
}

/** For what nobody may abort. A signal of its own each time, so that no listeners gather on one. */
export const unhurried = (): Waits => ({ signal: new AbortController().signal });

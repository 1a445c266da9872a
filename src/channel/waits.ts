/** Whatever waits can be aborted; it then rejects with the signal's reason. */
export interface Waits {
  readonly signal: AbortSignal;
}

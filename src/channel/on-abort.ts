/** Of each signal those who are to be told, in the order of asking. */
const TOLD = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Tells once, when the signal aborts; `tell` throws nothing. A hundred tiles that wait by one signal are one listener of
 * it: the browser looks through all that a signal has whenever one comes or goes.
 * @returns takes it back; to be called when the wait is over, so that the signal is let go
 */
export function onAbort(signal: AbortSignal, tell: () => void): () => void {
  const asked = TOLD.get(signal) ?? listenedTo(signal);
  const one = (): void => tell(); // the same `tell` may be asked for twice
  asked.add(one);
  return () => {
    if (!asked.delete(one) || asked.size > 0 || TOLD.get(signal) !== asked) return;
    TOLD.delete(signal);
    signal.removeEventListener('abort', LISTENER);
  };
}

function listenedTo(signal: AbortSignal): Set<() => void> {
  const asked = new Set<() => void>();
  TOLD.set(signal, asked);
  signal.addEventListener('abort', LISTENER, { once: true });
  return asked;
}

const LISTENER = ({ target }: Event): void => {
  if (!(target instanceof AbortSignal)) return;
  const asked = TOLD.get(target);
  TOLD.delete(target);
  for (const tell of asked ?? []) tell();
};

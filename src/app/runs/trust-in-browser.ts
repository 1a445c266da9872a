// What was found out about models on this device, kept between visits: small plain JSON in localStorage.
import type { TrustStore } from '#inference/trust-store.ts';

const PREFIX = 'eosin.trust ';

/** @param storage absent where the browser forbids it: then it is found out anew at each visit */
export function trustIn(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined): TrustStore {
  const now = new Map<string, unknown>();
  return {
    get(key) {
      if (now.has(key)) return now.get(key);
      try {
        const text = storage?.getItem(PREFIX + key);
        return text ? JSON.parse(text) : undefined;
      } catch {
        return undefined; // written by something else
      }
    },
    set(key, value) {
      now.set(key, value);
      try {
        storage?.setItem(PREFIX + key, JSON.stringify(value));
      } catch {
        // full: it holds for this visit
      }
    },
  };
}

/** Undefined where reading it is refused. */
export function browserStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

// Which tab of this browser writes runs of a slide: one at a time, so that each is told of the other.

/** Undefined where another tab has it. Where the browser has no locks (a page not served securely) it is always free. */
export async function lockSlide(fingerprint: string): Promise<Disposable | undefined> {
  if (!('locks' in navigator)) return { [Symbol.dispose]: () => undefined };
  return new Promise((resolve, reject) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (!lock) {
        resolve(undefined);
        return undefined;
      }
      return new Promise((release) => resolve({ [Symbol.dispose]: release }));
    };
    navigator.locks.request(`eosin.slide.${fingerprint}`, { ifAvailable: true }, held).catch(reject);
  });
}

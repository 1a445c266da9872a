// How much memory the tab takes, as the browser itself says: pages, workers and their buffers; not the GPU's.
import { createStore } from 'zustand/vanilla';

export interface MemoryState {
  readonly bytes: number | undefined; // undefined: this browser does not say
}

type Measures = Performance & {
  measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
  memory?: { usedJSHeapSize: number };
};

const EVERY_MS = 20_000;

/** Asks now and then; the browser answers at its own pace. */
export function watchMemory(scope: Measures = performance) {
  const store = createStore<MemoryState>(() => ({ bytes: undefined }));
  const heap = (): void => store.setState({ bytes: scope.memory?.usedJSHeapSize });
  const ask = async (): Promise<void> => {
    try {
      const measured = await scope.measureUserAgentSpecificMemory?.();
      if (measured) store.setState({ bytes: Math.max(measured.bytes, scope.memory?.usedJSHeapSize ?? 0) });
      else heap();
    } catch {
      heap(); // not cross-origin isolated: only the page's own heap is known
    }
  };
  heap();
  void ask();
  setInterval(() => void ask(), EVERY_MS);
  return store;
}
export type MemoryStore = ReturnType<typeof watchMemory>;

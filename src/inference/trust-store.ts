// What is kept between visits of a model on a device: what its golden patch said, and how it computes fastest there.
import type { Precision } from './model.ts';

/** Small plain JSON by key. The app gives one over localStorage. */
export interface TrustStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

export interface KeptVerdict {
  readonly maxDifference: number;
  readonly wrong: string | undefined; // what was seen, where it must not be trusted
  readonly since: number; //             ms since 1970
}

export interface Choice {
  readonly precision: Precision;
  readonly window: number; // model px
  readonly batch: number;
}

export function memoryStore(): TrustStore {
  const kept = new Map<string, unknown>();
  return { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
}

/** One model on one device. What the store holds may be anything: what is not understood counts as not kept. */
export class Remembered {
  readonly #store: TrustStore;
  readonly #place: string;

  /** @param sha256 of the model's file; @param adapter of hardware, browser and runtime */
  constructor(store: TrustStore, sha256: string, adapter: string) {
    this.#store = store;
    this.#place = `${sha256} on ${adapter}`;
  }

  verdict(precision: Precision): KeptVerdict | undefined {
    const kept = this.#store.get(`verdict ${precision} ${this.#place}`);
    if (!isRecord(kept) || typeof kept.since !== 'number') return undefined;
    const { maxDifference, wrong, since } = kept;
    if (wrong !== null && typeof wrong !== 'string') return undefined;
    if (maxDifference !== null && typeof maxDifference !== 'number') return undefined;
    return { maxDifference: maxDifference ?? Infinity, wrong: wrong ?? undefined, since };
  }

  /** JSON knows neither Infinity nor undefined: both are kept as null. */
  keepVerdict(precision: Precision, { maxDifference, wrong, since }: KeptVerdict): void {
    const difference = Number.isFinite(maxDifference) ? maxDifference : null;
    this.#store.set(`verdict ${precision} ${this.#place}`, { maxDifference: difference, wrong: wrong ?? null, since });
  }

  choice(): Choice | undefined {
    const kept = this.#store.get(`choice ${this.#place}`);
    if (!isRecord(kept)) return undefined;
    const { precision, window, batch } = kept;
    if (precision !== 'fp32' && precision !== 'fp16') return undefined;
    return isCount(window) && isCount(batch) ? { precision, window, batch } : undefined;
  }

  keepChoice(choice: Choice): void {
    this.#store.set(`choice ${this.#place}`, choice);
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

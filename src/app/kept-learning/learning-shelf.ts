// What learning keeps on disk: features by slide, encoder and grid; labels by slide. Of the same slide the same, whatever its
// name. A log that another tab writes, or a browser without a disk, leaves it in memory, and says so.
import { unhurried, type Waits } from '#channel/waits.ts';
import { openStorage } from '#storage/open-storage.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import type { MppXY } from '#units/units.ts';
import { bytesOf, keptLog, nameable, whyNotOnDisk } from '../kept-log.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface FeaturesOf {
  readonly fingerprint: string;
  readonly encoder: { readonly id: string; readonly sha256: string };
  readonly mpp: MppXY; //                   patches lie elsewhere with another pixel size
  readonly stridePx: number | undefined; // as the set was asked for
  readonly of?: string | undefined; //      what the rows are of, where they are no patches
}

const ROOM_BYTES = 16 * 2 ** 20; // that should be free: features come as embedding goes on
const LABELS_BYTES = 2 ** 20;

/** Undefined where the browser gives the page no disk. */
export async function openLearningShelf({ signal }: Waits): Promise<LearningShelf | undefined> {
  const { storage } = await openStorage({ signal, shelf: 'learning', persist: () => navigator.storage.persist() });
  return storage && new LearningShelf(storage);
}

export class LearningShelf implements Disposable {
  readonly #storage: Storage;

  /** @param storage taken over */
  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** @throws EosinError StorageBusy while another tab has it; StorageFull */
  features(of: FeaturesOf, waits: Waits): Promise<OpenLog> {
    const { name, header } = featuresLog(of);
    return this.#log(name, header, ROOM_BYTES, waits);
  }

  async has(of: FeaturesOf, waits: Waits): Promise<boolean> {
    const { name } = featuresLog(of);
    return (await this.#storage.list(waits)).some((log) => log.name === name);
  }

  /** To read; undefined where there is none. @throws EosinError StorageBusy */
  async kept(of: FeaturesOf, waits: Waits): Promise<OpenLog | undefined> {
    return (await this.has(of, waits)) ? this.#storage.open(featuresLog(of).name, waits) : undefined;
  }

  /** Which slides are bags, and their labels: the note of a log that holds nothing else. @throws as features */
  bags(waits: Waits): Promise<OpenLog> {
    return this.#log('bags', bytesOf({ schema: 1, kind: 'bags' }), LABELS_BYTES, waits);
  }

  /** @throws as features */
  labels(fingerprint: string, waits: Waits): Promise<OpenLog> {
    const header = bytesOf({ schema: 1, kind: 'labels', fingerprint });
    return this.#log(`labels-${short(fingerprint)}`, header, LABELS_BYTES, waits);
  }

  /** Attention networks that were learnt here, the oldest first. */
  async networks(waits: Waits): Promise<{ readonly name: string }[]> {
    const logs = (await this.#storage.list(waits)).filter(({ name }) => name.startsWith(NETWORK));
    return logs.map(({ name }) => ({ name })).sort((a, b) => madeAt(a.name) - madeAt(b.name));
  }

  /** @throws EosinError StorageFull */
  async addNetwork(name: string, header: Bytes, weights: Bytes, { signal }: Waits): Promise<void> {
    const log = await this.#storage.create(name, header, { signal, neededBytes: weights.length });
    try {
      await log.append(weights, { signal });
    } finally {
      log[Symbol.dispose]();
    }
  }

  /** Undefined where nothing of its weights is there. @throws EosinError StorageBusy */
  async network(name: string, waits: Waits): Promise<{ readonly header: Bytes; readonly weights: Bytes } | undefined> {
    const log = await this.#storage.open(name, waits);
    try {
      for await (const weights of log.records(waits)) return { header: log.header, weights };
      return undefined;
    } finally {
      log[Symbol.dispose]();
    }
  }

  removeNetwork(name: string, waits: Waits): Promise<void> {
    return this.#storage.remove(name, waits);
  }

  /** Encoders, by their hash, of which the slide has features. */
  async encoders(fingerprint: string, waits: Waits): Promise<ReadonlySet<string>> {
    const start = `features-${short(fingerprint)}-`;
    const logs = (await this.#storage.list(waits)).filter(({ name }) => name.startsWith(start));
    return new Set(logs.map(({ name }) => name.slice(start.length, start.length + 16)));
  }

  [Symbol.dispose](): void {
    this.#storage[Symbol.dispose]();
  }

  #log(name: string, header: Bytes, neededBytes: number, waits: Waits): Promise<OpenLog> {
    return keptLog(this.#storage, { name, header, neededBytes }, waits);
  }
}

const NETWORK = 'network-'; // then when it was made, ms
const madeAt = (name: string): number => Number(name.slice(NETWORK.length));

const short = (fingerprint: string): string => nameable(fingerprint, 24);

function featuresLog({ fingerprint, encoder, mpp, stridePx, of }: FeaturesOf): { name: string; header: Bytes } {
  const grid = [1e4 * mpp.x, 1e4 * mpp.y, stridePx ?? 0].map(Math.round).join('-');
  const { id, sha256 } = encoder;
  return {
    name: `features-${short(fingerprint)}-${sha256.slice(0, 16)}-${grid}${of === undefined ? '' : `-${of}`}`,
    header: bytesOf({ schema: 1, kind: 'features', fingerprint, encoder: { id, sha256 }, mpp, stridePx, of }),
  };
}

/** Why something is kept in memory only, as a sentence for people. */
export const whyInMemory = (thrown: unknown): string => whyNotOnDisk(thrown, 'what is learnt on this slide');

/** One after the other, the latest value only: what comes while one is written replaces what waits. */
export class LatestNote {
  readonly #write: (note: Bytes, waits: Waits) => Promise<void>;
  readonly #failed: (thrown: unknown) => void;
  #next: Bytes | undefined;
  #writing: Promise<void> | undefined;

  constructor(write: (note: Bytes, waits: Waits) => Promise<void>, failed: (thrown: unknown) => void) {
    this.#write = write;
    this.#failed = failed;
  }

  set(value: object): void {
    this.#next = bytesOf(value);
    this.#writing ??= this.#run().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves once all that was set is written, or could not be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // changes of one moment are one note
    while (this.#next) {
      const note = this.#next;
      this.#next = undefined;
      try {
        await this.#write(note, unhurried());
      } catch (thrown) {
        this.#failed(thrown);
      }
    }
  }
}

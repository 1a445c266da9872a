// Some of the slide's patches, restained and turned, through the same encoder: which way features go when a picture is altered,
// and whether an encoder finds a patch again that was. Made when asked for, for they cost another embedding.
import { FeatureSet } from '#analysis/feature-set.ts';
import type { Waits } from '#channel/waits.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Augmentation } from '#learn/augment.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { AlterCalls } from './alter-calls.ts';
import { boxOf, featuresOf } from './row-sets.ts';

/** Row i of the features is of an altered copy of row rows[i] of the set. */
export interface Copies {
  readonly set: NamedSet;
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly features: FeatureSet;
}

export const COPIES = 256; // patches of a set, evenly spread over its rows

export interface CopiesAsked {
  readonly set: NamedSet;
  readonly encoder: LoadedModel; // lent
  /** A patch at the encoder's own scale; undefined where it does not come out square. */
  readonly read: (row: number, side: number, waits: Waits) => Promise<Uint8ClampedArray<ArrayBuffer> | undefined>;
  readonly onProgress: (share: number) => void;
}

export class AlteredCopies implements Disposable {
  readonly #workers: WorkerSet<AlterCalls>;
  readonly #copies = new Map<string, Copies>(); // by encoder's id

  constructor(spawn: () => Spawned = spawnWorker) {
    this.#workers = new WorkerSet(spawn, 'Altering patches');
  }

  /** Of an encoder's patches, however many more have come since; undefined where none were made. */
  of(encoder: string): Copies | undefined {
    return this.#copies.get(encoder);
  }

  forget(): void {
    this.#copies.clear();
    this.#workers.stop();
  }

  /** @throws EosinError BadInput where no patch could be read; what the slide and the encoder throw; the signal's reason */
  async make({ set, encoder, read, onProgress }: CopiesAsked, waits: Waits): Promise<Copies> {
    const side = encoder.manifest.input.window;
    const wanted = spread(set.rows.length, COPIES);
    const features = new FeatureSet(encoder.manifest);
    const { channel } = this.#workers.members[0] ?? this.#workers.start();
    const rows: number[] = [];
    for (let from = 0; from < wanted.length; from += Math.max(1, encoder.ahead)) {
      const some = wanted.slice(from, from + Math.max(1, encoder.ahead));
      const outputs = await Promise.all(
        some.map(async (row) => {
          const rgba = await read(row, side, waits);
          if (!rgba) return undefined;
          const asked = { rgba, side, seed: row + 1 };
          const altered = await channel.call('alter', asked, { signal: waits.signal, transfer: [rgba.buffer] });
          const image = { width: side, height: side, rgba: altered.rgba };
          const patch = { tiles: [{ image, x: 0, y: 0 }], x: 0, y: 0, scaleX: 1, scaleY: 1, size: side };
          return encoder.run(patch, { signal: waits.signal });
        }),
      );
      for (const [k, row] of some.entries()) {
        const said = outputs[k];
        if (!said) continue;
        features.add(`copy of ${row}`, boxOf(set, row), said);
        rows.push(row);
      }
      onProgress((from + some.length) / wanted.length);
    }
    if (rows.length === 0) {
      const todo = 'Set a pixel size that is the same both ways.';
      throw new EosinError({ tag: 'BadInput', what: 'The altered copies', seen: 'no patch comes out square', todo });
    }
    const copies = { set, rows: Uint32Array.from(rows), features };
    this.#copies.set(set.features.encoder.id, copies);
    return copies;
  }

  [Symbol.dispose](): void {
    this.#copies.clear();
    this.#workers.close();
  }
}

/** What altering did to each of these patches' features. */
export function directionsOf({ set, rows, features }: Copies, block: string): Augmentation {
  const before = featuresOf(set, block, rows);
  const after = features.values(block);
  const values = before.values.map((value, i) => (after[i] ?? 0) - value);
  return { kind: 'directions', values, count: rows.length, most: 1 };
}

/** At most so many of 0 … n − 1, evenly apart. */
const spread = (n: number, most: number): number[] => {
  const count = Math.min(n, most);
  return Array.from({ length: count }, (_, k) => Math.floor((k * n) / count));
};

const spawnWorker = (): Spawned =>
  spawned(new Worker(new URL('./alter.worker.ts', import.meta.url), { type: 'module', name: 'Altered patches' }));

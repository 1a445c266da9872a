// The feature sets a learn worker holds, each in a kernel of its own, within one budget with what is being computed.
import { badInput, checkFeatures, type Features, taken } from './features.ts';
import { Kernel } from './kernel/kernel.ts';
import type { Labels } from './learn-calls.ts';
import { ResidentFeatures } from './neighbours.ts';
import type { Labelled } from './train-head.ts';

interface Held {
  readonly kernel: Kernel;
  readonly resident: ResidentFeatures;
}

export class KeptSets {
  readonly #module: WebAssembly.Module;
  readonly #budget: number;
  readonly #sets = new Map<string, Held>();

  constructor(module: WebAssembly.Module, budgetBytes: number) {
    this.#module = module;
    this.#budget = budgetBytes;
  }

  get bytes(): number {
    return [...this.#sets.values()].reduce((sum, { kernel }) => sum + kernel.bytes, 0);
  }

  /** @throws EosinError BadInput where a feature is no number, or there is no room; a set of that name then stays */
  keep(set: string, features: Features): void {
    checkFeatures(features);
    const replaced = this.#sets.get(set)?.kernel.bytes ?? 0;
    const limitBytes = this.#budget - this.bytes + replaced;
    const needed = 4 * (features.rows + 1) * (features.cols + 1);
    if (needed > limitBytes) throw noRoom(needed, limitBytes);
    const kernel = new Kernel({ module: this.#module, limitBytes });
    this.#sets.set(set, { kernel, resident: new ResidentFeatures(kernel, features) });
  }

  drop(set: string): void {
    this.#sets.delete(set);
  }

  /** A fresh kernel for one piece of work, with what the sets leave of the budget. */
  work(): Kernel {
    return new Kernel({ module: this.#module, limitBytes: this.#budget - this.bytes });
  }

  /** @throws EosinError BadInput for a name that is not here */
  resident(set: string): ResidentFeatures {
    const held = this.#sets.get(set);
    if (held) return held.resident;
    throw badInput('The features', `there are none named ${set}`, 'Embed the region again.');
  }

  features(set: string): Features {
    return this.resident(set).features;
  }

  /** A copy of the labelled rows. @throws EosinError BadInput for rows that the set does not have, or no room */
  labelled({ set, rows, labels, classes, groups }: Labels): Labelled {
    const features = this.features(set);
    const beyond = rows.find((row) => row >= features.rows);
    if (beyond !== undefined)
      throw badInput('The labels', `patch ${beyond} is labelled, of ${features.rows}`, 'Label the patches again.');
    const needed = COPIES * 4 * rows.length * features.cols;
    const free = this.#budget - this.bytes;
    if (needed > free) throw noRoom(needed, free);
    return { features: taken(features, rows), labels, classes, groups };
  }
}

const COPIES = 3; // the labelled rows, those of a fold, and standardised

const noRoom = (needed: number, free: number) =>
  badInput(
    'Learning',
    `it needs ${Math.ceil(needed / 1e6)} MB of memory, and may use ${Math.max(0, Math.floor(free / 1e6))} MB more`,
    'Take fewer patches or an earlier block, close sets that are not needed, or allow more memory in the settings.',
  );

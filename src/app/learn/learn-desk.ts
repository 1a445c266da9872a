// The learn worker and which features it holds, so that they go there once; the least recently used leave when room is needed.

import { unlessAborted } from '#channel/unless-aborted.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import type { Features } from '#learn/features.ts';
import type { LearnCalls, Long } from '#learn/learn-calls.ts';
import type { Learn, ToldWaits } from '#learn/open-learn.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { featuresOf } from './row-sets.ts';

type Short = Exclude<keyof LearnCalls, Long | 'keep'>;

export class LearnDesk implements Disposable {
  readonly #learn: Learn;
  readonly #budgetBytes: number;
  readonly #held = new Map<string, number>(); // bytes by name, the least recently used first
  readonly #coming = new Map<string, Promise<void>>();

  /** @param learn taken over */
  constructor(learn: Learn, budgetBytes: number) {
    this.#learn = learn;
    this.#budgetBytes = budgetBytes;
  }

  /**
   * Sees to it that the worker holds features under a name, which mean the same for good.
   * @throws EosinError BadInput where they are no numbers or too many
   */
  async hold(name: string, features: () => Features, waits: Waits): Promise<string> {
    const bytes = this.#held.get(name);
    if (bytes !== undefined) {
      this.#held.delete(name);
      this.#held.set(name, bytes);
      return name;
    }
    const coming = this.#coming.get(name) ?? this.#send(name, features()).finally(() => this.#coming.delete(name));
    this.#coming.set(name, coming);
    await unlessAborted(coming, waits.signal);
    return name;
  }

  /** All rows of a block of a set, under the one name they have everywhere. @throws as hold */
  holdBlock(set: NamedSet, block: string, waits: Waits): Promise<string> {
    return this.hold(`${set.name} ${block}`, () => featuresOf(set, block), waits);
  }

  /** No more of it is wanted. */
  async drop(name: string, waits: Waits): Promise<void> {
    if (this.#held.delete(name)) await this.ask('drop', { set: name }, waits);
  }

  ask<K extends Short>(call: K, input: LearnCalls[K]['in'], waits: Waits): Promise<LearnCalls[K]['out']> {
    return this.#watched(this.#learn.ask(call, input, waits));
  }

  run<K extends Long>(
    call: K,
    input: (tell: MessagePort) => LearnCalls[K]['in'],
    waits: ToldWaits,
  ): Promise<LearnCalls[K]['out']> {
    return this.#watched(this.#learn.run(call, input, waits));
  }

  [Symbol.dispose](): void {
    this.#learn[Symbol.dispose]();
  }

  /** Whoever asked first may leave: others wait for the same. */
  async #send(name: string, features: Features): Promise<void> {
    const waits = unhurried();
    const bytes = 4 * features.values.length;
    const most = this.#budgetBytes / 2; // the other half is for what is computed
    for (const [other, taken] of [...this.#held]) {
      const all = [...this.#held.values()].reduce((sum, each) => sum + each, 0);
      if (all + bytes <= most || taken === 0) break;
      await this.drop(other, waits);
    }
    await this.#watched(this.#learn.keep(name, features, waits));
    this.#held.set(name, bytes);
  }

  /** A worker that died took all features with it. */
  async #watched<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (thrown) {
      if (failureOf(thrown).tag === 'WorkerDied') this.#held.clear();
      throw thrown;
    }
  }
}

// Heads and attention networks that were trained here, by their names: they outlive the slide they learnt on.
import { EosinError } from '#errors/failure.ts';
import type { ModelClass } from '#inference/manifest.ts';
import type { AttentionModel } from '#learn/attention-network.ts';
import type { Head } from '#learn/head.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { blockOf } from './row-sets.ts';

/** Whose features something was trained on: those of another version mean something else. */
export interface ReadsFeatures {
  readonly id: string;
  readonly encoder: { readonly id: string; readonly sha256: string };
  readonly block: string;
  readonly classes: readonly ModelClass[];
}

export interface LearntHead extends ReadsFeatures {
  readonly head: Head;
}

export interface LearntAttention extends ReadsFeatures {
  readonly model: AttentionModel;
}

export class Learnt {
  readonly #heads = new Map<string, LearntHead>();
  readonly #attention = new Map<string, LearntAttention>();
  #last = 0;

  nextId(kind: 'head' | 'attention'): string {
    return `${kind}-${++this.#last}`;
  }

  keepHead(head: LearntHead): void {
    this.#heads.set(head.id, head);
  }

  keepAttention(model: LearntAttention): void {
    this.#attention.set(model.id, model);
  }

  removeHead(id: string): void {
    this.#heads.delete(id);
  }

  removeAttention(id: string): void {
    this.#attention.delete(id);
  }

  isAttention(id: string): boolean {
    return this.#attention.has(id);
  }

  /** @throws EosinError BadInput */
  head(id: string): LearntHead {
    return found('The head', id, this.#heads);
  }

  /** @throws EosinError BadInput */
  attention(id: string): LearntAttention {
    return found('The attention model', id, this.#attention);
  }
}

function found<T>(what: string, id: string, all: ReadonlyMap<string, T>): T {
  const one = all.get(id);
  if (one) return one;
  const known = [...all.keys()].join(', ');
  const todo = known ? `There is ${known}.` : 'Train one first.';
  throw new EosinError({ tag: 'BadInput', what, seen: `there is none named ${id}`, todo });
}

/** @throws EosinError BadInput where the set is of another encoder, another version of it, or lacks the block */
export function checkReads({ id, encoder, block }: ReadsFeatures, set: NamedSet): void {
  const own = set.features.encoder;
  if (own.id !== encoder.id || own.sha256 !== encoder.sha256) {
    const seen =
      own.id === encoder.id
        ? `${id} learnt from another version of ${encoder.id}`
        : `${id} learnt from ${encoder.id}, and ${set.name} is of ${own.id}`;
    throw new EosinError({
      tag: 'BadInput',
      what: 'The features',
      seen,
      todo: `Embed with that ${encoder.id}, or train anew.`,
    });
  }
  blockOf(set, block);
}

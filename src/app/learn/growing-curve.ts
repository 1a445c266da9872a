// The curve of a cross-validation while it runs: by epoch, the mean over the folds that have come so far.
import type { Progress } from '#learn/steps.ts';
import type { Eosin } from '../console.d.ts';

export type Curve = Awaited<ReturnType<Eosin['trainAttention']>>['curve'];

interface Epoch {
  readonly loss: number;
  readonly valLoss: number;
}

export class GrowingCurve {
  readonly #folds: Epoch[][] = [];

  /** One epoch of one fold; folds count from 0 to `total`, each from its number to the next. */
  add({ done, loss = Number.NaN, lossLeftOut = Number.NaN }: Progress): void {
    const fold = Math.ceil(done) - 1;
    this.#folds[fold] = [...(this.#folds[fold] ?? []), { loss, valLoss: lossLeftOut }];
  }

  curve(): Curve {
    return meanCurve(this.#folds);
  }
}

/** By epoch, the mean over the folds that have come to it. */
export function meanCurve(folds: readonly (readonly Epoch[])[]): Curve {
  const longest = Math.max(0, ...folds.map((epochs) => epochs.length));
  return Array.from({ length: longest }, (_, i) => {
    const here = folds.flatMap((epochs) => epochs[i] ?? []);
    const mean = (of: (one: Epoch) => number): number => here.reduce((sum, one) => sum + of(one), 0) / here.length;
    return { epoch: i + 1, loss: mean(({ loss }) => loss), valLoss: mean(({ valLoss }) => valLoss) };
  });
}

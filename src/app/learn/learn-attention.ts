// Attention over bags, learnt and kept under a name: judged on bags that were left out, then trained on all.
import type { PatchManifest } from '#inference/manifest.ts';
import type { BagOf } from '#learn/learn-calls.ts';
import type { ToldWaits } from '#learn/open-learn.ts';
import type { Progress } from '#learn/steps.ts';
import { type AttentionValidation, USUAL_ATTENTION } from '#learn/train-attention.ts';
import { type Curve, GrowingCurve, meanCurve } from './growing-curve.ts';
import { colorAt } from './labels.ts';
import type { LearnDesk } from './learn-desk.ts';
import type { Learnt } from './learnt.ts';

export interface AttentionPlanned {
  readonly bags: readonly BagOf[];
  readonly encoder: Pick<PatchManifest, 'id' | 'sha256'>;
  readonly block: string;
  readonly classes: readonly string[];
  readonly gated: boolean;
  readonly topK: number; // 0: stage 1 alone
  readonly folds: number;
  readonly seed?: number | undefined;
}

export interface LearnWaits extends ToldWaits {
  /** The curve so far, epoch by epoch. */
  readonly onCurve?: (curve: Curve) => void;
}

/** @throws EosinError BadInput for bags nothing can be learnt from; the signal's reason */
export async function learnAttention(
  { desk, learnt }: { readonly desk: LearnDesk; readonly learnt: Learnt },
  { bags, encoder, block, classes, gated, topK, folds, seed = USUAL_ATTENTION.seed }: AttentionPlanned,
  { signal, onProgress, onCurve }: LearnWaits,
): Promise<Pick<AttentionValidation, 'auc' | 'interval' | 'frozen'> & { readonly id: string; readonly curve: Curve }> {
  const plan = { ...USUAL_ATTENTION, classes: classes.length, gated, topK, seed };
  const fold = { folds, seed };
  const growing = new GrowingCurve();
  const told = {
    signal,
    onProgress: (progress: Progress): void => {
      growing.add(progress);
      onProgress?.(progress);
      onCurve?.(growing.curve());
    },
  };
  const judged = await desk.run('validateAttention', (tell) => ({ bags, plan, folds: fold, tell }), told);
  const again = onProgress ? { signal, onProgress } : { signal };
  const { model } = await desk.run('trainAttention', (tell) => ({ bags, plan, tell }), again);
  const id = learnt.nextId('attention');
  const named = classes.map((name, i) => ({ name, color: colorAt(i) }));
  learnt.keepAttention({ id, encoder, block, classes: named, model });
  const { auc, interval, frozen } = judged;
  return { id, auc, interval, frozen, curve: meanCurve(judged.curves.map(epochsOf)) };
}

const epochsOf = ({ learnt, leftOut }: AttentionValidation['curves'][number]) =>
  Array.from(learnt, (loss, i) => ({ loss, valLoss: leftOut[i] ?? Number.NaN }));

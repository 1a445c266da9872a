import { attentionClasses } from '#analysis/attend.ts';
import { type Attended, type LeftOut, pooled } from '#analysis/attention.ts';
import type { RowsManifest } from '#inference/manifest.ts';

/** Probability by the name of the class; empty where every patch is left out. */
export function predictionOf(model: RowsManifest, attended: Attended, leftOut: LeftOut): Record<string, number> {
  const { prediction } = pooled(attended, leftOut);
  if (!prediction) return {};
  return Object.fromEntries(attentionClasses(model).map(({ name }, index) => [name, prediction[index] ?? 0]));
}

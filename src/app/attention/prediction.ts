// What an attention network says of a bag, in words and numbers for people.
import { attentionClasses } from '#analysis/attend.ts';
import { type Attended, type LeftOut, mostAttended, pooled } from '#analysis/attention.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelClass, RowsManifest } from '#inference/manifest.ts';
import type { Eosin } from '../console.d.ts';

/** Probability by the name of the class; empty where every patch is left out. */
export const predictionOf = (model: RowsManifest, attended: Attended, leftOut: LeftOut): Record<string, number> =>
  byName(attentionClasses(model), attended, leftOut);

/** The console's answer. @throws EosinError BadInput for a row that is not there, or where all are left out */
export function answerOf(
  attended: Attended,
  classes: readonly ModelClass[],
  without: readonly number[] | undefined,
): Awaited<ReturnType<Eosin['attend']>> {
  const rows = attended.attention.length;
  const mask = without && maskOf(without, rows);
  const top = mostAttended(attended.attention, rows, 'most', mask);
  if (top.length === 0) throw new EosinError(allLeftOut);
  return { raw: attended.attention, prediction: byName(classes, attended, mask), top };
}

function byName(classes: readonly ModelClass[], attended: Attended, leftOut: LeftOut): Record<string, number> {
  const { prediction } = pooled(attended, leftOut);
  if (!prediction) return {};
  return Object.fromEntries(classes.map(({ name }, index) => [name, prediction[index] ?? 0]));
}

function maskOf(without: readonly number[], rows: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(rows);
  for (const row of without) {
    if (Number.isInteger(row) && row >= 0 && row < rows) mask[row] = 1;
    else throw new EosinError({ tag: 'BadInput', what: 'The row', seen: `${row}`, todo: `Give 0 to ${rows - 1}.` });
  }
  return mask;
}

const allLeftOut = {
  tag: 'BadInput',
  what: 'The patches',
  seen: 'every one is left out',
  todo: 'Leave some in.',
} as const;

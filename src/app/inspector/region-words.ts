// What is to be analysed, in one sentence.
import type { TissueEdits } from '#analysis/tissue/edits.ts';
import type { TissueFacts } from '#analysis/tissue/rules.ts';
import { areaMm2, count, plural } from '../words.ts';

/** Level-0 px² as people read them: mm² where the slide says how large its pixels are. */
export function areaWords(px: number, mpp: { readonly x: number; readonly y: number } | undefined): string {
  return mpp ? areaMm2(px * mpp.x * mpp.y * 1e-6) : `${count(px)} px²`;
}

/** '12.3 mm² tissue in 4 pieces; 0.8 mm² of pen left out.' */
export function tissueSentence(
  { areaPx, pieces, penPx, foldsPx }: TissueFacts,
  { pen, folds }: Pick<TissueEdits, 'pen' | 'folds'>,
  mpp: { readonly x: number; readonly y: number } | undefined,
): string {
  const marks = [
    penPx > 0 && `${areaWords(penPx, mpp)} of pen ${pen === 'keep' ? 'kept' : 'left out'}`,
    foldsPx > 0 && `${areaWords(foldsPx, mpp)} of folds ${folds === 'keep' ? 'kept' : 'left out'}`,
  ].filter((part) => part !== false);
  const tissue = `${areaWords(areaPx, mpp)} tissue in ${plural(pieces, 'piece')}`;
  return `${[tissue, ...marks].join('; ')}.`;
}

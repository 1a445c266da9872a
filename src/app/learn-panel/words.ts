// Sentences of the Learn panel.
import { signed } from '../signed.ts';
import type { CkaFindings, Gain, PictureSummary } from '../stores/learn-store.ts';
import { count, percent } from '../words.ts';

/** +0.01 (−0.02 to +0.04), no clear gain here */
export function gainWords({ gain, interval: [low, high] }: Gain): string {
  const verdict = low > 0 ? 'a gain here' : high < 0 ? 'a loss here' : 'no clear gain here';
  return `${signed(gain)} (${signed(low)} to ${signed(high)}), ${verdict}`;
}

/** @param all patches of the set, of which a picture may show a sample */
export function pictureWords({ how, share, rows }: PictureSummary, all: number): string {
  const axes = share && `The two axes hold ${percent(share[0])} and ${percent(share[1])} of the differences.`;
  const map = 'UMAP: neighbours are told well, distances between groups are not.';
  const sample =
    rows < all ? ` Drawn are ${count(rows)} of ${count(all)} patches: all with a label, others from everywhere.` : '';
  return `${how === 'umap' ? map : axes}${sample} Labelled patches have their class's colour.`;
}

/** What two blocks have in common, by their CKA. */
export function ckaWords(value: number, a: string, b: string): string {
  if (a === b) return `${a} against itself.`;
  const says =
    value > 0.9
      ? 'they see nearly the same'
      : value > 0.7
        ? 'they agree on much'
        : value > 0.4
          ? 'they share a part'
          : 'they see different things';
  return `${a} against ${b}: ${says}.`;
}

export const ESTIMATES: readonly { value: CkaFindings['estimate']; label: string }[] = [
  { value: 'debiased', label: 'Unbiased' },
  { value: 'plain', label: 'Plain' },
  { value: 'minibatch', label: 'Minibatch' },
];

export function estimateWords({ estimate, isFew, rows }: Pick<CkaFindings, 'estimate' | 'isFew' | 'rows'>): string {
  if (estimate === 'plain' && isFew)
    return `${rows} patches are few for features this wide: plain CKA of unrelated features is then far from 0. Unbiased is the one to read.`;
  if (estimate === 'plain') return 'Plain CKA, as Kornblith et al. define it.';
  if (estimate === 'minibatch') return 'Unbiased estimates of 256 patches each, summed: for very many patches.';
  return 'The unbiased estimate: near 0 for unrelated features, however few the patches.';
}

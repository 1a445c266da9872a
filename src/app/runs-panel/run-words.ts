// A run in words, and what can be done with it. Pure.
import { describe } from '#errors/failure.ts';
import type { FailedPatch, RunSummary } from '../runs/runs-api.ts';
import type { Tone } from '../tone-icon.tsx';
import { areaMm2, count, plural } from '../words.ts';

export const REGION_WORDS = { view: 'View', rectangle: 'Drawn region', tissue: 'All tissue' } as const;

/** What people call a slide: a sample's own name is its address. */
export const slideTitle = (name: string): string =>
  name.startsWith('phantom:') ? `Sample ${name.slice('phantom:'.length)}, synthetic` : name;

/** Behind a model's name. */
export const viewsWords = (views: number): string => (views === 1 ? '' : `, careful (${views} views)`);

export interface StateWords {
  readonly tone: Tone;
  readonly text: string;
}

export function stateWords({ state, failed, problem }: Pick<RunSummary, 'state' | 'failed' | 'problem'>): StateWords {
  switch (state) {
    case 'queued':
      return { tone: 'plain', text: 'Waits' };
    case 'running':
      return { tone: 'plain', text: 'Running' };
    case 'paused':
      return { tone: 'plain', text: 'Paused' };
    case 'cancelled':
      return { tone: 'plain', text: 'Cancelled' };
    case 'interrupted':
      return { tone: 'warn', text: problem ? 'Stopped' : 'Interrupted' };
    case 'done':
      return failed.length > 0 ? { tone: 'warn', text: 'Done, with gaps' } : { tone: 'good', text: 'Done' };
  }
}

/** '412 of 1,036 patches', '1,036 patches', 'not planned yet' */
export function progressWords({ state, done, total }: Pick<RunSummary, 'state' | 'done' | 'total'>): string {
  if (total === 0) return state === 'queued' || state === 'running' ? 'not planned yet' : 'no patch planned';
  if (state === 'done') return plural(total, 'patch', 'patches');
  return `${count(done)} of ${plural(total, 'patch', 'patches')}`;
}

export type RunAction = 'pause' | 'cancel' | 'resume' | 'retry' | 'show' | 'remove';

export interface OfferedAction {
  readonly action: RunAction;
  readonly label: string;
  readonly whyNot: string | undefined; // what has to be done first
}

/** In the order of the buttons: the likeliest first. */
export function actionsOf(run: RunSummary): readonly OfferedAction[] {
  const { state, failed, onOpenSlide, canOpen, shown, done } = run;
  const offer = (action: RunAction, label: string, whyNot?: string): OfferedAction => ({ action, label, whyNot });
  const all = run.together === undefined ? '' : ' all'; // they stop together
  if (state === 'running') return [offer('pause', `Pause${all}`), offer('cancel', `Cancel${all}`)];
  if (state === 'queued') return [offer('cancel', `Take${all} out`)];
  const closed = onOpenSlide || canOpen ? undefined : `Open ${slideTitle(run.slide)} first`;
  const goesOn = state !== 'done' && (run.total > 0 || closed === undefined);
  const canShow = onOpenSlide && !shown && done > failed.length;
  return [
    ...(goesOn ? [offer('resume', 'Resume', closed)] : []),
    ...(state === 'done' && failed.length > 0 ? [offer('retry', `Retry ${count(failed.length)}`, closed)] : []),
    ...(canShow ? [offer('show', 'Show')] : []),
    offer('remove', 'Remove'),
  ];
}

export interface WhyNotComputed {
  readonly why: string; //         of the first
  readonly isOneOfMany: boolean; // the others say the same of other tiles
  readonly patches: readonly FailedPatch[];
}

/** Failed patches by what was seen, the most frequent first. Sentences that differ in numbers alone are one reason. */
export function byReason(failed: readonly FailedPatch[]): WhyNotComputed[] {
  const reasons = new Map<string, FailedPatch[]>();
  for (const patch of failed) {
    const key = patch.why.replace(/\d+/g, '0');
    const of = reasons.get(key);
    if (of) of.push(patch);
    else reasons.set(key, [patch]);
  }
  return [...reasons.values()]
    .map((patches) => {
      const why = patches[0]?.why ?? '';
      return { why, isOneOfMany: patches.some((patch) => patch.why !== why), patches };
    })
    .sort((a, b) => b.patches.length - a.patches.length);
}

/**
 * '2 patches were not computed. Counts leave out at most 0.13 mm².' (at most: where a region was drawn, parts of them.)
 * @param pixelUm2 µm² of a level-0 px; undefined while that is not known
 */
export function gapSentence(failed: readonly FailedPatch[], pixelUm2: number | undefined): string {
  const seen = `${plural(failed.length, 'patch was', 'patches were')} not computed.`;
  if (pixelUm2 === undefined) return `${seen} Counts leave that area out.`;
  const px = failed.reduce((sum, { core }) => sum + core.width * core.height, 0);
  return `${seen} Counts leave out at most ${areaMm2(px * pixelUm2 * 1e-6)}.`;
}

/** Why a run stands still, a sentence. */
export function problemWords({
  problem,
  state,
  onOpenSlide,
  canOpen,
  slide,
  isLeft,
  total,
}: RunSummary): string | undefined {
  if (problem) return describe(problem);
  if (state !== 'interrupted' && state !== 'paused' && state !== 'cancelled') return undefined;
  if (isLeft && total === 0) return 'It waited in the queue when the page was left. Resume it.';
  if (!onOpenSlide && !canOpen) return `Open ${slideTitle(slide)} to go on.`;
  return state === 'interrupted' ? 'The page was left while it ran. What was finished is kept.' : undefined;
}

// What the tissue map can be compared with, and what a comparison is called. Pure.
import type { ObjectClass } from '#objects/columns.ts';
import { sinceWords } from '../inspector/trust-words.ts';
import type { RunSummary } from '../runs/runs-api.ts';
import type { ComparedHow, ComparedMap, RunOfMap } from '../stores/compare-store.ts';

/** Runs whose map can stand beside the one on the slide: a single run is that map. */
export function comparableRuns(list: readonly RunSummary[]): readonly RunSummary[] {
  const runs = list.filter(
    ({ onOpenSlide, state, done, failed }) =>
      onOpenSlide && state !== 'queued' && state !== 'running' && done > failed.length,
  );
  return runs.length === 1 && runs[0]?.shown ? [] : runs;
}

/** 'run of 14:02 today', with its model where the list has several. */
export function runWords(
  run: RunOfMap,
  list: readonly RunSummary[],
  now: Date,
  modelName: (id: string) => string,
): string {
  const isOneModel = list.every(({ model }) => model.id === run.model.id);
  return `run of ${sinceWords(new Date(run.created), now)}${isOneModel ? '' : `, ${modelName(run.model.id)}`}`;
}

/** As a choice in a list, and back. */
export const keyOfMap = (map: ComparedMap | undefined): string =>
  map === undefined ? '' : map.is === 'attention' ? 'attention' : `${map.channel} ${map.run ?? ''}`;

export function mapOfKey(key: string): ComparedMap | undefined {
  if (key === '') return undefined;
  if (key === 'attention') return { is: 'attention' };
  const at = key.indexOf(' ');
  const [channel, run] = [key.slice(0, at), key.slice(at + 1)];
  return { is: 'tissue', run: run || undefined, channel: channel === 'argmax' ? 'argmax' : Number(channel) };
}

/** Most probable classes have no difference: it is one class's probability that differs. */
export const canDiffer = (channel: 'argmax' | number, other: ComparedMap): boolean =>
  channel !== 'argmax' && (other.is === 'attention' || other.channel !== 'argmax');

/** The colour map of a compared map beside one that is drawn by `own`: classes have their own colours, probabilities a scale. */
export const mapOfOther = <Map extends string>(channel: 'argmax' | number, own: Map): Map | 'classes' | 'viridis' =>
  channel === 'argmax' ? 'classes' : own === 'classes' ? 'viridis' : own;

/** As it is shown: what cannot differ is swiped. */
export const howShown = (how: ComparedHow, channel: 'argmax' | number, other: ComparedMap): ComparedHow =>
  how === 'difference' && !canDiffer(channel, other) ? 'swipe' : how;

/** 'Stroma', 'most probable class', 'attention', with the run that a map is of. */
export function otherWords(other: ComparedMap, classes: readonly ObjectClass[], ofRun: string | undefined): string {
  if (other.is === 'attention') return 'attention';
  const of = other.channel === 'argmax' ? 'most probable class' : (classes[other.channel]?.name ?? 'this class');
  return ofRun === undefined ? of : `${of}, ${ofRun}`;
}

/** '0.31', '0.004', '<0.001' */
export const probability = (value: number): string =>
  value > 0 && value < 0.001 ? '<0.001' : value < 0.01 ? value.toPrecision(1) : value.toFixed(2);

// What is compared with what, in a session and out of one. Classes go by name; a map of an earlier run comes along whole, for
// elsewhere that run is not.
import type { ObjectClass } from '#objects/columns.ts';
import { headsOf } from '#objects/flat-map.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { LazyAttention } from '../lazy-attention.ts';
import type { LazyCompare } from '../lazy-compare.ts';
import { PATCH_PREDICTION } from '../stores/attention-store.ts';
import { type ComparedHow, endCompare, type RunOfMap } from '../stores/compare-store.ts';
import type { Stores } from '../stores.ts';
import type { Fields } from './session-fields.ts';
import { notOurs } from './stored-zip.ts';

export interface CompareOfSession {
  readonly of: 'tissue' | 'attention'; // what is compared with the other
  readonly how: ComparedHow;
  readonly swipeAt?: number; // the divider's place; earlier files do not say it
  /** A class of the same map or of a run's (null: the most probable one), attention, or an attention model. */
  readonly other:
    | { readonly is: 'tissue'; readonly channel: string | null; readonly run?: EarlierRun }
    | { readonly is: 'attention' }
    | { readonly is: 'model'; readonly id: string }
    | { readonly is: 'prediction' };
}

type EarlierRun = Omit<RunOfMap, 'created'> & {
  readonly created: string; // ISO 8601, as of the other runs of a session
  readonly classes: readonly ObjectClass[];
};

export interface Compared {
  readonly about: CompareOfSession | null; //  null: nothing is compared
  readonly map: ValueGrid | undefined; //      of an earlier run
}

export interface CompareDoors {
  readonly stores: Pick<Stores, 'compare' | 'attention'>;
  readonly compared: LazyCompare;
  readonly attention: LazyAttention;
}

export const COMPARED = {
  patches: 'compared-patches.f64', // as the tissue map's
  values: 'compared-values.f32',
} as const;

/** @param classes of the tissue map on the slide */
export async function comparedNow(
  { stores, compared }: CompareDoors,
  classes: readonly ObjectClass[] | undefined,
): Promise<Compared> {
  const { other, how, swipeAt } = stores.compare.getState();
  const { compare, how: howAttention } = stores.attention.getState();
  if (compare !== undefined) {
    const model = compare === PATCH_PREDICTION ? { is: 'prediction' as const } : { is: 'model' as const, id: compare };
    return { about: { of: 'attention', how: howAttention, swipeAt, other: model }, map: undefined };
  }
  if (!other) return { about: null, map: undefined };
  if (other.is === 'attention')
    return { about: { of: 'tissue', how, swipeAt, other: { is: 'attention' } }, map: undefined };
  const run = other.run === undefined ? undefined : await runCompared(compared);
  if (other.run !== undefined && !run) return { about: null, map: undefined }; // it could not be read, which was told
  const { channel } = other;
  const name = channel === 'argmax' ? null : ((run?.grid.channels ?? classes)?.[channel]?.name ?? null);
  const ofRun = run && {
    run: { ...run.of, created: new Date(run.of.created).toISOString(), classes: run.grid.channels },
  };
  return { about: { of: 'tissue', how, swipeAt, other: { is: 'tissue', channel: name, ...ofRun } }, map: run?.grid };
}

/** Its code may just be coming; that it does not come is told where it was asked for. */
const runCompared = (compared: LazyCompare): ReturnType<Comparison['runCompared']> =>
  compared.session().then(
    (session) => session.runCompared(),
    () => undefined,
  );

export const partsOfCompared = ({ map }: Compared): { name: string; blob: Blob }[] =>
  map
    ? [
        { name: COMPARED.patches, blob: new Blob([headsOf(map.patches)]) },
        { name: COMPARED.values, blob: new Blob(map.patches.map(({ values }) => values)) },
      ]
    : [];

/** @throws EosinError BadInput */
export function compareOf(read: Fields): CompareOfSession {
  const other = read.inner('other');
  const [of, how, is] = [read.text('of'), HOW.find((one) => one === read.text('how')), other.text('is')];
  if (!how) throw notOurs('how maps are compared is not known');
  const shown = { how, ...(read.has('swipeAt') && { swipeAt: read.share('swipeAt') }) };
  if (of === 'attention' && is === 'prediction') return { of, ...shown, other: { is } };
  if (of === 'attention' && is === 'model') return { of, ...shown, other: { is, id: other.text('id') } };
  if (of === 'tissue' && is === 'attention') return { of, ...shown, other: { is } };
  if (of !== 'tissue' || is !== 'tissue') throw notOurs('what is compared is not known');
  const channel = other.value('channel') === null ? null : other.text('channel');
  return { of, ...shown, other: { is, channel, ...(other.has('run') && { run: runOf(other.inner('run')) }) } };
}

const HOW: readonly ComparedHow[] = ['swipe', 'difference', 'beside'];

function runOf(read: Fields): EarlierRun {
  const created = read.text('created');
  if (Number.isNaN(Date.parse(created))) throw notOurs('when the run that it compares with was made is not known');
  return {
    ...{ id: read.text('id'), created, model: { id: read.inner('model').text('id') } },
    classes: read.list('classes').map((of) => ({ name: of.text('name'), color: of.color('color') })),
  };
}

/**
 * Once all else is on the slide. @param bring takes the map of the earlier run, where there is one
 * @returns why it is not compared, a sentence
 */
export function showCompared(
  about: CompareOfSession | null,
  bring: ((run: RunOfMap) => void) | undefined,
  { stores, attention }: Pick<CompareDoors, 'stores' | 'attention'>,
  classes: readonly ObjectClass[],
): string | undefined {
  const gone = (what: string) => `${what} is not here, and so the two maps are not compared.`;
  if (!about) return undefined;
  const { how, other, swipeAt } = about;
  if (swipeAt !== undefined) stores.compare.setState({ swipeAt });
  if (other.is === 'model' || other.is === 'prediction') {
    const id = other.is === 'model' ? other.id : PATCH_PREDICTION;
    const isHere =
      stores.attention.getState().findings && (other.is === 'prediction' || attention.loaded()?.knows(other.id));
    if (!isHere) return gone(other.is === 'model' ? `Attention by ${other.id}` : 'Attention');
    stores.attention.setState({ compare: id, how });
    return undefined;
  }
  if (other.is === 'attention') {
    if (!stores.attention.getState().findings) return gone('Attention');
    stores.compare.setState({ other, how });
    return undefined;
  }
  const index = (other.run?.classes ?? classes).findIndex(({ name }) => name === other.channel);
  if (other.channel !== null && index < 0) return gone(`The class ${other.channel}`);
  const channel = other.channel === null ? 'argmax' : index;
  if (!other.run) stores.compare.setState({ other: { is: 'tissue', run: undefined, channel }, how });
  else if (bring) {
    const { id, created, model } = other.run;
    bring({ id, created: Date.parse(created), model });
    stores.compare.setState({ other: { is: 'tissue', run: id, channel }, how });
  }
  return undefined;
}

/** Nothing is compared. */
export function endCompared({ compare, attention }: CompareDoors['stores']): void {
  endCompare(compare);
  attention.setState({ compare: undefined });
}

// A run in which, by a seed, everything fails that can: the slide, the network, post-processing, the mosaic. Each patch fails
// at most as often as it is tried again, so that a run which does what it says ends as if nothing had happened.
import { EosinError, type Failure } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { random } from '#objects/testing/random.ts';
import type { Slide, TileAt } from '#slide/slide.ts';
import type { Plan } from '../plan.ts';
import { inlinePostprocessor, type Mosaic, type Postprocessor } from '../postprocess/postprocessor.ts';

const MOST_FAULTS = 3; //           of a patch: it is tried four times
const SHARE = 0.4; //               of calls that fail, as long as the patch may
const CALLS_BETWEEN_DEATHS = 100; // of the mosaic: enough to build it anew

export interface Faults {
  readonly slide: Slide;
  readonly model: LoadedModel;
  readonly postprocess: Postprocessor;
  /** What was done so far, by name. */
  readonly done: ReadonlyMap<string, number>;
}

export interface FaultsAsked {
  readonly seed: number;
  readonly plan: Plan; //         of the run
  readonly slide: Slide; //       its patches' first tiles must all be different
  readonly model: LoadedModel;
  /** Tiles that never decode, and patches (by index) that are always wrong. */
  readonly corrupt?: (at: TileAt) => boolean;
  readonly wrong?: (index: number) => boolean;
  readonly postprocess?: Postprocessor; // lent; by default on this thread
}

const zeros: Failure = { tag: 'ModelWrong', model: 'stand-in', device: 'test', seen: 'all zero' };
const OF_SLIDE: readonly Failure[] = [
  { tag: 'Unreachable', url: 'https://host/slide.svs', reason: 'Failed to fetch' },
  { tag: 'WorkerDied', label: 'Decoding', reason: 'made to' },
];
const OF_MODEL: readonly Failure[] = [
  { tag: 'DeviceLost', label: 'test', reason: 'made to' },
  { tag: 'TimedOut', label: 'The network', seconds: 120 },
  { tag: 'WorkerDied', label: 'Inference', reason: 'made to' },
  zeros,
];
const POST: Failure = { tag: 'WorkerDied', label: 'Post-processing', reason: 'made to' };

export function faulty({ seed, plan, slide, model, corrupt, wrong, ...more }: FaultsAsked): Faults {
  const { postprocess = inlinePostprocessor() } = more;
  const next = random(seed);
  const left = new Map(plan.patches.map((_, index) => [index, MOST_FAULTS]));
  const runs = new Map<number, number>();
  const done = new Map<string, number>();
  const note = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1);
  const strikes = (index: number | undefined): boolean => {
    if (index === undefined || next() >= SHARE) return false;
    const faults = left.get(index) ?? 0;
    left.set(index, faults - 1);
    return faults > 0;
  };
  const oneOf = (failures: readonly Failure[]): Failure => failures[Math.floor(next() * failures.length)] ?? POST;
  const byTile = new Map(plan.patches.map((patch, index) => [tileKey(patch.tiles()[0]?.at), index]));
  const byPlace = new Map(plan.patches.map(({ x, y }, index) => [`${x},${y}`, index]));
  const byCore = new Map(plan.patches.map(({ frame: { col, row } }, index) => [`${col},${row}`, index]));
  const begun = new WeakSet<AbortSignal>(); // all tiles of one attempt share one

  return {
    done,
    slide: {
      ...slide,
      async readTile(at, waits) {
        const isFirst = !begun.has(waits.signal);
        begun.add(waits.signal);
        if (corrupt?.(at)) throw new EosinError({ tag: 'CorruptTile', ...at, reason: 'made to' });
        if (!isFirst || !strikes(byTile.get(tileKey(at)))) return slide.readTile(at, waits);
        if (next() < 0.2) {
          note('silent');
          return new Promise(() => undefined); // not even an abort is answered
        }
        const failure = oneOf(OF_SLIDE);
        note(failure.tag);
        throw new EosinError(failure);
      },
    },
    model: {
      ...model,
      async run(patch, options) {
        const index = byPlace.get(`${patch.x},${patch.y}`);
        if (index === undefined) return model.run(patch, options);
        const isFirstRun = !runs.has(index);
        runs.set(index, 1);
        if (wrong?.(index)) throw new EosinError(zeros);
        if (!strikes(index)) return model.run(patch, options);
        // Wrong numbers have one second chance: they count for all the others.
        const failure = oneOf(
          OF_MODEL.filter(({ tag }) => tag !== 'ModelWrong' || (isFirstRun && left.get(index) === 2)),
        );
        note(failure.tag === 'ModelWrong' ? 'zeros' : failure.tag);
        throw new EosinError(failure);
      },
    },
    postprocess: mortal(
      postprocess,
      ({ col, row }) => strikes(byCore.get(`${col},${row}`)),
      () => next() < 0.2,
      note,
    ),
  };
}

const tileKey = (at: TileAt | undefined): string => `${at?.col},${at?.row}`;

function mortal(
  sound: Postprocessor,
  strikes: (at: { col: number; row: number }) => boolean,
  dies: () => boolean,
  note: (what: string) => void,
): Postprocessor {
  let calls = 0;
  const orDies =
    <A extends unknown[], T>(call: (...given: A) => Promise<T>) =>
    (...given: A): Promise<T> => {
      if (++calls < CALLS_BETWEEN_DEATHS || !dies()) return call(...given);
      calls = 0;
      note('mosaic');
      return Promise.reject(new EosinError(POST));
    };
  return {
    ...sound,
    async patch(task, waits) {
      const frame = task.nuclei?.frame ?? task.core?.frame;
      if (!frame || !strikes(frame)) return sound.patch(task, waits);
      note('post-processing');
      throw new EosinError(POST);
    },
    async openMosaic(setup, waits): Promise<Mosaic> {
      const mosaic = await sound.openMosaic(setup, waits);
      return {
        ...mosaic,
        add: orDies(mosaic.add),
        skip: orDies(mosaic.skip),
        wanted: orDies(mosaic.wanted),
        collect: orDies(mosaic.collect),
      };
    },
  };
}

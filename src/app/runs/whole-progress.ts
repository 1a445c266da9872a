// How far the models of one run are, put together: the run bar shows the whole of what was asked for.
import type { ModelShare, Progress } from '../stores/run-store.ts';

/** Of one of them: what it tells, until it is over. */
export interface Telling {
  shown(progress: Progress): void;
  over(): void;
}

interface Member {
  readonly share: ModelShare; //           as planned, before it tells
  told: Progress | undefined;
  isOver: boolean;
}

export class WholeProgress {
  readonly #members: readonly Member[];
  readonly #tell: (whole: Progress | undefined) => void;

  /** @param tell gets undefined once all are over. @param planned the one that is shown first */
  constructor(
    planned: readonly { readonly model: string; readonly total: number }[],
    tell: (whole: Progress | undefined) => void,
  ) {
    this.#members = planned.map(({ model, total }) => ({
      share: { model, done: 0, total, failed: 0, isOver: false },
      told: undefined,
      isOver: false,
    }));
    this.#tell = tell;
  }

  of(index: number): Telling {
    const member = this.#members[index];
    return {
      shown: (progress) => {
        if (!member || member.isOver) return;
        member.told = progress;
        this.#tell(this.#whole(progress));
      },
      over: () => {
        if (!member || member.isOver) return;
        member.isOver = true;
        if (this.#members.every(({ isOver }) => isOver)) this.#tell(undefined);
        else if (member.told) this.#tell(this.#whole(member.told));
      },
    };
  }

  #whole(latest: Progress): Progress {
    const members = this.#members;
    if (members.length === 1) return latest;
    const base = members.find(({ told }) => told)?.told ?? latest;
    const going = members.flatMap(({ isOver, told }) => (told && !isOver ? [told] : []));
    const models = members.map(shareOf);
    const waits = going.find(({ phase }) => phase === 'waiting'); // the others wait for it
    const left = going.flatMap(({ secondsLeft }) => secondsLeft ?? []);
    return {
      ...base,
      phase: waits?.phase ?? going.find(({ phase }) => phase === 'running')?.phase ?? base.phase,
      waiting: waits?.waiting,
      done: sum(models.map(({ done }) => done)),
      total: sum(models.map(({ total }) => total)),
      failed: sum(models.map(({ failed }) => failed)),
      patchesPerSecond: sum(going.map(({ patchesPerSecond }) => patchesPerSecond)),
      secondsLeft: left.length > 0 ? Math.max(...left) : undefined, // they go on side by side
      areaMm2: going.length > 0 ? Math.min(...going.map(({ areaMm2 = 0 }) => areaMm2)) : base.areaMm2, // by all of them
      around: sum(going.map(({ around }) => around)),
      models,
    };
  }
}

/** One that stopped early has nothing left to do. */
function shareOf({ share, told, isOver }: Member): ModelShare {
  const { done, total, failed } = told ?? share;
  return { model: share.model, done, total: isOver ? done : total || share.total, failed, isOver };
}

const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);

// The run that Live goes on with: over the whole slide, in memory, and the same one as long as slide, model and device are.
import { unhurried } from '#channel/waits.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { begin, goOn, type NewRun, type Preparing } from './preparing.ts';
import type { RunJob } from './run-job.ts';
import type { RunLine } from './run-line.ts';
import { newEntry, type RunList } from './run-list.ts';
import type { Prepare } from './run-work.ts';

export interface FollowingNeeds extends Pick<RunSessionNeeds, 'slides' | 'stores'> {
  readonly list: RunList;
  readonly line: RunLine;
  readonly preparing: Preparing;
}

export class Following {
  readonly #needs: FollowingNeeds;
  #run: NewRun | undefined;

  constructor(needs: FollowingNeeds) {
    this.#needs = needs;
  }

  /** Into the line; undefined while there is no slide to follow. */
  start(): RunJob | undefined {
    const { slides, stores, list, line, preparing } = this.#needs;
    const slide = slides.opened()?.slide;
    const base = slide?.levels[0];
    if (!slide || !base) return undefined;
    const add = (id: string, prepare: Prepare): RunJob =>
      line.add({ id, onScreen: true, isLive: true, prepare }, unhurried());
    const model = stores.models.getState().chosen;
    const { device } = stores.settings.getState();
    const before = this.#run;
    const id = before?.model === model && before?.device === device ? before.id : undefined;
    const keeper = id === undefined ? undefined : list.get(id).keeper;
    if (id !== undefined && keeper) return add(id, (_place, all) => goOn(preparing, [id], keeper, all));
    const whole = { x: 0, y: 0, width: base.widthPx, height: base.heightPx };
    const entry = newEntry({ slide: slide.name, region: 'view', source: undefined }, list.nextMoment());
    list.put({ ...entry, isLive: true });
    const run: NewRun = {
      id: entry.id,
      created: Date.now(),
      model,
      attention: 'none',
      device,
      views: 1, // it goes where the user looks, and should be there soon
      choice: 'view',
      region: async () => whole,
      inMemory: true,
      isLive: true,
    };
    this.#run = run;
    return add(run.id, (place, all) => begin(preparing, [run], place, all));
  }

  /** Another slide is on screen. */
  forget(): void {
    this.#run = undefined;
  }
}

// The difference of two maps, made beside the page. The last one stays until the next is there.
import { type Failure, failureOf } from '#errors/failure.ts';
import { type FlatMap, gridOfFlat } from '#objects/flat-map.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Difference, DifferenceOf } from '#objects/grid-difference.ts';
import type { Subtracting } from '#objects/open-subtract.ts';
import type { ComparedMap } from '../stores/compare-store.ts';

const ANEW_MS = 2000; // between two differences while a map grows: of a whole slide every cell is subtracted

export interface DifferenceAsked {
  readonly key: string; //                  of what is subtracted from what, and by what name
  readonly versions: readonly unknown[]; // of the maps: while they grow, a difference that is a little old will do
  readonly name: string; //                 'Tumour less Stroma'
  readonly other: ComparedMap;
  readonly by: DifferenceOf;
  readonly maps: () => readonly [here: FlatMap, there: FlatMap]; // copies
}

export interface Made extends Omit<Difference, 'map'> {
  readonly asked: DifferenceAsked;
  readonly grid: ValueGrid;
  readonly at: number; // ms of performance.now()
}

export class Differences {
  readonly #work: Subtracting;
  readonly #changed: () => void;
  readonly #failed: (why: Failure) => void;
  #made: Made | undefined;
  #making: { readonly done: Promise<void>; readonly stop: AbortController } | undefined; // one at a time
  #notMade: DifferenceAsked | undefined; // it failed
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed there is another one, or should be */
  constructor(work: Subtracting, changed: () => void, failed: (why: Failure) => void) {
    this.#work = work;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** What is there already; another one comes where it is not what is asked, once the one that is made now is there. */
  of(asked: DifferenceAsked): Made | undefined {
    clearTimeout(this.#timer);
    const made = this.#made;
    if (this.#making || isIt(this.#notMade, asked) || (made && isIt(made.asked, asked))) return made;
    const wait = made?.asked.key === asked.key ? made.at + ANEW_MS - performance.now() : 0;
    if (wait > 0) this.#timer = setTimeout(this.#changed, wait);
    else this.#make(asked);
    return made;
  }

  /** Once nothing is made any more. */
  async last(): Promise<Made | undefined> {
    while (this.#making) await this.#making.done;
    return this.#made;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#making?.stop.abort(new DOMException('Nothing is compared any more.', 'AbortError'));
    [this.#made, this.#making, this.#notMade] = [undefined, undefined, undefined];
    this.#work.rest();
  }

  #make(asked: DifferenceAsked): void {
    const stop = new AbortController();
    const subtracted = async (): Promise<Difference> => {
      const [here, there] = asked.maps(); // may find no memory
      return this.#work.difference({ here, there, by: asked.by }, stop);
    };
    const make = async (): Promise<void> => {
      try {
        const { map, ...made } = await subtracted();
        if (stop.signal.aborted) return;
        this.#made = { ...made, asked, grid: gridOfFlat(map, 'Difference', asked.name), at: performance.now() };
      } catch (thrown) {
        if (stop.signal.aborted) return;
        [this.#made, this.#notMade] = [undefined, asked];
        this.#failed(failureOf(thrown));
      }
      this.#making = undefined;
      this.#changed();
    };
    this.#making = { stop, done: make() };
  }
}

const isIt = (one: DifferenceAsked | undefined, asked: DifferenceAsked): boolean =>
  one?.key === asked.key && asked.versions.every((version, k) => version === one.versions[k]);

// Shift G: the grid that patches were cut by, with the number of objects that touch a seam. Counted in short turns, so that
// the slide moves freely under a million nuclei.
import { turn } from '#channel/turn.ts';
import { isAbort } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { RUN_LAYERS } from '../stores/objects-store.ts';
import { noSeams } from '../stores/seams-store.ts';
import type { Workbench } from '../workbench.ts';
import { countSeams, noSeamCounts, type SeamCounts, type SeamSources } from './count-seams.ts';

export interface SeamsNeeds extends Pick<Workbench, 'viewer' | 'found' | 'stores' | 'slides'> {
  /** Cores of the patches that were computed, level-0 px. */
  readonly cores: () => readonly Rect[];
}

const TURN_MS = 8; //      of counting, before others have their turn
const TELL_MS = 200; //    at least between two tellings of what is counted so far
const AGAIN_MS = 1500; //  at least between two countings while a run goes on

export class Seams {
  readonly #needs: SeamsNeeds;
  #counting: AbortController | undefined; // while seams are counted
  #isOutdated = false; //                    objects changed meanwhile
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(needs: SeamsNeeds) {
    this.#needs = needs;
    needs.found.subscribe(() => this.#countAgain(AGAIN_MS));
    needs.slides.onChange(() => this.hide());
  }

  toggle(): void {
    if (this.#isShown) this.hide();
    else this.show();
  }

  show(): void {
    this.#needs.stores.seams.setState({ ...noSeams, shown: true });
    this.#countAgain(0);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#counting?.abort(new DOMException('The patch grid was hidden.', 'AbortError'));
    this.#needs.stores.seams.setState(noSeams);
    this.#needs.viewer.setPatchGrid(undefined);
  }

  get #isShown(): boolean {
    return this.#needs.stores.seams.getState().shown;
  }

  #countAgain(inMs: number): void {
    this.#isOutdated = this.#counting !== undefined;
    if (!this.#isShown || this.#isOutdated || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#count();
    }, inMs);
  }

  async #count(): Promise<void> {
    const mine = new AbortController();
    this.#counting = mine;
    try {
      await this.#countAll(mine.signal);
    } catch (thrown) {
      if (!isAbort(thrown)) throw thrown;
    } finally {
      this.#counting = undefined;
    }
    if (this.#isOutdated) this.#countAgain(AGAIN_MS);
  }

  async #countAll(signal: AbortSignal): Promise<void> {
    const { found, stores } = this.#needs;
    const cores = [...this.#needs.cores()];
    const sources: SeamSources = Object.fromEntries(
      RUN_LAYERS.filter((kind) => found.has(kind)).map((kind) => [kind, found.store(kind).live]),
    );
    const counts = noSeamCounts();
    const isFirst = stores.seams.getState().counted === 0; // later ones take the place of a whole result at once
    if (isFirst) this.#tell(cores, counts, 0);
    let [since, toldAt] = [performance.now(), performance.now()];
    for (const core of countSeams(sources, cores, counts)) {
      const now = performance.now();
      if (now - since < TURN_MS) continue;
      if (isFirst && now - toldAt > TELL_MS) {
        this.#tell(cores, counts, core + 1);
        toldAt = now;
      }
      await turn();
      signal.throwIfAborted();
      since = performance.now();
    }
    this.#tell(cores, counts, cores.length);
  }

  #tell(cores: readonly Rect[], { touching, byKind }: SeamCounts, counted: number): void {
    const { viewer, stores } = this.#needs;
    viewer.setPatchGrid({ cores, touching: [...touching] });
    const sidePx = cores.reduce((most, { width }) => Math.max(most, width), 0);
    stores.seams.setState({ shown: true, patches: cores.length, sidePx, counted, byKind: { ...byKind } });
  }
}

// What files brought beside what runs find: onto the slide when it is opened again, away from it, and back.
import { turn } from '#channel/turn.ts';
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { Slide } from '#slide/slide.ts';
import type { Storage } from '#storage/storage.ts';
import type { Point } from '#units/rect.ts';
import { kindsWords } from '../kinds-words.ts';
import type { FilesNeeds } from '../lazy-files.ts';
import { RUN_LAYERS } from '../stores/objects-store.ts';
import { notify } from '../stores/window-store.ts';
import { BroughtKeeper } from './brought-keeper.ts';
import type { BroughtSoFar } from './brought-records.ts';
import { keptArea, showArea } from './kept-area.ts';
import { StagedObjects } from './staged.ts';

const ROWS_AT_ONCE = 4_000;
/** Objects: of more, writing goes on behind, and the browser asks before the tab is left. */
export const KEPT_IN_A_MOMENT = 50_000;

export class BroughtDesk {
  readonly #needs: Pick<FilesNeeds, 'stores' | 'found'>;
  readonly #keeper: BroughtKeeper;
  #away: readonly ObjectColumns[] = []; // taken away last

  constructor(needs: Pick<FilesNeeds, 'stores' | 'found'>, storage: () => Promise<Storage | undefined>) {
    this.#needs = needs;
    this.#keeper = new BroughtKeeper(storage, (why) =>
      notify(needs.stores.window, {
        text: `${why} Objects of files are not kept: bring them again when you open the slide next.`,
        tone: 'warn',
        ofSlide: true,
      }),
    );
  }

  leave(): void {
    this.#keeper.forget();
    this.#away = [];
  }

  get isAny(): boolean {
    return this.#keeper.isAny;
  }

  written(): Promise<void> {
    return this.#keeper.written();
  }

  /**
   * @param onScreen aborts when the slide leaves the screen
   * @param lost files whose annotations were not kept whole: told here, with those of objects
   */
  async lookUp(slide: Slide, onScreen: Waits, lost: readonly string[]): Promise<void> {
    let untold = lost;
    await this.#keeper.open(slide, async (brought) => {
      untold = [];
      await this.#show(brought, [...new Set([...lost, ...brought.cutOff])], onScreen);
    });
    const { window } = this.#needs.stores;
    if (untold.length > 0 && !onScreen.signal.aborted)
      notify(window, { tone: 'warn', ofSlide: true, text: cutOffWords(untold) });
  }

  /**
   * Of a file that is on the slide now. Resolves once a small one is on disk.
   * @param objects lent @returns whether writing goes on behind
   */
  async keep(name: string, objects: readonly ObjectColumns[]): Promise<boolean> {
    if (countOf(objects) === 0) return false;
    this.#keeper.add({ name, objects, inPlaceOfAll: undefined });
    if (countOf(objects) > KEPT_IN_A_MOMENT) return true;
    await this.#keeper.written();
    return false;
  }

  /** As `keep`; a session stands in the place of all that was brought before. @param objects lent */
  async keepSession(name: string, objects: readonly ObjectColumns[]): Promise<void> {
    const { found } = this.#needs;
    const kinds = RUN_LAYERS.filter((kind) => found.has(kind));
    const area = keptArea(found.area);
    this.#keeper.add({ name, objects, inPlaceOfAll: { kinds, tissue: found.tissueGrid(), area } });
    if (countOf(objects) <= KEPT_IN_A_MOMENT) await this.#keeper.written();
  }

  /** Off the slide and off the disk; it can be brought back once. */
  async takeAway({ signal }: Waits): Promise<void> {
    const { found, stores } = this.#needs;
    const { stores: brought } = await this.#keeper.takeAway();
    const away = [...brought.values()].map(({ columns }) => columns);
    for (const { kind, count, centroid } of away) {
      for (let row = 0; row < count; row++) {
        found.store(kind).removeAt({ x: centroid[2 * row] ?? 0, y: centroid[2 * row + 1] ?? 0 });
        if (row % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1) continue;
        await turn();
        signal.throwIfAborted();
      }
    }
    found.changed();
    await found.settled();
    this.#away = away;
    stores.selection.setState({ selected: undefined });
    const action = { label: 'Undo', command: 'brought.back' };
    notify(stores.window, { text: `${wordsOf(away)} of files were taken away.`, action, seconds: 20, ofSlide: true });
  }

  async bringBack(onScreen: Waits): Promise<void> {
    const away = this.#away;
    this.#away = [];
    const staged = new StagedObjects();
    for (const columns of away) staged.add(columns);
    await staged.land(this.#needs.found, onScreen);
    await this.keep('A file', away);
  }

  async #show(
    { stores: brought, names, inPlaceOfAll }: BroughtSoFar,
    cutOff: readonly string[],
    onScreen: Waits,
  ): Promise<void> {
    const { found, stores } = this.#needs;
    const isEmpty = found.area.areaPx === 0 && RUN_LAYERS.every((kind) => found.store(kind).counts.count === 0);
    const staged = new StagedObjects(isEmpty ? brought : undefined);
    if (isEmpty && inPlaceOfAll) {
      const { tissue, kinds, area } = inPlaceOfAll;
      found.startAnew(
        tissue,
        RUN_LAYERS.filter((kind) => kinds.includes(kind)),
      );
      showArea(found.area, area);
    }
    const isFree = (at: Point): boolean => found.area.areaIn({ ...at, width: 1e-3, height: 1e-3 }) === 0; // findings of a run stand
    if (!isEmpty) for (const { columns } of brought.values()) await staged.addMissing(columns, found, onScreen, isFree);
    await staged.land(found, onScreen);
    const { notice } = stores.window.getState();
    const [name, ...more] = names;
    const from = more.length > 0 ? `${names.length} files` : name;
    const came = `${wordsOf([...brought.values()].map(({ columns }) => columns))} of ${from}, as you brought them.`;
    const action = { label: 'Take away', command: 'brought.remove' };
    if (cutOff.length > 0) {
      const lost = cutOffWords(cutOff);
      notify(stores.window, {
        tone: 'warn',
        ofSlide: true,
        ...(name === undefined ? { text: lost } : { text: `${lost} ${came}`, action }),
      });
    } else if (isEmpty && !notice) notify(stores.window, { text: came, action, seconds: 8, ofSlide: true });
  }
}

const countOf = (objects: readonly ObjectColumns[]): number => objects.reduce((sum, { count }) => sum + count, 0);

const wordsOf = (all: readonly ObjectColumns[]): string =>
  kindsWords(Object.fromEntries(all.map(({ kind, count }) => [kind, count]))) || 'No objects';

function cutOffWords(names: readonly string[]): string {
  const [was, they, them] = names.length === 1 ? ['was', 'it', 'it'] : ['were', 'they', 'them'];
  return `${names.join(', ')} ${was} not kept whole: the tab was left, or the disk was full, while ${they} ${was} written. Bring ${them} again.`;
}

// Annotations of the open slide that somebody brought: back onto it when it is opened again, away from it one by one, and back.
import type { Waits } from '#channel/waits.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import type { Slide } from '#slide/slide.ts';
import type { Storage } from '#storage/storage.ts';
import type { FilesNeeds } from '../lazy-files.ts';
import { notify } from '../stores/window-store.ts';
import { AnnotationKeeper } from './annotation-keeper.ts';
import { KEPT_IN_A_MOMENT } from './brought-desk.ts';
import type { BroughtSoFar } from './brought-records.ts';
import { StagedObjects } from './staged.ts';

export class AnnotationDesk {
  readonly #needs: Pick<FilesNeeds, 'stores' | 'found'>;
  readonly #keeper: AnnotationKeeper;
  #removed: ObjectColumns | undefined; // taken away last

  constructor(needs: Pick<FilesNeeds, 'stores' | 'found'>, files: Files, storage: () => Promise<Storage | undefined>) {
    this.#needs = needs;
    this.#keeper = new AnnotationKeeper(storage, files, (why) =>
      notify(needs.stores.window, {
        text: `${why} Annotations are not kept: export them before you close the slide.`,
        tone: 'warn',
        ofSlide: true,
      }),
    );
  }

  leave(): void {
    this.#keeper.forget();
    this.#removed = undefined;
  }

  written(): Promise<void> {
    return this.#keeper.written();
  }

  /**
   * @param onScreen aborts when the slide leaves the screen
   * @returns files whose annotations were not kept whole, which nobody has told yet
   */
  async lookUp(slide: Slide, frame: SlideFrame, onScreen: Waits): Promise<readonly string[]> {
    let lost: readonly string[] = [];
    await this.#keeper.open(slide, frame, async (kept) => {
      lost = kept.cutOff;
      await this.#show(kept, onScreen);
    });
    return lost;
  }

  /**
   * Of a file, and on the slide now. Resolves once few are on disk.
   * @param objects lent, a snapshot @returns whether writing goes on behind
   */
  async keep(name: string, objects: ObjectColumns | undefined): Promise<boolean> {
    if (!objects || objects.count === 0) return false;
    this.#keeper.added(name, objects);
    if (objects.count > KEPT_IN_A_MOMENT) return true;
    await this.#keeper.written();
    return false;
  }

  /** The one that is selected, and with it those of the same centre, which are told apart by nothing on disk. */
  removeSelected(): void {
    const { stores, found } = this.#needs;
    const { selected } = stores.selection.getState();
    if (selected?.kind !== 'annotations') return;
    const { x, y } = selected.at;
    const { columns, query } = found.store('annotations').live; // of a million, sweeping out the one that went before would take long
    const isMeant = (row: number): boolean => columns.centroid[2 * row] === x && columns.centroid[2 * row + 1] === y;
    this.#removed = rowsOf(columns, query({ x, y, width: 0, height: 0 }).filter(isMeant));
    found.remove('annotations', selected.at);
    this.#keeper.removed(selected.at);
    stores.selection.setState({ selected: undefined });
    const text = `${selected.className}: the annotation was taken away.`;
    notify(stores.window, { text, action: { label: 'Undo', command: 'annotations.back' }, seconds: 10, ofSlide: true });
  }

  bringBack(): void {
    const removed = this.#removed;
    this.#removed = undefined;
    if (!removed) return;
    this.#needs.found.bring(removed);
    void this.keep('An annotation', removed);
  }

  /** The slide may hold some already. */
  async #show({ stores }: BroughtSoFar, onScreen: Waits): Promise<void> {
    const { found } = this.#needs;
    const isFirst = found.store('annotations').counts.count === 0;
    const staged = new StagedObjects(isFirst ? stores : undefined);
    if (!isFirst) for (const { columns } of stores.values()) await staged.addMissing(columns, found, onScreen);
    onScreen.signal.throwIfAborted();
    await staged.land(found, onScreen);
    await found.settled(); // of what was taken away since it was kept
  }
}

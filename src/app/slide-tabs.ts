// Slides that are open beside the one on screen: where each was read from, how it was looked at, what was found on it.
import type { SlideSource } from '#slide/open.ts';
import type { MppXY } from '#units/units.ts';
import type { ViewChange } from '#viewer/viewer-api.ts';
import type { SlideTab } from './stores/slide-store.ts';

/** How a slide was left. */
export interface Left {
  readonly print: Promise<string | undefined> | undefined; // its fingerprint, where there is something to put back
  readonly view: ViewChange;
  readonly mpp: MppXY | undefined; // set by the user
  readonly kept: readonly Kept[];
}

/** What brings back some of what was found on a slide, without the disk. */
export interface Kept {
  readonly bytes: number; // that it holds
  readonly putBack: () => void;
}

interface Tab extends SlideTab {
  readonly source: SlideSource;
  left: Left | undefined; // undefined while it is on screen
}

const MOST_TABS = 12; //  the one left longest ago goes
/**
 * Of the findings that stay in memory with their tabs; those of tabs left longer ago are shown again from the disk. A slide of a
 * million nuclei has 160 MB, and a browser's tab must hold the one on screen beside it. The one left last stays in any case.
 */
const MOST_KEPT_BYTES = 192e6;

export class SlideTabs {
  #tabs: Tab[] = [];
  #shown: Tab | undefined;
  #leaving: Tab[] = []; // left longest ago first
  #lastId = 0;

  get all(): readonly SlideTab[] {
    return this.#tabs.map(({ id, title }) => ({ id, title }));
  }

  get shown(): number | undefined {
    return this.#shown?.id;
  }

  sourceOf(id: number): SlideSource | undefined {
    return this.#tabs.find((tab) => tab.id === id)?.source;
  }

  printOf(id: number): Promise<string | undefined> | undefined {
    return this.#tabs.find((tab) => tab.id === id)?.left?.print;
  }

  /** The tab that takes the place of one that is closed, or undefined. */
  beside(id: number): number | undefined {
    const at = this.#tabs.findIndex((tab) => tab.id === id);
    return (this.#tabs[at + 1] ?? this.#tabs[at - 1])?.id;
  }

  /** @param step 1 the next, −1 the one before, round the end */
  next(step: 1 | -1): number | undefined {
    if (!this.#shown) return undefined;
    const at = this.#tabs.indexOf(this.#shown) + step;
    return this.#tabs.at(at % this.#tabs.length)?.id;
  }

  /** The slide on screen gives way to another one, or to none. */
  leave(left: Left): void {
    const tab = this.#shown;
    this.#shown = undefined;
    if (!tab) return;
    tab.left = left;
    this.#leaving.push(tab);
  }

  /**
   * A slide comes on screen: in the tab `id`, as it was left there; else anew, in the tab that was opened from the same
   * source, or one of its own.
   */
  enter(source: SlideSource, title: string, id: number | undefined): Left | undefined {
    const tab = this.#tabs.find((one) => (id === undefined ? isSame(one.source, source) : one.id === id));
    const left = id === undefined ? undefined : tab?.left;
    const shown: Tab = { id: tab?.id ?? ++this.#lastId, title, source, left: undefined };
    if (tab) this.#tabs = this.#tabs.map((one) => (one === tab ? shown : one));
    else this.#tabs.push(shown);
    this.#leaving = this.#leaving.filter((one) => one !== tab);
    this.#shown = shown;
    this.#bound();
    const [oldest] = this.#leaving;
    if (this.#tabs.length > MOST_TABS && oldest) this.close(oldest.id);
    return left;
  }

  #bound(): void {
    const last = this.#leaving.at(-1);
    let bytes = 0;
    for (const old of this.#leaving.toReversed()) {
      if (!old.left) continue;
      bytes += old.left.kept.reduce((sum, each) => sum + each.bytes, 0);
      if (old === last || bytes <= MOST_KEPT_BYTES) continue;
      old.left = { ...old.left, kept: old.left.kept.filter((each) => each.bytes === 0) };
    }
  }

  close(id: number): void {
    this.#tabs = this.#tabs.filter((tab) => tab.id !== id);
    this.#leaving = this.#leaving.filter((tab) => tab.id !== id);
    if (this.#shown?.id === id) this.#shown = undefined;
  }
}

function isSame(a: SlideSource, b: SlideSource): boolean {
  if (a === b) return true;
  if (!(a instanceof File && b instanceof File)) return false;
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

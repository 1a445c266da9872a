// Giving labels to rows of features, whatever they are of: patches of the slide, or its objects. What the panel shows of it
// stands in the store.
import { ringOf } from '#analysis/polygons.ts';
import { EosinError } from '#errors/failure.ts';
import { boxAt, centreOf, type Point, type Rect } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { createLearnStore, type LearnStore, type Patch } from '../stores/learn-store.ts';
import type { Heads } from './heads.ts';
import { Labels } from './labels.ts';
import { areasOfGeoJSON, isInArea, labelsAsGeoJSON } from './labels-geojson.ts';
import type { Noun } from './noun.ts';
import { boxesOf, boxOf, placeOf, placesOf, rowsByPlace } from './row-sets.ts';

const EXAMPLES = 12; // of each class, in the panel

export abstract class Labelling {
  readonly store: LearnStore = createLearnStore();
  readonly labels = new Labels(() => this.labelsChanged());
  abstract readonly noun: Noun;
  abstract readonly heads: Heads;

  /** The rows that are labelled on; undefined while there are none. */
  abstract shownSet(): NamedSet | undefined;
  /** The row beneath a level-0 point. */
  abstract rowAt(at: Point): number | undefined;
  /** Why what lies beneath a point cannot be labelled, a sentence; undefined where it can, or where there is nothing. */
  unreadAt(_at: Point): string | undefined {
    return undefined;
  }
  /** Frames a row on the slide, and nothing where there is none. */
  abstract mark(row: number | undefined): void;
  /** The view glides there. */
  abstract goTo(patch: Patch): void;
  /** The features that are learnt from. */
  abstract choose(encoder: string, block: string | undefined): void;
  protected abstract labelsChanged(): void;

  setCurrent(index: number | undefined): void {
    const { current, classes } = this.store.getState();
    if (index !== undefined && !classes[index]) return;
    this.store.setState({ current: current === index ? undefined : index });
  }

  label(rows: readonly number[], classIndex: number | undefined): void {
    const set = this.shownSet();
    if (!set) return;
    this.labels.label(
      rows.flatMap((row) => placeOf(set, row) ?? []),
      classIndex,
    );
  }

  /** A click on the slide: the current class, or its label away. @returns false where there is nothing, or no class is chosen */
  labelAt(at: Point): boolean {
    const [row, { current }] = [this.rowAt(at), this.store.getState()];
    const set = this.shownSet();
    if (row === undefined || current === undefined || !set) return false;
    this.label([row], this.labels.of(placeOf(set, row) ?? '') === current ? undefined : current);
    return true;
  }

  /** Rows whose centre satisfies `isIn`, level-0 px. */
  rowsWhere(isIn: (centre: Point) => boolean): number[] {
    const set = this.shownSet();
    if (!set) return [];
    const boxes = boxesOf(set);
    return Array.from(set.rows.keys()).filter((row) => isIn(centreOf(boxAt(boxes, row))));
  }

  /** Of the shown set's labelled rows. */
  labelColours(): ReadonlyMap<number, string> {
    const set = this.shownSet();
    const colours = new Map<number, string>();
    for (const [row, place] of (set ? placesOf(set) : []).entries()) {
      const of = this.labels.classes[this.labels.of(place) ?? -1];
      if (of) colours.set(row, of.color);
    }
    return colours;
  }

  boxOf(row: number): Rect | undefined {
    const set = this.shownSet();
    return set && boxOf(set, row);
  }

  /** Labelled rows of the slide in QuPath's dialect of GeoJSON. */
  labelsGeoJSON(): string {
    const set = this.shownSet();
    const rows = set && rowsByPlace(set);
    return labelsAsGeoJSON(
      [...this.labels.entries()].flatMap(([place, index]) => {
        const [of, row] = [this.labels.classes[index], rows?.get(place)];
        return of && row !== undefined ? [{ ...of, ring: this.ringAt(row) }] : [];
      }),
    );
  }

  /** The outline of a row of the shown set, x, y pairs, level-0 px, not closed. */
  protected ringAt(row: number): Float64Array {
    return ringOf(this.boxOf(row) ?? { x: 0, y: 0, width: 0, height: 0 });
  }

  /**
   * Rows whose centre lies in an annotation get its class; the last one wins where several hold it.
   * @throws EosinError BadInput where it is no GeoJSON, has too many classes, or no row lies in any of its areas
   */
  async importLabels(file: Blob): Promise<{ readonly rows: number; readonly refused: number }> {
    const { areas, refused } = await areasOfGeoJSON(file);
    const { one, many, read } = this.noun;
    if (!this.shownSet()) {
      const seen = `there are no ${many} yet that it could name`;
      throw new EosinError({ tag: 'BadInput', what: 'The labels file', seen, todo: `First ${read}.` });
    }
    const found = areas.map((area) => ({ area, rows: this.rowsWhere(({ x, y }) => isInArea(area, x, y)) }));
    const rows = new Set(found.flatMap((each) => each.rows)).size;
    if (rows === 0) {
      const todo = `Check that it is of this slide, or ${read} that it speaks of.`;
      const seen = `no ${one} that was read has its centre in one of its ${areas.length} areas`;
      throw new EosinError({ tag: 'BadInput', what: 'The labels file', seen, todo });
    }
    this.labels.asOne(() => {
      for (const each of found) if (each.rows.length > 0) this.label(each.rows, this.labels.addClass(each.area.name));
    });
    return { rows, refused };
  }

  /** The store says what is labelled now. */
  protected tellLabels(): void {
    const set = this.shownSet();
    const rowOf = set && rowsByPlace(set);
    const boxes = set && boxesOf(set);
    const classes = this.labels.classes.map((of) => ({
      ...of,
      count: 0,
      examples: [] as { row: number; box: Rect }[],
    }));
    for (const [place, index] of [...this.labels.entries()].reverse()) {
      const [of, row] = [classes[index], rowOf?.get(place)];
      if (!of) continue;
      of.count++;
      if (row !== undefined && boxes && of.examples.length < EXAMPLES)
        of.examples.push({ row, box: boxAt(boxes, row) });
    }
    const { current } = this.store.getState();
    this.store.setState({
      classes,
      current: current !== undefined && classes[current] ? current : undefined,
      canUndo: this.labels.canUndo,
      canRedo: this.labels.canRedo,
    });
  }
}

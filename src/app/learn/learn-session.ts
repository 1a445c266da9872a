// Learning on the open slide, put together: labels, heads, encoders, what the slide shows of them. Loaded when first needed.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import { openLearn } from '#learn/open-learn.ts';
import { boxAt, centreOf, type Point, type Rect } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { type KeptSource, LabelKeeper } from '../kept-learning/label-keeper.ts';
import { createLearnStore, forgetLearnt, type LearnStore } from '../stores/learn-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { BagDesk } from './bag-desk.ts';
import { noPatches } from './head-desk.ts';
import { Heads } from './heads.ts';
import { Labels } from './labels.ts';
import { areasOfGeoJSON, isInArea, labelsAsGeoJSON } from './labels-geojson.ts';
import type { LearnBench } from './learn-bench.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';
import { PatchSets, type PatchSetsNeeds } from './patch-sets.ts';
import { boxesOf, boxOf, placeOf, placesOf, preferredBlock } from './row-sets.ts';
import { SideBySide } from './side-by-side.ts';
import { drawLearnt } from './slide-map.ts';
import { WholeSlides } from './whole-slides.ts';

const BUDGET_BYTES = 768 * 2 ** 20; // of features and what is computed of them
const TRAIN_AFTER_MS = 120; //         the last label: a lasso gives many, a person clicks on
const EXAMPLES = 12;

export class LearnSession {
  readonly #needs: PatchSetsNeeds;
  readonly #keeper: LabelKeeper;
  readonly store: LearnStore = createLearnStore();
  readonly labels: Labels;
  readonly learnt = new Learnt();
  readonly sets: PatchSets;
  readonly console: LearnConsole;
  readonly bags: BagDesk;
  readonly heads: Heads;
  readonly encoders: SideBySide;
  readonly slides: WholeSlides;
  #fingerprint: string | undefined; //           of the open slide
  #desk: LearnDesk | undefined;
  #working: AbortController | undefined; //      what a button started
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(needs: PatchSetsNeeds) {
    this.#needs = needs;
    this.labels = new Labels(() => this.#labelsChanged());
    const source: KeptSource = {
      kept: () => ({ ...this.labels.kept(), heads: this.heads.kept() }),
      restore: ({ heads, ...labels }) => {
        this.heads.restore(heads);
        this.labels.restore(labels);
      },
    };
    this.#keeper = new LabelKeeper(needs.attention.disk, source, (notKept) => this.store.setState({ notKept }));
    this.sets = new PatchSets(needs);
    this.bags = new BagDesk({
      store: this.store,
      shelf: needs.attention.disk,
      desk: () => this.#deskNow(),
      learnt: this.learnt,
      openSet: ({ fingerprint, encoder }) => (fingerprint === this.#fingerprint ? this.sets.of(encoder.id) : undefined),
    });
    const bench: LearnBench = {
      needs,
      store: this.store,
      labels: this.labels,
      learnt: this.learnt,
      sets: this.sets,
      bags: this.bags,
      desk: () => this.#deskNow(),
      shownSet: () => this.shownSet(),
      blockOf: (blocks) => preferredBlock(blocks, this.store.getState().block)?.name ?? '',
      fingerprint: () => this.#fingerprint,
      work: (what, work) => this.#work(what, work),
      setsChanged: () => this.#setsChanged(),
      draw: () => this.#draw(),
      keep: () => this.#keeper.changed(),
    };
    this.heads = new Heads(bench);
    this.encoders = new SideBySide(bench);
    this.slides = new WholeSlides(bench);
    this.console = new LearnConsole({
      kept: () => needs.attention.work.kept,
      labels: this.labels,
      learnt: this.learnt,
      desk: () => this.#deskNow(),
    });
  }

  /** Resolves once the labels that were kept of the open slide are here. */
  async ready(): Promise<void> {
    const slide = this.#needs.slides.opened()?.slide;
    if (slide) await this.#keeper.open(slide);
  }

  /** For the workspace: features that were kept are here too. */
  async open(): Promise<void> {
    await this.ready();
    await this.sets.restore(unhurried());
    this.#fingerprint = await this.#needs.slides
      .opened()
      ?.slide.fingerprint(unhurried())
      .catch(() => undefined);
    await this.bags.open();
    this.bags.refresh();
    this.#setsChanged();
  }

  /** The pixel size is another: features of before mean other patches. Labels stay with their places. */
  remeasured(): void {
    this.cancel();
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.sets.forget();
    this.store.setState({ similar: undefined, picture: undefined, brushed: [], compare: [], cka: undefined });
    this.#setsChanged();
  }

  /** Another slide has come, or none. What was learnt can still be used by the console. */
  forget(): void {
    this.cancel();
    this.#keeper.forget(); // first: the labels of the slide that is left stay as they are
    this.heads.forget();
    this.labels.restore({ classes: [], labels: [] });
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.sets.forget();
    this.#fingerprint = undefined;
    this.bags.refresh();
    forgetLearnt(this.store);
    this.#draw();
  }

  /** The set that is labelled on: of the chosen encoder, else of the first that has seen patches. */
  shownSet(): NamedSet | undefined {
    const { encoder, sets } = this.store.getState();
    const id = encoder ?? sets[0]?.encoder ?? this.sets.encoders()[0]?.id;
    return id === undefined ? undefined : this.sets.of(id);
  }

  choose(encoder: string, block: string | undefined): void {
    this.store.setState({ encoder, block, similar: undefined, problem: undefined });
    this.#setsChanged();
  }

  embed(region: RegionChoice): Promise<void> {
    const { encoder } = this.store.getState();
    const id = encoder ?? this.sets.encoders()[0]?.id ?? '';
    return this.#work('Embedding', async (waits) => {
      await this.sets.embed(id, region, waits);
      if (encoder === undefined) this.store.setState({ encoder: id });
    });
  }

  cancel(): void {
    this.#working?.abort(new DOMException('It was cancelled.', 'AbortError'));
  }

  // Labels

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

  /** A click on the slide: the current class, or its label away. @returns false where there is no patch, or no class is chosen */
  labelAt(at: Point): boolean {
    const [row, { current }] = [this.rowAt(at), this.store.getState()];
    const set = this.shownSet();
    if (row === undefined || current === undefined || !set) return false;
    this.label([row], this.labels.of(placeOf(set, row) ?? '') === current ? undefined : current);
    return true;
  }

  /** The patch beneath a level-0 point. */
  rowAt({ x, y }: Point): number | undefined {
    return this.shownSet()?.features.rowAt(x, y); // all rows of the features, in their order
  }

  /** Patches whose centre satisfies `isIn`, level-0 px. */
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

  /** Labelled patches of the slide as squares in QuPath's dialect of GeoJSON. */
  labelsGeoJSON(): string {
    const set = this.shownSet();
    const [places, boxes] = set ? [placesOf(set), boxesOf(set)] : [[], new Float32Array()];
    return labelsAsGeoJSON(
      places.flatMap((place, row) => {
        const of = this.labels.classes[this.labels.of(place) ?? -1];
        return of ? [{ ...of, box: boxAt(boxes, row) }] : [];
      }),
    );
  }

  /**
   * Patches whose centre lies in an annotation get its class; the last one wins where several hold it.
   * @throws EosinError BadInput where it is no GeoJSON, has too many classes, or no patch lies in any of its areas
   */
  async importLabels(file: Blob): Promise<{ readonly patches: number; readonly refused: number }> {
    const { areas, refused } = await areasOfGeoJSON(file);
    const set = this.shownSet();
    if (!set) throw new EosinError(noPatches('The encoder'));
    const found = areas.map((area) => ({ area, rows: this.rowsWhere(({ x, y }) => isInArea(area, x, y)) }));
    const patches = new Set(found.flatMap(({ rows }) => rows)).size;
    if (patches === 0) {
      const todo = 'Check that it is of this slide, or embed the tissue it speaks of.';
      const seen = `no embedded patch has its centre in one of its ${areas.length} areas`;
      throw new EosinError({ tag: 'BadInput', what: 'The labels file', seen, todo });
    }
    this.labels.asOne(() => {
      for (const { area, rows } of found) if (rows.length > 0) this.label(rows, this.labels.addClass(area.name));
    });
    return { patches, refused };
  }

  /** One after the other of what buttons start: the next ends the last. A failure stands in the store. */
  async #work(what: string, work: (waits: Waits) => Promise<void>): Promise<void> {
    this.cancel();
    const mine = new AbortController();
    this.#working = mine;
    this.store.setState({ working: what, progress: undefined, problem: undefined });
    try {
      await work(mine);
    } catch (thrown) {
      if (!mine.signal.aborted && !isAbort(thrown)) this.store.setState({ problem: failureOf(thrown) });
    } finally {
      if (this.#working === mine) {
        this.store.setState({ working: undefined, progress: undefined });
        this.#setsChanged();
      }
    }
  }

  #labelsChanged(): void {
    this.#keeper.changed();
    this.heads.addFirst();
    this.#tellLabels();
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.heads.train(), TRAIN_AFTER_MS);
  }

  #setsChanged(): void {
    this.store.setState({ sets: this.sets.summaries() });
    this.#tellLabels();
    this.#draw();
    this.heads.train();
  }

  #tellLabels(): void {
    const set = this.shownSet();
    const places = set ? placesOf(set) : [];
    const boxes = set && boxesOf(set);
    const rowOf = new Map(places.map((place, row) => [place, row]));
    const classes = this.labels.classes.map((of) => ({
      ...of,
      count: 0,
      examples: [] as { row: number; box: Rect }[],
    }));
    for (const [place, index] of [...this.labels.entries()].reverse()) {
      const [of, row] = [classes[index], rowOf.get(place)];
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

  /** What the slide shows of it, where the workspace is open. */
  #draw(): void {
    const { settings } = this.#needs.stores;
    const { shown, heads, sureFrom } = this.store.getState();
    const set = this.shownSet();
    const head = [...heads, ...this.heads.onShelf()].find(({ id }) => id === shown);
    const isOpen =
      settings.getState().workspace === 'learn' && (this.labels.classes.length > 0 || this.heads.said !== undefined);
    const map =
      isOpen &&
      set &&
      drawLearnt({ set, labels: this.labels, said: head && this.heads.said, name: head?.name, sureFrom });
    this.#needs.viewer.setClassMap(map || undefined);
  }

  /** The workspace came or went. */
  redraw(): void {
    this.#draw();
  }

  #deskNow(): LearnDesk {
    this.#desk ??= new LearnDesk(openLearn({ budgetBytes: BUDGET_BYTES }), BUDGET_BYTES);
    return this.#desk;
  }
}

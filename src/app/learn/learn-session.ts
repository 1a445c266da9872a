// Learning on the open slide, put together: labels, heads, encoders, what the slide shows of them. Loaded when first needed.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import { openLearn } from '#learn/open-learn.ts';
import { rankCorrelation } from '#learn/proxy.ts';
import { contains, type Point, type Rect } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { LabelKeeper } from '../kept-learning/label-keeper.ts';
import {
  type AugmentationName,
  type CkaFindings,
  createLearnStore,
  forgetLearnt,
  type LearnStore,
} from '../stores/learn-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { BagDesk } from './bag-desk.ts';
import { type Compared, ckaOf, comparedRows, csvOf } from './encoder-desk.ts';
import { gainOf, judged, leastSure, nameOf, noPatches, type Said, trained } from './head-desk.ts';
import { nameFor, nameForAttention } from './head-name.ts';
import { Labels } from './labels.ts';
import { labelsAsGeoJSON } from './labels-geojson.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';
import { PatchSets, type PatchSetsNeeds } from './patch-sets.ts';
import { boxesOf, featuresOf, placesOf } from './row-sets.ts';
import { drawLearnt } from './slide-map.ts';

const BUDGET_BYTES = 768 * 2 ** 20; // of features and what is computed of them
const TRAIN_AFTER_MS = 120; //         the last label: a lasso gives many, a person clicks on
const EXAMPLES = 12;
const SIMILAR = 24;

export class LearnSession {
  readonly #needs: PatchSetsNeeds;
  readonly #keeper: LabelKeeper;
  readonly store: LearnStore = createLearnStore();
  readonly labels: Labels;
  readonly learnt = new Learnt();
  readonly sets: PatchSets;
  readonly console: LearnConsole;
  readonly bags: BagDesk;
  #fingerprint: string | undefined; //           of the open slide
  #desk: LearnDesk | undefined;
  #said: Said | undefined; //                    of the shown head
  #training: AbortController | undefined; //     of heads, ended by the next label
  #working: AbortController | undefined; //      what a button started
  #hadHead = false; //                           what a person removed does not come back by itself
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(needs: PatchSetsNeeds) {
    this.#needs = needs;
    this.labels = new Labels(() => this.#labelsChanged());
    this.#keeper = new LabelKeeper(needs.attention.disk, this.labels, (notKept) => this.store.setState({ notKept }));
    this.sets = new PatchSets(needs);
    this.bags = new BagDesk({
      store: this.store,
      shelf: needs.attention.disk,
      desk: () => this.#deskNow(),
      learnt: this.learnt,
      openSet: ({ fingerprint, encoder }) => (fingerprint === this.#fingerprint ? this.sets.of(encoder.id) : undefined),
    });
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

  /** Another slide has come, or none: heads stay. */
  forget(): void {
    this.cancel();
    this.#training?.abort(LEFT);
    this.#keeper.forget(); // first: the labels of the slide that is left stay as they are
    this.labels.restore({ classes: [], labels: [] });
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.#said = undefined;
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
    const places = placesOf(set);
    this.labels.label(
      rows.flatMap((row) => places[row] ?? []),
      classIndex,
    );
  }

  /** A click on the slide: the current class, or its label away. @returns false where there is no patch, or no class is chosen */
  labelAt(at: Point): boolean {
    const [row, { current }] = [this.rowAt(at), this.store.getState()];
    const set = this.shownSet();
    if (row === undefined || current === undefined || !set) return false;
    this.label([row], this.labels.of(placesOf(set)[row] ?? '') === current ? undefined : current);
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
    return Array.from(set.rows.keys()).filter((row) => {
      const { x, y, width, height } = boxAt(boxes, row);
      return isIn({ x: x + width / 2, y: y + height / 2 });
    });
  }

  rowsIn(rect: Rect): number[] {
    return this.rowsWhere(({ x, y }) => contains(rect, x, y));
  }

  boxOf(row: number): Rect | undefined {
    const set = this.shownSet();
    return set && boxAt(boxesOf(set), row);
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

  // Heads

  addHead(hidden: number): void {
    const set = this.shownSet();
    if (!set) return;
    this.#hadHead = true;
    const head = {
      id: this.learnt.nextId('head'),
      encoder: set.features.encoder.id,
      block: this.#blockOf(set),
      hidden,
    };
    this.store.setState(({ heads, augmentation }) => ({
      heads: [...heads, { ...head, ...untrained, name: nameOf(hidden), augmentation }],
      shown: head.id,
    }));
    this.#train();
  }

  /** A head as a model folder: ONNX, manifest and golden files. @throws EosinError BadInput where there is none yet */
  async headFolder(id: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
    const [learnt, set] = [this.learnt.head(id), this.shownSet()];
    const of = set && set.features.encoder.id === learnt.encoder.id ? set : this.sets.of(learnt.encoder.id);
    if (!of) throw new EosinError(noPatches(learnt.encoder.id));
    const desk = this.#deskNow();
    const held = await desk.hold(`${of.name} ${learnt.block}`, () => featuresOf(of, learnt.block), unhurried());
    const summary = this.store.getState().heads.find((head) => head.id === id);
    const named = nameFor(learnt, summary, this.#needs.slides.opened()?.slide.name ?? 'a slide');
    const folder = await desk.ask(
      'headFolder',
      { head: learnt.head, set: held, classes: learnt.classes, named },
      unhurried(),
    );
    return folder.files;
  }

  removeHead(id: string): void {
    this.learnt.removeHead(id);
    const heads = this.store.getState().heads.filter((head) => head.id !== id);
    this.store.setState(({ shown }) => ({ heads, shown: shown === id ? heads.at(-1)?.id : shown }));
    this.#said = undefined;
    this.#train();
  }

  /** The head whose classes colour the slide; undefined: labels alone. */
  show(id: string | undefined): void {
    this.store.setState({ shown: id });
    this.#said = undefined;
    this.#train();
  }

  setAugmentation(augmentation: AugmentationName): void {
    this.store.setState({ augmentation, gain: undefined });
    this.#train();
  }

  // Encoders

  /** Embeds the patches of the shown set by each encoder, then compares all their blocks. */
  compare(encoderIds: readonly string[]): Promise<void> {
    return this.#work('Comparing encoders', async (waits) => {
      const set = this.shownSet();
      const region = set && boundsOf(boxesOf(set));
      for (const id of encoderIds) {
        const seen = this.sets.of(id);
        if (region && (seen === undefined || seen.rows.length < (set?.rows.length ?? 0)))
          await this.sets.embed(id, region, waits);
      }
      this.#setsChanged();
      this.store.setState({ compare: [], agreement: undefined });
      for await (const row of comparedRows(this.#compared(encoderIds), this.labels, this.#deskNow(), waits))
        this.store.setState(({ compare }) => ({ compare: [...compare, row] }));
      const both = this.store
        .getState()
        .compare.flatMap(({ probe, proxy }) => (probe && proxy ? [{ probe, proxy }] : []));
      if (both.length >= 3)
        this.store.setState({
          agreement: rankCorrelation(
            both.map(({ proxy }) => proxy.score),
            both.map(({ probe }) => probe.macroF1),
          ),
        });
    });
  }

  cka(estimate: CkaFindings['estimate']): Promise<void> {
    return this.#work('Comparing features', async (waits) => {
      const all = this.store.getState().sets.map(({ encoder }) => encoder);
      this.store.setState({ cka: await ckaOf(this.#compared(all), estimate, this.#deskNow(), waits) });
    });
  }

  ckaCSV(): Blob | undefined {
    const { cka } = this.store.getState();
    return cka && new Blob([csvOf(cka)], { type: 'text/csv' });
  }

  /** The patches most like one; undefined puts them away. */
  async similarTo(row: number | undefined): Promise<void> {
    const set = this.shownSet();
    if (row === undefined || !set) return this.store.setState({ similar: undefined });
    await this.#work('Similar patches', async (waits) => {
      const block = this.#blockOf(set);
      const held = await this.#deskNow().hold(`${set.name} ${block}`, () => featuresOf(set, block), waits);
      const began = performance.now();
      const found = await this.#deskNow().ask('nearest', { set: held, row, k: SIMILAR }, waits);
      const ms = performance.now() - began;
      const boxes = boxesOf(set);
      const patches = Array.from(found.rows, (other, i) => ({
        row: other,
        box: boxAt(boxes, other),
        similarity: found.similarity[i] ?? 0,
      }));
      this.store.setState({ similar: { to: { row, box: boxAt(boxes, row) }, patches, ms } });
    });
  }

  // Slides

  /** The open slide's patches by the chosen encoder become a bag. @returns why they cannot, a sentence */
  addBag(): string | undefined {
    const [set, slide, mpp] = [this.shownSet(), this.#needs.slides.opened()?.slide, this.#needs.slides.mpp()];
    if (!set || !slide || !mpp) return 'Embed tissue of this slide first.';
    if (!this.#fingerprint) return 'This page is not served securely, so slides cannot be told apart.';
    const of = { fingerprint: this.#fingerprint, encoder: set.features.encoder, mpp, stridePx: undefined };
    this.bags.add(slide.name, of, set.rows.length);
    return undefined;
  }

  trainAttention(plan: { gated: boolean; topK: number; folds: number }): Promise<void> {
    return this.#work('Training attention', async (waits) => {
      const set = this.shownSet();
      const { encoder: id } = this.store.getState();
      const encoder =
        this.sets.encoders().find((one) => one.id === (id ?? set?.features.encoder.id)) ?? this.sets.encoders()[0];
      if (!encoder) throw new EosinError(noPatches('No encoder'));
      const blocks = encoder.outputs.flatMap((output) => (output.kind === 'pooled' ? [output.name] : []));
      const { block } = this.store.getState();
      const chosen = blocks.find((name) => name === block) ?? blocks.at(-2) ?? blocks.at(-1) ?? '';
      this.store.setState({ attention: undefined, trained: 0 });
      try {
        this.store.setState({ attention: await this.bags.train({ encoder, block: chosen, ...plan }, waits) });
      } finally {
        this.store.setState({ trained: undefined });
      }
    });
  }

  /** The trained network's map, strip and prediction on the open slide; the workspace Analyse shows them. */
  showAttention(): Promise<void> {
    return this.#work('Attention', async (waits) => {
      const { attention } = this.store.getState();
      if (!attention) return;
      const { folder, set, held, learnt } = await this.#attentionFolder(attention.model, waits);
      const attended = await this.#deskNow().ask('attend', { model: learnt.model, set: held }, waits);
      const encoder = this.#needs.attention.work.encoder(learnt.encoder.id);
      this.#needs.attention.show({ model: folder.manifest, encoder, set: set.features }, attended);
      this.#needs.stores.settings.setState({ workspace: 'analyse' });
      this.#draw();
    });
  }

  /** The trained network as a model folder. @throws EosinError BadInput where the open slide has no patches of its encoder */
  async attentionFolder(id: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
    return (await this.#attentionFolder(id, unhurried())).folder.files;
  }

  async #attentionFolder(id: string, waits: Waits) {
    const learnt = this.learnt.attention(id);
    const set = this.sets.of(learnt.encoder.id);
    if (!set) throw new EosinError(noPatches(learnt.encoder.id));
    const held = await this.#deskNow().hold(`${set.name} ${learnt.block}`, () => featuresOf(set, learnt.block), waits);
    const named = nameForAttention(learnt, this.store.getState().attention);
    const asked = { model: learnt.model, set: held, classes: learnt.classes, named };
    return { folder: await this.#deskNow().ask('attentionFolder', asked, waits), set, held, learnt };
  }

  #compared(encoderIds: readonly string[]): Compared[] {
    const { sets } = this.store.getState();
    return encoderIds.flatMap((id) => {
      const [set, summary] = [this.sets.of(id), sets.find(({ encoder }) => encoder === id)];
      return set && summary ? [{ ...summary, set }] : [];
    });
  }

  /** One after the other of what buttons start: the next ends the last. A failure stands in the store. */
  async #work(what: string, work: (waits: Waits) => Promise<void>): Promise<void> {
    this.cancel();
    const mine = new AbortController();
    this.#working = mine;
    this.store.setState({ working: what, problem: undefined });
    try {
      await work(mine);
    } catch (thrown) {
      if (!mine.signal.aborted && !isAbort(thrown)) this.store.setState({ problem: failureOf(thrown) });
    } finally {
      if (this.#working === mine) {
        this.store.setState({ working: undefined });
        this.#setsChanged();
      }
    }
  }

  #labelsChanged(): void {
    this.#keeper.changed();
    this.#addFirstHead();
    this.#tellLabels();
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#train(), TRAIN_AFTER_MS);
  }

  /** Once two classes have labels there is something to learn: nobody has to ask for it. */
  #addFirstHead(): void {
    const labelled = new Set([...this.labels.entries()].map(([, of]) => of));
    if (this.#hadHead || labelled.size < 2 || this.#needs.stores.settings.getState().workspace !== 'learn') return;
    this.addHead(0);
  }

  #setsChanged(): void {
    this.store.setState({ sets: this.sets.summaries() });
    this.#tellLabels();
    this.#draw();
    this.#train();
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

  /** All heads by the labels as they are now, the shown one first. Labels that teach nothing yet are no problem. */
  #train(): void {
    this.#training?.abort(LEFT);
    const mine = new AbortController();
    this.#training = mine;
    void this.#trainAll(mine, performance.now());
  }

  async #trainAll(waits: AbortController, began: number): Promise<void> {
    const { heads, shown, augmentation } = this.store.getState();
    const order = [...heads].sort((a, b) => Number(b.id === shown) - Number(a.id === shown));
    const needs = {
      labels: this.labels,
      learnt: this.learnt,
      desk: () => this.#deskNow(),
      set: (encoder: string) => this.sets.of(encoder),
    };
    const update = (id: string, change: Partial<(typeof heads)[number]>): void =>
      this.store.setState((state) => ({
        heads: state.heads.map((one) => (one.id === id ? { ...one, ...change } : one)),
      }));
    try {
      for (const head of order) {
        const { summary, said } = await trained(needs, head, augmentation, waits);
        const { figure, whyNoFigure } = head; // of the labels before, until it is measured anew
        update(head.id, { ...summary, figure, whyNoFigure });
        if (head.id !== shown) continue;
        this.#said = said;
        this.store.setState({ trainedMs: performance.now() - began });
        this.#tellNext();
        this.#draw();
      }
      for (const head of order) update(head.id, await judged(needs, head, augmentation, waits));
      const first = order[0];
      if (first && augmentation !== 'none')
        this.store.setState({ gain: await gainOf(needs, first, augmentation, waits) });
    } catch (thrown) {
      if (waits.signal.aborted) return;
      const problem = failureOf(thrown);
      this.#said = undefined;
      this.store.setState({ next: [], trainedMs: undefined, ...(problem.tag !== 'BadInput' && { problem }) });
      this.#draw();
    }
  }

  #tellNext(): void {
    const said = this.#said;
    if (!said) return;
    const [boxes, places] = [boxesOf(said.set), placesOf(said.set)];
    const next = leastSure(said, boxes, (row) => this.labels.of(places[row] ?? '') !== undefined);
    this.store.setState({
      next: next.map(({ row, probability }) => ({ row, probability, box: boxAt(boxes, row) })),
    });
  }

  /** What the slide shows of it, where the workspace is open. */
  #draw(): void {
    const { settings } = this.#needs.stores;
    const { shown, heads, sureFrom } = this.store.getState();
    const set = this.shownSet();
    const head = heads.find(({ id }) => id === shown);
    const isOpen = settings.getState().workspace === 'learn' && this.labels.classes.length > 0;
    const map =
      isOpen && set && drawLearnt({ set, labels: this.labels, said: head && this.#said, name: head?.name, sureFrom });
    this.#needs.viewer.setClassMap(map || undefined);
  }

  /** The workspace came or went. */
  redraw(): void {
    this.#draw();
  }

  #blockOf(set: NamedSet): string {
    const { block } = this.store.getState();
    const { blocks } = set.features;
    return blocks.find(({ name }) => name === block)?.name ?? blocks.at(-2)?.name ?? blocks.at(-1)?.name ?? '';
  }

  #deskNow(): LearnDesk {
    this.#desk ??= new LearnDesk(openLearn({ budgetBytes: BUDGET_BYTES }), BUDGET_BYTES);
    return this.#desk;
  }
}

const LEFT = new DOMException('Labels have changed.', 'AbortError');

const untrained = {
  classes: [],
  labels: 0,
  seconds: 0,
  isCalibrated: false,
  isByPlace: false,
  figure: undefined,
  whyNoFigure: undefined,
} as const;

const boxAt = (boxes: Float32Array, row: number): Rect => ({
  x: boxes[4 * row] ?? 0,
  y: boxes[4 * row + 1] ?? 0,
  width: boxes[4 * row + 2] ?? 0,
  height: boxes[4 * row + 3] ?? 0,
});

function boundsOf(boxes: Float32Array): Rect {
  let [x0, y0, x1, y1] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let row = 0; row < boxes.length / 4; row++) {
    const { x, y, width, height } = boxAt(boxes, row);
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + width), Math.max(y1, y + height)];
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

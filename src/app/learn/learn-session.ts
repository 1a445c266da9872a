// Learning on the open slide, put together: labels, heads, encoders, what the slide shows of them. Loaded when first needed.
import { unhurried, type Waits } from '#channel/waits.ts';
import { failureOf, isAbort } from '#errors/failure.ts';
import type { Augmentation } from '#learn/augment.ts';
import { openLearn } from '#learn/open-learn.ts';
import { centreOf, type Point } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Eosin } from '../console.d.ts';
import { type KeptSource, LabelKeeper, type LearningKept } from '../kept-learning/label-keeper.ts';
import { NetworkKeeper } from '../kept-learning/network-keeper.ts';
import { forgetLearnt, type LearnPart, type Patch } from '../stores/learn-store.ts';
import { segmentations } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { directionsOf } from './altered-copies.ts';
import { BagDesk } from './bag-desk.ts';
import { ClassPictures } from './class-pictures.ts';
import { Heads } from './heads.ts';
import { Labelling } from './labelling.ts';
import type { Labels } from './labels.ts';
import type { LearnBench } from './learn-bench.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';
import { LEARN_KINDS, type LearnKind, PATCHES } from './noun.ts';
import { type ObjectNeeds, type ObjectRegion, ObjectSession } from './object-session.ts';
import { PatchSets } from './patch-sets.ts';
import type { PathedFile } from './picture-folders.ts';
import { kindOf, preferredBlock } from './row-sets.ts';
import { SideBySide } from './side-by-side.ts';
import { drawLearnt } from './slide-map.ts';
import { WholeSlides } from './whole-slides.ts';

const BUDGET_BYTES = 768 * 2 ** 20; // of features and what is computed of them
const TRAIN_AFTER_MS = 120; //         the last label: a lasso gives many, a person clicks on

export class LearnSession extends Labelling {
  readonly #needs: ObjectNeeds;
  readonly #keeper: LabelKeeper;
  readonly noun = PATCHES;
  readonly learnt = new Learnt();
  readonly sets: PatchSets;
  readonly console: LearnConsole;
  readonly bags: BagDesk;
  readonly heads: Heads;
  readonly encoders: SideBySide;
  readonly slides: WholeSlides;
  readonly objects: Readonly<Record<LearnKind, ObjectSession>>;
  readonly #pictures = new ClassPictures();
  #fingerprint: string | undefined; //           of the open slide
  #desk: LearnDesk | undefined;
  #working: AbortController | undefined; //      what a button started
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(needs: ObjectNeeds) {
    super();
    this.#needs = needs;
    const source: KeptSource = { kept: () => this.kept(), restore: (kept) => this.#restore(kept) };
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
    const directions = (encoder: string, block: string): Augmentation | undefined => {
      const copies = this.sets.copies(encoder);
      return copies && directionsOf(copies, block);
    };
    const pictures = (encoder: string, block: string) => this.#pictures.of(encoder, block);
    this.heads = new Heads({ ...bench, noun: PATCHES, from: 'encoder', directions, pictures });
    const ofKind = (kind: LearnKind): ObjectSession =>
      new ObjectSession(
        { ...bench, needs, isShown: (of) => this.#shows('objects') && this.store.getState().kind === of },
        kind,
      );
    this.objects = { nuclei: ofKind('nuclei'), glands: ofKind('glands'), lumina: ofKind('lumina') };
    this.encoders = new SideBySide(bench);
    this.slides = new WholeSlides(bench, new NetworkKeeper(needs.attention.disk));
    this.console = new LearnConsole({
      kept: () => needs.attention.work.kept,
      labelsOf: (set) => this.#ofSet(set).labels,
      headsOf: (set) => this.#ofSet(set).heads,
      learnt: this.learnt,
      desk: () => this.#deskNow(),
    });
    this.store.subscribe(({ part, kind }, before) => {
      if (part === before.part && kind === before.kind) return;
      if (this.store.getState().brushed.length > 0) this.encoders.brush([]);
      for (const one of [this, this.objects[before.kind]]) one.mark(undefined); // what was under the pointer
      this.redraw();
      if (part === 'objects') this.objects[kind].setsChanged();
    });
  }

  /** What is labelled on the open slide, and which heads learn from it. */
  kept(): LearningKept {
    return {
      ...this.labels.kept(),
      heads: this.heads.kept(),
      objects: Object.fromEntries(LEARN_KINDS.map((kind) => [kind, this.objects[kind].kept()])),
    };
  }

  #restore({ heads, objects, ...labels }: LearningKept): void {
    this.heads.restore(heads);
    this.labels.restore(labels);
    for (const kind of LEARN_KINDS) {
      const kept = objects?.[kind];
      if (kept) this.objects[kind].restore(kept);
    }
  }

  /** Labels from elsewhere, where nothing is labelled here. @returns false where something is: it stays */
  takeIn(came: LearningKept): boolean {
    const isAny = ({ labels, objects }: LearningKept): boolean =>
      labels.length > 0 || Object.values(objects ?? {}).some((of) => of.labels.length > 0);
    if (!isAny(came)) return true;
    const here = this.kept();
    if (JSON.stringify(here) === JSON.stringify(came)) return true;
    if (isAny(here)) return false;
    this.#restore(came);
    this.#keeper.changed();
    return true;
  }

  /** What a click labels now: patches, or objects of a kind. */
  get inHand(): Labelling {
    return this.#shows('objects') ? this.objects[this.store.getState().kind] : this;
  }

  /**
   * What embed of window.eosin means by a segmentation model: its nuclei on the slide; 'cerberus-lite/glands' its glands.
   * Undefined for an encoder.
   */
  objectsBy(
    encoder: string,
  ): { embed: (region: ObjectRegion, waits: Waits) => ReturnType<Eosin['embed']> } | undefined {
    const [id = '', asked = 'nuclei', ...rest] = encoder.split('/');
    const kind = LEARN_KINDS.find((one) => one === asked);
    const isNetwork = segmentations(this.#needs.stores.models.getState()).some((one) => one.id === id);
    if (!isNetwork || !kind || rest.length > 0) return undefined;
    return { embed: (region, waits) => this.objects[kind].embed(id, region, waits) };
  }

  /** Resolves once what was kept is here: networks, and labels of the open slide. */
  async ready(): Promise<void> {
    const slide = this.#needs.slides.opened()?.slide;
    await Promise.all([this.slides.restore(), slide && this.#keeper.open(slide)]);
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
    for (const kind of LEARN_KINDS) await this.objects[kind].open();
    this.#setsChanged();
  }

  /** The pixel size is another: features of before mean other patches. Labels stay with their places. */
  remeasured(): void {
    this.cancel();
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.sets.forget();
    for (const kind of LEARN_KINDS) this.objects[kind].forgetSets();
    this.store.setState({ similar: undefined, picture: undefined, brushed: [], compare: [], cka: undefined });
    this.#setsChanged();
  }

  /** Another slide has come, or none. What was learnt can still be used by the console. */
  forget(): void {
    this.cancel();
    this.#keeper.forget(); // first: the labels of the slide that is left stay as they are
    this.heads.forget();
    this.labels.restore({ classes: [], labels: [] });
    for (const kind of LEARN_KINDS) this.objects[kind].forget();
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.sets.forget();
    this.#fingerprint = undefined;
    this.bags.refresh();
    forgetLearnt(this.store);
    this.#draw();
  }

  rowAt({ x, y }: Point): number | undefined {
    return this.shownSet()?.features.rowAt(x, y); // all rows of the features, in their order
  }

  mark(row: number | undefined): void {
    this.#needs.viewer.setMark(row === undefined ? undefined : this.boxOf(row));
  }

  goTo({ box }: Patch): void {
    this.#needs.viewer.glideTo(centreOf(box));
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

  /** Altered copies of some of an encoder's patches, so that directions can be learnt from. */
  makeCopies(encoder: string): Promise<void> {
    return this.#work('Embedding altered copies', (waits) =>
      this.sets.makeCopies(encoder, (progress) => this.store.setState({ progress }), waits),
    );
  }

  /** Pictures in folders named by their classes, seen by the chosen encoder: heads learn from them, too. */
  takePictures(files: readonly PathedFile[]): Promise<void> {
    return this.#work('Embedding pictures', async (waits) => {
      const encoder = await this.sets.encoderNow(this.#encoderId(), waits);
      const { read } = this.#needs.attention;
      const onProgress = (progress: number): void => this.store.setState({ progress });
      const before = this.store.getState().pictures;
      const pictures = await this.#pictures.take(files, encoder, { read, onProgress }, waits);
      if (before && before.encoder !== pictures.encoder) this.#pictures.forget(before.encoder);
      this.store.setState({ pictures });
      this.heads.addFirst();
    });
  }

  forgetPictures(): void {
    const { pictures } = this.store.getState();
    if (pictures) this.#pictures.forget(pictures.encoder);
    this.store.setState({ pictures: undefined });
    this.heads.train();
  }

  #encoderId(): string {
    const { encoder } = this.store.getState();
    return encoder ?? this.shownSet()?.features.encoder.id ?? this.sets.encoders()[0]?.id ?? '';
  }

  cancel(): void {
    this.#working?.abort(new DOMException('It was cancelled.', 'AbortError'));
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
        this.store.setState({ working: undefined, progress: undefined, curve: undefined });
        this.#setsChanged();
      }
    }
  }

  protected labelsChanged(): void {
    this.#keeper.changed();
    this.heads.addFirst();
    this.tellLabels();
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.heads.train(), TRAIN_AFTER_MS);
  }

  #setsChanged(): void {
    this.store.setState({ sets: this.sets.summaries() });
    this.tellLabels();
    this.#draw();
    this.heads.train();
  }

  /** What the slide shows of it, where the workspace is open. */
  #draw(): void {
    const { shown, heads, sureFrom } = this.store.getState();
    const set = this.shownSet();
    const head = [...heads, ...this.heads.onShelf()].find(({ id }) => id === shown);
    const isOpen = this.#shows('patches') && (this.labels.classes.length > 0 || this.heads.said !== undefined);
    const map =
      isOpen &&
      set &&
      drawLearnt({ set, labels: this.labels, said: head && this.heads.said, name: head?.name, sureFrom });
    this.#needs.viewer.setClassMap(map || undefined);
  }

  /** The workspace came or went, or a part of it. */
  redraw(): void {
    this.#draw();
    for (const kind of LEARN_KINDS) this.objects[kind].draw();
  }

  #shows(part: LearnPart): boolean {
    return this.#needs.stores.settings.getState().workspace === 'learn' && this.store.getState().part === part;
  }

  /** Labels of a set's rows, and heads on them: patches and pictures share theirs. */
  #ofSet(set: NamedSet): { readonly labels: Labels; readonly heads: Heads } {
    const kind = set.of === 'objects' ? LEARN_KINDS.find((one) => one === kindOf(set)) : undefined;
    return kind ? this.objects[kind] : this;
  }

  #deskNow(): LearnDesk {
    this.#desk ??= new LearnDesk(openLearn({ budgetBytes: BUDGET_BYTES }), BUDGET_BYTES);
    return this.#desk;
  }
}

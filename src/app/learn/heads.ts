// Heads of the Learn workspace: trained anew while a person labels, by the latest labels only, the shown one first. Beside
// them those that a script trained, as they are.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import { type RowsManifest, readsPatches } from '#inference/manifest.ts';
import type { Augmentation } from '#learn/augment.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { KeptHead } from '../kept-learning/label-keeper.ts';
import type { AugmentationName, HeadSummary } from '../stores/learn-store.ts';
import type { LabelledPictures } from './class-pictures.ts';
import {
  gainOf,
  judged,
  leastSure,
  nameOf,
  nothingRead,
  type Prepared,
  prepared,
  type Said,
  trained,
} from './head-desk.ts';
import { nameFor } from './head-name.ts';
import type { LearnBench } from './learn-bench.ts';
import { checkReads } from './learnt.ts';
import type { Noun } from './noun.ts';
import { boxesOf, boxOf, placeOf } from './row-sets.ts';
import { saidByShelf } from './shelf-head.ts';

/** Where heads learn: on patches, or on objects. */
export interface HeadsBench
  extends Pick<LearnBench, 'store' | 'labels' | 'learnt' | 'desk' | 'shownSet' | 'blockOf' | 'draw' | 'keep'> {
  readonly needs: Pick<LearnBench['needs'], 'stores' | 'slides' | 'parts'>;
  readonly sets: Pick<LearnBench['sets'], 'of'>;
  readonly noun: Noun;
  /** Which tasks make the features that are learnt from. */
  readonly from: 'encoder' | 'segmentation';
  /** What altering did to features, where copies can be made. */
  readonly directions?: (encoder: string, block: string) => Augmentation | undefined;
  /** Pictures in class folders that are learnt from, too. */
  readonly pictures?: (encoder: string, block: string) => LabelledPictures | undefined;
}

export class Heads {
  readonly #bench: HeadsBench;
  #said: Said | undefined; //                of the shown head
  #training: AbortController | undefined; // ended by the next label
  #hadOne = false; //                        what a person removed does not come back by itself

  constructor(bench: HeadsBench) {
    this.#bench = bench;
  }

  /** What the shown head says of all patches, as soon as it has learnt. */
  get said(): Said | undefined {
    return this.#said;
  }

  /** Another slide: heads that learn from its labels go. */
  forget(): void {
    this.#training?.abort(LEFT);
    this.#said = undefined;
    this.#hadOne = false;
    this.#bench.store.setState(({ heads }) => ({ heads: heads.filter(({ byScript }) => byScript), shown: undefined }));
  }

  kept(): KeptHead[] {
    return this.#bench.store
      .getState()
      .heads.filter(({ byScript }) => !byScript)
      .map(({ encoder, block, hidden }) => ({ encoder, block, hidden }));
  }

  /** Heads of before are trained again from their labels: the same, in a moment. */
  restore(heads: readonly KeptHead[]): void {
    this.#hadOne = heads.length > 0;
    const { augmentation } = this.#bench.store.getState();
    const again = heads.map((head) => {
      const of = { ...head, id: this.#bench.learnt.nextId('head'), name: nameOf(head.hidden), augmentation };
      return { ...of, ...untrained };
    });
    this.#bench.store.setState((state) => ({
      heads: [...again, ...state.heads.filter(({ byScript }) => byScript)],
      shown: again[0]?.id,
    }));
  }

  /** Once two classes have labels there is something to learn: nobody has to ask for it. */
  addFirst(): void {
    const labelled = new Set([...this.#bench.labels.entries()].map(([, of]) => of));
    const pictures = this.#bench.store.getState().pictures?.classes.length ?? 0;
    if (
      this.#hadOne ||
      Math.max(labelled.size, pictures) < 2 ||
      this.#bench.needs.stores.settings.getState().workspace !== 'learn'
    )
      return;
    this.add(0);
  }

  add(hidden: number): void {
    const set = this.#bench.shownSet();
    if (!set) return;
    this.#hadOne = true;
    const head = {
      id: this.#bench.learnt.nextId('head'),
      encoder: set.features.encoder.id,
      block: this.#bench.blockOf(set.features.blocks),
      hidden,
    };
    this.#bench.store.setState(({ heads, augmentation }) => ({
      heads: [...heads, { ...head, ...untrained, name: nameOf(hidden), augmentation }],
      shown: head.id,
    }));
    this.#bench.keep();
    this.train();
  }

  /** One that a script has trained, which keeps it under its id: it is shown when it is asked for. */
  bring(head: Omit<HeadSummary, 'name' | 'augmentation' | 'byScript'>, augmentation: AugmentationName): void {
    const name = `${nameOf(head.hidden)}, by script`;
    this.#bench.store.setState(({ heads }) => ({ heads: [...heads, { ...head, name, augmentation, byScript: true }] }));
  }

  /** A head as a model folder: ONNX, manifest and golden files. @throws EosinError BadInput where there is none yet */
  async folder(id: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
    const [learnt, set] = [this.#bench.learnt.head(id), this.#bench.shownSet()];
    const of = set && set.features.encoder.id === learnt.encoder.id ? set : this.#bench.sets.of(learnt.encoder.id);
    if (!of) throw new EosinError(nothingRead(learnt.encoder.id, this.#bench.noun));
    const desk = this.#bench.desk();
    const held = await desk.holdBlock(of, learnt.block, unhurried());
    const summary = this.#bench.store.getState().heads.find((head) => head.id === id);
    const slide = this.#bench.needs.slides.opened()?.slide.name ?? 'a slide';
    const named = nameFor(learnt, summary, slide, this.#bench.noun.many);
    const folder = await desk.ask(
      'headFolder',
      { head: learnt.head, set: held, classes: learnt.classes, named },
      unhurried(),
    );
    return folder.files;
  }

  remove(id: string): void {
    this.#bench.learnt.removeHead(id);
    const heads = this.#bench.store.getState().heads.filter((head) => head.id !== id);
    this.#bench.store.setState(({ shown }) => ({ heads, shown: shown === id ? heads.at(-1)?.id : shown }));
    this.#said = undefined;
    this.#bench.keep();
    this.train();
  }

  /** The head whose classes colour the slide; undefined: labels alone. */
  show(id: string | undefined): void {
    this.#bench.store.setState({ shown: id, problem: undefined });
    this.#said = undefined;
    this.train();
  }

  /** Heads on the shelf: they know their classes already. */
  onShelf(): RowsManifest[] {
    const { manifests } = this.#bench.needs.stores.models.getState();
    const networks = manifests.filter(readsPatches).filter(({ task }) => task === 'segmentation');
    const isOfObjects = ({ input }: RowsManifest): boolean => networks.some(({ id }) => id === input.encoder.id);
    return manifests
      .filter((one): one is RowsManifest => one.task === 'head')
      .filter((head) => isOfObjects(head) === (this.#bench.from === 'segmentation'));
  }

  setAugmentation(augmentation: AugmentationName): void {
    this.#bench.store.setState({ augmentation, gain: undefined });
    this.train();
  }

  /** All heads by the labels as they are now, the shown one first. Labels that teach nothing yet are no problem. */
  train(): void {
    this.#training?.abort(LEFT);
    const mine = new AbortController();
    this.#training = mine;
    void this.#trainAll(mine, performance.now());
  }

  async #trainAll(waits: AbortController, began: number): Promise<void> {
    const { heads, shown, augmentation } = this.#bench.store.getState();
    const order = heads
      .filter(({ byScript }) => !byScript)
      .sort((a, b) => Number(b.id === shown) - Number(a.id === shown));
    const needs = {
      labels: this.#bench.labels,
      learnt: this.#bench.learnt,
      desk: () => this.#bench.desk(),
      set: (encoder: string) => this.#bench.sets.of(encoder),
      noun: this.#bench.noun,
      directions: (encoder: string, block: string) => this.#bench.directions?.(encoder, block),
      pictures: (encoder: string, block: string) => this.#bench.pictures?.(encoder, block),
    };
    const update = (id: string, change: Partial<(typeof heads)[number]>): void =>
      this.#bench.store.setState((state) => ({
        heads: state.heads.map((one) => (one.id === id ? { ...one, ...change } : one)),
      }));
    let asItIs = this.#asItIs(shown);
    const isAsItIs = asItIs !== undefined;
    try {
      if (asItIs) {
        this.#said = await asItIs(waits);
        this.#tellNext();
        this.#bench.draw();
      }
      asItIs = undefined; // it has spoken: what follows is no fault of its
      const ready = new Map<string, Prepared>();
      for (const head of order) {
        const from = await prepared(needs, head, augmentation, waits);
        ready.set(head.id, from);
        const { summary, said } = await trained(this.#bench.learnt, head, from, waits);
        const { figure, whyNoFigure } = head; // of the labels before, until it is measured anew
        update(head.id, { ...summary, augmentation, figure, whyNoFigure });
        if (head.id !== shown) continue;
        this.#said = said;
        this.#bench.store.setState({ trainedMs: performance.now() - began });
        this.#tellNext();
        this.#bench.draw();
      }
      for (const head of order) {
        const from = ready.get(head.id);
        if (from) update(head.id, await judged(head, from, waits));
      }
      const [first] = order;
      const from = first && ready.get(first.id);
      if (from && augmentation !== 'none' && from.augmentation.kind !== 'none')
        this.#bench.store.setState({ gain: await gainOf(first, augmentation, from, waits) });
    } catch (thrown) {
      if (waits.signal.aborted) return;
      const problem = failureOf(thrown);
      const isTold = asItIs !== undefined || problem.tag !== 'BadInput';
      if (!isTold && this.#said && isAsItIs) return; // labels teach nothing yet
      this.#said = undefined;
      this.#bench.store.setState({ next: [], trainedMs: undefined, ...(isTold && { problem }) });
      this.#bench.draw();
    }
  }

  /** What one says that learns nothing from the labels: of the shelf, or trained by a script. Undefined where it learns. */
  #asItIs(shown: string | undefined): ((waits: Waits) => Promise<Said>) | undefined {
    const shelf = this.onShelf().find(({ id }) => id === shown);
    if (shelf) return (waits) => this.#saidByShelf(shelf, waits);
    const head = this.#bench.store.getState().heads.find(({ id, byScript }) => id === shown && byScript);
    return head && ((waits) => this.#saidByScript(head.id, waits));
  }

  async #saidByShelf({ id, input }: RowsManifest, waits: Waits): Promise<Said> {
    const set = this.#setOf(input.encoder.id);
    const parts = await this.#bench.needs.parts();
    const model = await parts.rows(id, { signal: waits.signal, onProgress: () => undefined });
    return saidByShelf(model, set, waits);
  }

  async #saidByScript(id: string, waits: Waits): Promise<Said> {
    const learnt = this.#bench.learnt.head(id);
    const set = this.#setOf(learnt.encoder.id);
    checkReads(learnt, set);
    const desk = this.#bench.desk();
    const held = await desk.holdBlock(set, learnt.block, waits);
    const probabilities = await desk.ask('predict', { head: learnt.head, set: held }, waits);
    return { set, classes: learnt.classes, probabilities };
  }

  /** @throws EosinError BadInput */
  #setOf(encoder: string): NamedSet {
    const set = this.#bench.sets.of(encoder);
    if (set) return set;
    throw new EosinError(nothingRead(encoder, this.#bench.noun));
  }

  #tellNext(): void {
    const said = this.#said;
    if (!said) return;
    const { set } = said;
    const isLabelled = (row: number): boolean => this.#bench.labels.of(placeOf(set, row) ?? '') !== undefined;
    const next = leastSure(said, boxesOf(set), isLabelled);
    this.#bench.store.setState({
      next: next.map(({ row, probability }) => ({ row, probability, box: boxOf(set, row) })),
    });
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
  byScript: false,
} as const;

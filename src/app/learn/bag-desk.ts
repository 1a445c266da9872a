// Bags: slides, or folders of pictures, that are labelled as a whole. Attention learns from them; its network opens on the
// slide like the shipped ones. Slides that are not on screen are read from the features that were kept of them.
import { FeatureSet } from '#analysis/feature-set.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { BagOf } from '#learn/learn-calls.ts';
import type { OpenLog } from '#storage/storage.ts';
import { boxAt } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { addRows, encodeRows } from '../kept-learning/feature-rows.ts';
import { type FeaturesOf, LatestNote, type LearningShelf, whyInMemory } from '../kept-learning/learning-shelf.ts';
import { readNote } from '../kept-log.ts';
import type { BagSummary, LearnStore, LearntAttention } from '../stores/learn-store.ts';
import { learnAttention } from './learn-attention.ts';
import type { LearnDesk } from './learn-desk.ts';
import type { Learnt } from './learnt.ts';

/** What is kept of a bag: its features lie in a log of their own, under `of`. */
interface KeptBag {
  readonly name: string; //               the slide's
  readonly patches: number;
  readonly label: string;
  readonly group: string; //              the patient; empty: a bag by itself
  readonly of: FeaturesOf;
}

export interface AttentionAsked {
  readonly encoder: PatchManifest;
  readonly block: string;
  readonly gated: boolean;
  readonly topK: number; //               0: stage 1 alone
  readonly folds: number;
}

export interface BagNeeds {
  readonly store: LearnStore;
  readonly shelf: (waits: Waits) => Promise<LearningShelf | undefined>;
  readonly desk: () => LearnDesk;
  readonly learnt: Learnt;
  /** The open slide's features, where a bag is of it: its log is open already. */
  readonly openSet: (of: FeaturesOf) => NamedSet | undefined;
}

const keyOf = ({ fingerprint, encoder }: FeaturesOf): string => `${fingerprint} ${encoder.sha256}`;

export class BagDesk {
  readonly #needs: BagNeeds;
  #bags: KeptBag[] = [];
  readonly #pictures = new Map<string, FeatureSet>(); // of bags that were made in this tab
  #log: OpenLog | undefined;
  #note: LatestNote | undefined;
  #opening: Promise<void> | undefined;

  constructor(needs: BagNeeds) {
    this.#needs = needs;
  }

  /** Bags of before, once. Never fails: what cannot be kept lives with the tab. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Resolves once all changes so far are on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#note?.written();
  }

  /** Lets go of what it keeps; what is here stays until the tab ends. */
  close(): void {
    this.#log?.[Symbol.dispose]();
    [this.#log, this.#note, this.#opening] = [undefined, undefined, undefined];
  }

  /** The slide's patches become a bag; of one that is one already, as many as there are now. */
  add(name: string, of: FeaturesOf, patches: number): void {
    const key = keyOf(of);
    const known = this.#bags.find((bag) => keyOf(bag.of) === key);
    const bag = { name, of, patches, label: known?.label ?? '', group: known?.group ?? '' };
    this.#bags = known ? this.#bags.map((one) => (one === known ? bag : one)) : [...this.#bags, bag];
    this.#changed();
  }

  /**
   * Pictures become a bag, or take the place of one of the same pictures; their features are kept on the disk, as a slide's are.
   * @param label what the folder they lay in says
   */
  async addPictures(name: string, label: string, of: FeaturesOf, features: FeatureSet, waits: Waits): Promise<void> {
    this.#pictures.set(keyOf(of), features);
    this.add(name, of, features.rows);
    if (label !== '') this.set(keyOf(of), { label });
    try {
      const log = await (await this.#needs.shelf(waits))?.features(of, waits);
      if (!log) return;
      const rows = Array.from({ length: features.rows }, (_, row) => ({ row, box: boxAt(features.boxes, row) }));
      try {
        if (log.kept === 0) await log.append(encodeRows(features, rows), waits);
      } finally {
        log[Symbol.dispose]();
      }
    } catch (thrown) {
      waits.signal.throwIfAborted();
      this.#needs.store.setState({ notKept: whyInMemory(thrown) });
    }
  }

  set(id: string, change: { label?: string; group?: string }): void {
    this.#bags = this.#bags.map((bag) => (keyOf(bag.of) === id ? { ...bag, ...change } : bag));
    this.#changed();
  }

  /** Its features stay. */
  remove(id: string): void {
    this.#bags = this.#bags.filter((bag) => keyOf(bag.of) !== id);
    this.#changed();
  }

  /** @throws EosinError BadInput for bags nothing can be learnt from; features that are gone; the signal's reason */
  async train({ encoder, block, gated, topK, folds }: AttentionAsked, waits: Waits): Promise<LearntAttention> {
    const { desk: deskNow, learnt, store } = this.#needs;
    const labelled = this.#bags.filter(({ label, of }) => label.trim() !== '' && of.encoder.sha256 === encoder.sha256);
    if (labelled.length === 0) {
      const todo = 'Add slides as bags, and write a label beside each.';
      throw new EosinError({ tag: 'BadInput', what: 'The bags', seen: `none of ${encoder.name} has a label`, todo });
    }
    const classes = [...new Set(labelled.map(({ label }) => label.trim()))].sort();
    const groups = [...new Set(labelled.map(({ group }) => group.trim()).filter((group) => group !== ''))];
    const bags: BagOf[] = [];
    for (const bag of labelled) {
      const group = groups.indexOf(bag.group.trim());
      const held = await this.#hold(bag, encoder, block, waits);
      bags.push({
        name: bag.name,
        set: held,
        rows: undefined,
        label: classes.indexOf(bag.label.trim()),
        group: group < 0 ? undefined : group,
      });
    }
    const { id, ...judged } = await learnAttention(
      { desk: deskNow(), learnt },
      { bags, encoder, block, classes, gated, topK, folds },
      {
        signal: waits.signal,
        onProgress: ({ done, total }) => store.setState({ progress: done / total }),
        onCurve: (curve) => store.setState({ curve }),
      },
    );
    return {
      ...judged,
      model: id,
      encoder: encoder.id,
      block,
      gated,
      topK,
      classes,
      bags: bags.length,
      isByGroup: groups.length > 0,
    };
  }

  async #hold({ name, of }: KeptBag, encoder: PatchManifest, block: string, waits: Waits): Promise<string> {
    const desk = this.#needs.desk();
    const open = this.#needs.openSet(of);
    if (open) return desk.holdBlock(open, block, waits);
    const set = this.#pictures.get(keyOf(of)) ?? (await this.#kept(of, encoder, waits));
    if (set.rows === 0) {
      const todo = 'Open that slide and embed it again, or remove the bag.';
      throw new EosinError({
        tag: 'BadInput',
        what: `The bag ${name}`,
        seen: 'its features are not on this disk',
        todo,
      });
    }
    const all = { values: set.values(block).slice(), rows: set.rows, cols: set.channels(block) };
    return desk.hold(`bag ${keyOf(of)} ${set.rows} ${block}`, () => all, waits);
  }

  /** What is on the disk; empty where nothing is. */
  async #kept(of: FeaturesOf, encoder: PatchManifest, waits: Waits): Promise<FeatureSet> {
    const set = new FeatureSet(encoder);
    const shelf = await this.#needs.shelf(waits);
    const log = await shelf?.kept(of, waits);
    if (!log) return set;
    try {
      for await (const record of log.records(waits)) addRows(set, record);
    } finally {
      log[Symbol.dispose]();
    }
    return set;
  }

  async #open(): Promise<void> {
    const waits = unhurried();
    try {
      const shelf = await this.#needs.shelf(waits);
      const log = await shelf?.bags(waits);
      if (!log) return;
      this.#log = log;
      this.#bags = [...bagsOf(await log.note(waits)), ...this.#bags];
      this.#note = new LatestNote(
        (note, during) => log.setNote(note, during),
        (thrown) => this.#needs.store.setState({ notKept: whyInMemory(thrown) }),
      );
    } catch (thrown) {
      this.#needs.store.setState({ notKept: whyInMemory(thrown) });
    }
    this.#tell();
  }

  #changed(): void {
    this.#note?.set(this.#bags);
    this.#tell();
  }

  #tell(): void {
    const bags = this.#bags.map(
      ({ name, of, patches, label, group }): BagSummary => ({
        id: keyOf(of),
        name,
        encoder: of.encoder.id,
        patches,
        label,
        group,
        isOpen: this.#needs.openSet(of) !== undefined,
      }),
    );
    this.#needs.store.setState({ bags });
  }

  /** The open slide has changed. */
  refresh(): void {
    this.#tell();
  }
}

/** What can be read of the note; nothing of one that is none. */
function bagsOf(note: Uint8Array<ArrayBuffer> | undefined): KeptBag[] {
  const value = readNote(note);
  return Array.isArray(value) ? value.filter(isBag) : [];
}

function isBag(value: unknown): value is KeptBag {
  if (typeof value !== 'object' || value === null) return false;
  const of: unknown = Reflect.get(value, 'of');
  const encoder: unknown = typeof of === 'object' && of !== null ? Reflect.get(of, 'encoder') : undefined;
  const texts = ['name', 'label', 'group'].every((key) => typeof Reflect.get(value, key) === 'string');
  const isOf = typeof of === 'object' && of !== null && typeof Reflect.get(of, 'fingerprint') === 'string';
  const isEncoder =
    typeof encoder === 'object' && encoder !== null && typeof Reflect.get(encoder, 'sha256') === 'string';
  return texts && isOf && isEncoder && typeof Reflect.get(value, 'patches') === 'number';
}

// Learning on the slide's objects of one kind: their features are read on demand, labels are given by clicking them, and what
// heads say gives them classes for as long as that is looked at.
import type { Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { describe, EosinError, failureOf } from '#errors/failure.ts';
import { ringOf } from '#objects/columns.ts';
import type { Point } from '#units/rect.ts';
import { centreOf } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Eosin } from '../console.d.ts';
import type { DrawnObjects } from '../drawn-objects.ts';
import type { LabelledKept } from '../kept-learning/label-keeper.ts';
import type { Patch } from '../stores/learn-store.ts';
import { createObjectLearnStore, type ObjectLearnStore } from '../stores/object-learn-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { Heads, type HeadsBench } from './heads.ts';
import { Labelling } from './labelling.ts';
import type { LearnBench } from './learn-bench.ts';
import { type LearnKind, type Noun, OBJECTS } from './noun.ts';
import { classesOfObjects } from './object-classes.ts';
import { ObjectSets, type ObjectSetsNeeds } from './object-sets.ts';
import { rowsByPlace } from './row-sets.ts';

const TRAIN_AFTER_MS = 120; //  the last label
const SETTLED_MS = 1_000; //    since objects came or went: a run brings some all the time
const FRAMED = 2_000; //        labelled objects at most: the latest
const AROUND_PX = 2; //         level-0 px from a nucleus to its frame: both can be seen
const CLICK_PX = 4; //          CSS px beside an object that still mean it
const LEAST_ZOOM = 10; //       magnification at which an object can be told apart

export interface ObjectNeeds extends ObjectSetsNeeds {
  readonly drawn: DrawnObjects;
}

export type ObjectRegion = Parameters<Eosin['embed']>[0]['region'];

export interface ObjectBench extends Pick<LearnBench, 'learnt' | 'desk' | 'keep' | 'work'> {
  readonly needs: ObjectNeeds;
  /** Whether this kind is what the workspace shows now. */
  isShown(kind: LearnKind): boolean;
}

export class ObjectSession extends Labelling {
  readonly kind: LearnKind;
  readonly noun: Noun;
  readonly heads: Heads;
  readonly sets: ObjectSets;
  readonly objects: ObjectLearnStore = createObjectLearnStore();
  readonly #bench: ObjectBench;
  #trainTimer: ReturnType<typeof setTimeout> | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(bench: ObjectBench, kind: LearnKind) {
    super();
    this.#bench = bench;
    this.kind = kind;
    this.noun = OBJECTS[kind];
    this.sets = new ObjectSets(bench.needs, kind, this.labels);
    const heads: HeadsBench = {
      needs: bench.needs,
      store: this.store,
      labels: this.labels,
      learnt: bench.learnt,
      sets: this.sets,
      noun: this.noun,
      from: 'segmentation',
      desk: bench.desk,
      shownSet: () => this.shownSet(),
      blockOf: () => kind,
      draw: () => this.draw(),
      keep: bench.keep,
    };
    this.heads = new Heads(heads);
    this.objects.subscribe(({ byHead }, before) => byHead !== before.byHead && this.draw());
    bench.needs.found.subscribe(() => {
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => this.setsChanged(), SETTLED_MS);
    });
  }

  kept(): LabelledKept {
    return { ...this.labels.kept(), heads: this.heads.kept() };
  }

  restore({ heads, ...labels }: LabelledKept): void {
    this.heads.restore(heads);
    this.labels.restore(labels);
    this.sets.rematch();
  }

  /** For the workspace: features that were kept are here too. */
  async open(): Promise<void> {
    await this.sets.restore(unhurried());
    this.setsChanged();
  }

  /** Another slide, or another pixel size: what was read of objects means others. */
  forgetSets(): void {
    clearTimeout(this.#settleTimer);
    this.sets.forget();
    this.draw();
  }

  forget(): void {
    this.forgetSets();
    this.heads.forget();
    this.labels.restore({ classes: [], labels: [] });
  }

  shownSet(): NamedSet | undefined {
    return this.sets.matched()?.set;
  }

  /** There is one block of features, of the network that is chosen to find objects. */
  choose(): void {
    this.setsChanged();
  }

  override unreadAt(at: Point): string | undefined {
    if (this.#objectAt(at) === undefined || this.rowAt(at) !== undefined) return undefined;
    return `That ${this.noun.one} is not read yet: first ${this.noun.read}.`;
  }

  rowAt(at: Point): number | undefined {
    const matched = this.sets.matched();
    const object = matched && this.#objectAt(at);
    const row = object === undefined ? undefined : matched?.rowOf[object];
    return row === undefined || row < 0 ? undefined : row;
  }

  mark(row: number | undefined): void {
    const object = row === undefined ? undefined : this.sets.matched()?.objects[row];
    this.#bench.needs.viewer.setSelection(object === undefined ? undefined : { kind: this.kind, row: object });
  }

  goTo({ row, box }: Patch): void {
    const { viewer } = this.#bench.needs;
    const { magnification = LEAST_ZOOM } = viewer.view();
    const centre = centreOf(box);
    if (magnification >= LEAST_ZOOM) viewer.glideTo(centre);
    else void viewer.setView({ centre, magnification: 2 * LEAST_ZOOM }, unhurried()).catch(() => undefined);
    this.mark(row);
  }

  /** The view's objects, or all: from a button, failures stand in the panel. */
  read(choice: RegionChoice | 'all'): Promise<void> {
    const { needs, work } = this.#bench;
    return work('Reading', async (waits) => {
      try {
        const region = choice === 'all' ? wholeSlide(needs) : await needs.regions.resolve(choice, waits);
        await this.sets.read(region, undefined, (reading) => this.objects.setState({ reading }), waits);
      } finally {
        this.objects.setState({ reading: undefined });
        this.setsChanged();
      }
    });
  }

  /** embed of window.eosin, of objects. @param model a segmentation model's id */
  async embed(model: string, region: ObjectRegion, waits: Waits): ReturnType<Eosin['embed']> {
    const { regions } = this.#bench.needs;
    const asked: Region = await regions.resolve(region ?? 'view', waits);
    await this.sets.read(asked, model, () => undefined, waits);
    const set = this.sets.named(asked);
    this.setsChanged();
    if (!set) {
      const seen = `none of the ${this.noun.many} could be read`;
      throw new EosinError({ tag: 'BadInput', what: 'The objects', seen, todo: 'Analyse the region first.' });
    }
    const dims = Object.fromEntries(set.features.blocks.map(({ name, channels }) => [name, channels]));
    return { set: set.name, rows: set.rows.length, dims };
  }

  /** Objects, their features or the network have changed. */
  setsChanged(): void {
    const manifest = this.sets.manifest();
    let whyNot: string | undefined;
    try {
      if (manifest) this.sets.features(manifest);
    } catch (thrown) {
      whyNot = describe(failureOf(thrown));
      this.sets.forget();
    }
    const set = this.shownSet();
    const { isKept } = this.sets;
    const summary = set && {
      set: set.name,
      encoder: set.features.encoder.id,
      name: manifest?.name ?? set.features.encoder.id,
      bytes: manifest?.bytes ?? 0,
      blocks: set.features.blocks.map(({ name, channels }) => ({ name, dims: channels })),
      rows: set.rows.length,
      secondsPerPatch: undefined,
      isKept,
      copies: 0,
    };
    this.objects.setState({ read: set?.rows.length ?? 0, isKept, whyNot });
    this.store.setState({ sets: summary ? [summary] : [], encoder: set?.features.encoder.id });
    this.tellLabels();
    this.draw();
    if (this.#bench.isShown(this.kind)) this.heads.train();
  }

  /** What the slide shows of it, where the workspace shows this kind. */
  draw(): void {
    const { drawn, viewer, stores } = this.#bench.needs;
    const isShown = this.#bench.isShown(this.kind);
    const matched = isShown ? this.sets.matched() : undefined;
    const { byHead } = this.objects.getState();
    const { shown, heads, sureFrom } = this.store.getState();
    const isColoured =
      matched !== undefined && byHead && (this.labels.classes.length > 0 || this.heads.said !== undefined);
    const of = isColoured ? classesOfObjects(matched, this.labels, this.heads.said, sureFrom) : undefined;
    drawn.show(
      this.kind,
      of && matched && { version: matched.version, classes: of.classes, classIndex: of.classIndex },
    );
    if (isShown || stores.view.getState().objectClasses?.kind === this.kind) {
      const head = [...heads, ...this.heads.onShelf()].find(({ id }) => id === shown);
      const name = this.heads.said ? (head?.name ?? 'Head') : 'Labels';
      const entries = of?.classes.map((one, index) => ({ ...one, count: of.counts[index] ?? 0 })) ?? [];
      stores.view.setState({ objectClasses: of && { kind: this.kind, name, entries, ...this.noun } });
      viewer.setOutline('labelled', matched && this.#frames(matched.objects, matched.set));
    }
  }

  protected override ringAt(row: number): Float64Array {
    return ringOf(this.#bench.needs.found.store(this.kind).columns, this.sets.matched()?.objects[row] ?? -1);
  }

  protected labelsChanged(): void {
    this.#bench.keep();
    this.heads.addFirst();
    this.tellLabels();
    this.draw();
    clearTimeout(this.#trainTimer);
    this.#trainTimer = setTimeout(() => this.heads.train(), TRAIN_AFTER_MS);
  }

  #objectAt({ x, y }: Point): number | undefined {
    const { found, viewer } = this.#bench.needs;
    return found.store(this.kind).pick(x, y, CLICK_PX / viewer.view().zoom);
  }

  /** Rings around labelled objects, level-0 px; undefined where there are none. */
  #frames(objects: Uint32Array, set: NamedSet): { rings: Float64Array[]; dashed: false } | undefined {
    const { columns } = this.#bench.needs.found.store(this.kind);
    const rowOf = rowsByPlace(set);
    const rings = [...this.labels.entries()].slice(-FRAMED).flatMap(([place]) => {
      const i = objects[rowOf.get(place) ?? -1];
      if (i === undefined) return [];
      const [cx, cy] = [columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0];
      return [this.kind === 'nuclei' ? around(ringOf(columns, i), cx, cy) : ringOf(columns, i)];
    });
    return rings.length > 0 ? { rings, dashed: false } : undefined;
  }
}

/** Each corner a little farther from the centroid. */
function around(ring: Float64Array, cx: number, cy: number): Float64Array {
  for (let k = 0; k < ring.length; k += 2) {
    const [x, y] = [(ring[k] ?? 0) - cx, (ring[k + 1] ?? 0) - cy];
    const farther = 1 + AROUND_PX / Math.max(1, Math.hypot(x, y));
    [ring[k], ring[k + 1]] = [cx + farther * x, cy + farther * y];
  }
  return ring;
}

function wholeSlide({ stores }: ObjectNeeds): Region {
  const info = stores.slide.getState().open?.info;
  return { x: 0, y: 0, width: info?.widthPx ?? 0, height: info?.heightPx ?? 0 };
}

// Attention on the open slide, put together. Loaded when first needed.
import type { Attended } from '#analysis/attention.ts';
import type { Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import type { PatchMap, Viewer } from '#viewer/viewer-api.ts';
import { FeatureKeeper } from '../kept-learning/feature-keeper.ts';
import { type LearningShelf, openLearningShelf } from '../kept-learning/learning-shelf.ts';
import { once } from '../once.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import { saveAs, slideName } from '../saving.ts';
import { noSlide, type Opened, type SlideSession } from '../slide-session.ts';
import { PATCH_PREDICTION } from '../stores/attention-store.ts';
import { type LayersStore, setAttentionLayer } from '../stores/layers-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import { plural } from '../words.ts';
import { type AttendedBag, attendedCSV, attendedGeoJSON } from './attended-table.ts';
import { AttentionConsole } from './attention-console.ts';
import { AttentionView } from './attention-view.ts';
import { AttentionWork, type Bag, type WorkNeeds } from './attention-work.ts';
import { LeftOutTissue } from './left-out.ts';

export interface AttentionNeeds extends Omit<WorkNeeds, 'keeper'> {
  readonly slides: SlideSession;
  readonly regions: RegionsAsked;
  readonly read: (from: Blob, waits: Waits) => Promise<Opened>;
  readonly shelf: Promise<void>;
  /** Where features are kept; the browser's storage by default. Undefined where it gives none. */
  readonly disk?: (waits: Waits) => Promise<LearningShelf | undefined>;
}

interface Model {
  readonly id: string;
  readonly sha256: string;
}

const named = ({ id, sha256 }: Model): Model => ({ id, sha256 });

export class AttentionSession {
  readonly #needs: AttentionNeeds;
  readonly #leftOut = new LeftOutTissue();
  readonly #view: AttentionView;
  #computing: AbortController | undefined;
  readonly work: AttentionWork;
  readonly console: AttentionConsole;
  readonly keeper: FeatureKeeper;
  /** Opens a file as a slide: its pictures can be learnt from. */
  readonly read: AttentionNeeds['read'];
  /** Of features and labels; opened once. */
  readonly disk: (waits: Waits) => Promise<LearningShelf | undefined>;

  constructor(needs: AttentionNeeds) {
    this.#needs = needs;
    this.read = needs.read;
    const open = needs.disk ?? openLearningShelf;
    this.disk = once(() => open(unhurried()));
    this.keeper = new FeatureKeeper(this.disk, (notKept) => needs.stores.attention.setState({ notKept }));
    this.work = new AttentionWork({ ...needs, keeper: this.keeper }, (bag) => this.#view.take(bag));
    this.#view = new AttentionView(needs.viewer, needs.stores, this.work, this.#leftOut);
    this.console = new AttentionConsole({ ...needs, work: this.work });
    needs.viewer.on('lasso', (ring) => {
      if (needs.stores.settings.getState().workspace !== 'learn') this.leaveOut(ring); // there it gives labels
    });
    needs.stores.attention.subscribe(({ compare }, before) => {
      if (compare !== before.compare && compare !== undefined && compare !== PATCH_PREDICTION)
        void this.#compareWith(compare);
    });
  }

  /** Another slide has come, or none. */
  forget(): void {
    this.#computing?.abort(new DOMException('The slide was closed.', 'AbortError'));
    this.#leftOut.putBack();
    this.work.forget();
    this.#view.forget();
    this.#outline();
  }

  /** What a network of the Learn workspace says of the open slide's patches, as map, strip and prediction. */
  show(bag: Bag, attended: Attended): void {
    const { stores } = this.#needs;
    const { manifests } = stores.models.getState();
    if (!manifests.some(({ id }) => id === bag.model.id))
      stores.models.setState({ manifests: [...manifests, bag.model] });
    this.work.kept.keepAttended(bag.set, bag.model, attended);
    stores.attention.setState({ model: bag.model.id, encoder: undefined, compare: undefined, strip: true });
    stores.layers.setState({ selected: 'attention' });
    this.#view.take(bag);
    setAttentionLayer(stores.layers, { shown: true });
  }

  /** Another viewer shows it too. @returns ends it */
  showBeside(viewer: Viewer, layers: LayersStore): () => void {
    return this.#view.showBeside(viewer, layers);
  }

  /** Embeds and attends a region by itself, from a button: failures stand in the panel. */
  async compute(choice: RegionChoice): Promise<void> {
    await this.#alone(undefined, choice);
  }

  /** What is shown, and which models said it; undefined where nothing is. */
  shown(): (Attended & { readonly model: Model; readonly encoder: Model }) | undefined {
    const bag = this.#view.bag();
    const attended = bag && this.work.kept.attended(bag.set, bag.model);
    return attended && { ...attended, model: named(bag.model), encoder: named(bag.encoder) };
  }

  /** What the lasso took out, x, y pairs, level-0 px. */
  leftOutRings(): readonly Float64Array[] {
    return this.#leftOut.rings();
  }

  /** In the place of what is left out now. */
  takeLeftOut(rings: readonly Float64Array[]): void {
    this.#leftOut.putBack();
    for (const ring of rings) this.#leftOut.add(ring);
    this.#recount();
  }

  /** What is shown; undefined where nothing is. */
  attendedBag(): AttendedBag | undefined {
    return this.#view.attendedBag();
  }

  /** What is shown less what it is compared with, of ranks; undefined where that is not drawn. */
  difference(): PatchMap | undefined {
    return this.#view.difference();
  }

  /** What it is compared with, where that is another model's attention that is there. */
  compared(): ReturnType<AttentionSession['shown']> {
    const { compare } = this.#needs.stores.attention.getState();
    if (compare === undefined || compare === PATCH_PREDICTION || !this.knows(compare)) return undefined;
    const { model, encoder, set } = this.work.bag(compare);
    const attended = this.work.kept.attended(set, model);
    return attended && { ...attended, model: named(model), encoder: named(encoder) };
  }

  /** Whether a model's attention is there: it can be compared at once. */
  knows(model: string): boolean {
    try {
      const { set, model: of } = this.work.bag(model);
      return this.work.kept.attended(set, of) !== undefined;
    } catch {
      return false; // it is not on the shelf, nor its encoder
    }
  }

  /** The patches that are shown, the most attended first, with their places, into the downloads. */
  save(as: 'csv' | 'geojson'): void {
    const { stores } = this.#needs;
    const bag = this.#view.attendedBag();
    if (!bag) return;
    const name = `${slideName({ stores })}-attended.${as}`;
    const written = as === 'csv' ? attendedCSV(bag) : attendedGeoJSON(bag);
    saveAs(new Blob([written], { type: as === 'csv' ? 'text/csv' : 'application/geo+json' }), name);
    notify(stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
  }

  cancel(): void {
    this.#computing?.abort(new DOMException('Embedding was cancelled.', 'AbortError'));
  }

  /** Tissue inside the ring (x, y pairs, level-0 px) counts no more. */
  leaveOut(ring: Float64Array): void {
    const { stores, viewer } = this.#needs;
    this.#leftOut.add(ring);
    viewer.setTool('move');
    this.#recount();
    const { findings, pieces } = stores.attention.getState();
    const taken = pieces.at(-1)?.patches ?? 0;
    if (!findings) return;
    if (taken === 0) {
      this.#leftOut.putBack(pieces.at(-1)?.id);
      this.#recount();
      notify(stores.window, { text: 'No patch has its centre inside that line. Draw a larger one.', seconds: 6 });
      return;
    }
    stores.window.setState({ announcement: `${plural(taken, 'patch', 'patches')} left out.` });
  }

  /** One piece, or all. */
  putBack(id?: number): void {
    this.#leftOut.putBack(id);
    this.#recount();
  }

  /** Another attention model or encoder was chosen: shown where its bag is known, else why it cannot be. */
  chosen(): void {
    const { stores } = this.#needs;
    try {
      const bag = this.work.bag(undefined);
      stores.attention.setState({ problem: undefined });
      if (this.work.kept.attended(bag.set, bag.model)) this.#view.take(bag);
      else this.#view.clear();
    } catch (thrown) {
      this.#view.clear();
      stores.attention.setState({ problem: failureOf(thrown) });
    }
  }

  #recount(): void {
    this.#view.show();
    this.#outline();
  }

  #outline(): void {
    const { viewer } = this.#needs;
    viewer.setOutline('left out', this.#leftOut.empty ? undefined : { rings: this.#leftOut.rings(), dashed: true });
  }

  async #compareWith(model: string): Promise<void> {
    const bag = this.work.bag(model);
    if (this.work.kept.attended(bag.set, bag.model)) return this.#view.show();
    await this.#alone(model, this.work.lastRegion ?? 'view');
  }

  async #alone(model: string | undefined, region: Region | RegionChoice): Promise<void> {
    const { stores, slides, regions } = this.#needs;
    this.cancel();
    const mine = new AbortController();
    this.#computing = mine;
    const { signal } = mine;
    try {
      const slide = slides.opened()?.slide;
      if (!slide) throw new EosinError(noSlide);
      const mpp = slides.mpp();
      if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
      await this.#needs.shelf;
      const resolved = typeof region === 'object' ? region : await regions.resolve(region, { signal });
      const { device } = stores.settings.getState();
      await this.work.compute({ slide, mpp, region: resolved, device, model }, { signal });
    } catch (thrown) {
      if (!signal.aborted && !isAbort(thrown)) stores.attention.setState({ problem: failureOf(thrown) });
    }
  }
}

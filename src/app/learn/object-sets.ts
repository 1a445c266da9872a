// Features of the open slide's objects of one kind, by the chosen network: read on demand, found on disk, matched with the
// objects that are there now.

import { embedObjects, objectFeatures, squareOf } from '#analysis/embed-objects.ts';
import type { FeatureSet } from '#analysis/feature-set.ts';
import { isIn, type Region } from '#analysis/region.ts';
import { RowPlaces } from '#analysis/row-places.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import { centreOf } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { FoundObjects } from '../found-objects.ts';
import { noSlide } from '../slide-session.ts';
import type { Reading } from '../stores/learn-store.ts';
import { chosenManifest, segmentations } from '../stores/models-store.ts';
import type { Labels } from './labels.ts';
import type { LearnKind } from './noun.ts';
import type { PatchSetsNeeds } from './patch-sets.ts';
import { boxesOf, placeOfObject, pointOf } from './row-sets.ts';

export interface ObjectSetsNeeds extends PatchSetsNeeds {
  readonly found: FoundObjects;
}

/** The rows of a set, and of which objects they are. */
export interface MatchedObjects {
  readonly set: NamedSet;
  readonly objects: Uint32Array<ArrayBuffer>; // by row of the set, the row of the store's columns
  readonly rowOf: Int32Array<ArrayBuffer>; //    [objects of the store] their row of the set, or -1
  readonly version: number; //                   of the store
}

export class ObjectSets {
  readonly #needs: ObjectSetsNeeds;
  readonly #kind: LearnKind;
  readonly #labels: Labels;
  #features: FeatureSet | undefined;
  #matched: MatchedObjects | undefined;
  #matchedRows = 0; // of the features, at that time
  #named = 0;

  constructor(needs: ObjectSetsNeeds, kind: LearnKind, labels: Labels) {
    this.#needs = needs;
    this.#kind = kind;
    this.#labels = labels;
  }

  forget(): void {
    [this.#features, this.#matched] = [undefined, undefined];
  }

  /** Labels came that were not given here: they look for their objects anew. */
  rematch(): void {
    this.#matched = undefined;
  }

  /** The network whose features are read: the one that is chosen to find objects. */
  manifest(): PatchManifest | undefined {
    return chosenManifest(this.#needs.stores.models.getState());
  }

  /** @throws EosinError BadInput where the network gives no features of places */
  features(manifest: PatchManifest): FeatureSet {
    const { id, sha256 } = this.#features?.encoder ?? {};
    if (this.#features && id === manifest.id && sha256 === manifest.sha256) return this.#features;
    this.#features = objectFeatures(manifest, this.#kind);
    this.#matched = undefined;
    return this.#features;
  }

  get isKept(): boolean {
    return this.#features !== undefined && this.#needs.attention.keeper.isKept(this.#features);
  }

  of(modelId: string): NamedSet | undefined {
    return this.matched()?.set.features.encoder.id === modelId ? this.matched()?.set : undefined;
  }

  /** Objects that are on the slide now and have features; undefined where there are none. */
  matched(): MatchedObjects | undefined {
    const { slides, found } = this.#needs;
    const [mpp, store, features] = [slides.mpp(), found.store(this.#kind), this.#features];
    if (!mpp || !features || features.rows === 0) return undefined;
    const { version } = store;
    const known = this.#matched;
    if (known?.version === version && known.set.features === features && this.#matchedRows === features.rows)
      return known;
    const { columns } = store;
    const all = new RowPlaces(features.boxes);
    const rows: number[] = [];
    const objects: number[] = [];
    const rowOf = new Int32Array(columns.count).fill(-1);
    for (let i = 0; i < columns.count; i++) {
      const row = all.rowAt(columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0);
      if (row === undefined) continue;
      rowOf[i] = rows.length;
      rows.push(row);
      objects.push(i);
    }
    this.#matchedRows = features.rows;
    this.#matched = undefined;
    if (rows.length === 0) return undefined;
    const name = `${features.encoder.id} ${this.#kind} ${++this.#named}`;
    const of = { name, of: 'objects' as const, features, rows: Uint32Array.from(rows) };
    this.#matched = { set: { ...of, ...this.#finding(of) }, objects: Uint32Array.from(objects), rowOf, version };
    return this.#matched;
  }

  /** Under a name of the console: objects whose centroid lies in the region. */
  named(region: Region): NamedSet | undefined {
    const matched = this.matched();
    if (!matched) return undefined;
    const { centroid } = this.#needs.found.store(this.#kind).columns;
    const { set, objects } = matched;
    const rows = set.rows.filter((_, row) => {
      const i = objects[row] ?? 0;
      return isIn(region, centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0);
    });
    return this.#needs.attention.work.kept.name('objects', set.features, rows, this.#finding({ ...set, rows }));
  }

  /** What was read of the open slide before comes from the disk. */
  async restore(waits: Waits): Promise<void> {
    const { slides, attention } = this.#needs;
    const [slide, mpp, manifest] = [slides.opened()?.slide, slides.mpp(), this.manifest()];
    if (!slide || !mpp || !manifest?.outputs.some(({ kind }) => kind === 'features')) return;
    const set = this.features(manifest);
    const shelf = await attention.disk(waits).catch(() => undefined);
    const fingerprint = await slide.fingerprint(waits).catch(() => undefined);
    if (fingerprint === undefined) return; // then nothing is kept of it
    const of = { fingerprint, encoder: set.encoder, mpp, stridePx: undefined, of: this.#kind };
    if (await shelf?.has(of, waits).catch(() => false))
      await attention.keeper.restore({ slide, mpp, set, of: this.#kind }, waits);
  }

  /**
   * Objects of a region by the network; what is there already is not read again.
   * @param model a segmentation model's id; the chosen one by default
   * @throws EosinError BadInput, Uncalibrated, and what stopped it
   */
  async read(region: Region, model: string | undefined, tell: (reading: Reading) => void, waits: Waits): Promise<void> {
    const { stores, slides, attention, found, viewer } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const mpp = slides.mpp();
    if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
    const manifest = this.#network(model);
    const set = this.features(manifest);
    await attention.keeper.restore({ slide, mpp, set, of: this.#kind }, waits);
    const { columns: objects } = found.store(this.#kind);
    if (objects.count === 0) {
      const seen = `the slide holds no ${this.#kind} yet`;
      throw new EosinError({ tag: 'BadInput', what: 'The objects', seen, todo: 'Analyse the view first.' });
    }
    tell({ phase: 'loading', done: 0, total: undefined });
    const parts = await this.#needs.parts();
    const { device } = stores.settings.getState();
    const onProgress = (done: number, total: number): void => tell({ phase: 'loading', done, total });
    const loaded = await parts.model(manifest.id, { device, signal: waits.signal, onProgress });
    const asked = { slide, mpp, region, objects, model: loaded, postprocess: parts.postprocess, set };
    const events = attention.keeper.saving(
      embedObjects({ ...asked, viewCentre: () => viewer.view().centre }, waits),
      set,
    );
    let [done, total] = [0, 0];
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) {
        if (next.value.failure) throw new EosinError(next.value.failure);
        return;
      }
      if (next.value.kind === 'planned') total = next.value.patches;
      else if (next.value.kind === 'embedded') done++;
      if (next.value.kind !== 'embedded' || done % TELL_EVERY === 0 || done === total)
        tell({ phase: 'reading', done, total });
    }
  }

  #network(model: string | undefined): PatchManifest {
    const shelf = segmentations(this.#needs.stores.models.getState());
    const found = model === undefined ? this.manifest() : shelf.find(({ id }) => id === model);
    if (found) return found;
    const todo = `Choose ${shelf.map(({ id }) => id).join(' or ')}.`;
    const seen = model === undefined ? 'none is chosen' : `there is none named ${model}`;
    throw new EosinError({ tag: 'BadInput', what: 'The segmentation model', seen, todo });
  }

  /**
   * Rows by their places. A label belongs to a point of the slide: of another run the object there may have its centroid
   * elsewhere, by a part of a pixel, and takes the label all the same.
   */
  #finding(of: Omit<NamedSet, 'places' | 'rowOf'>): Required<Pick<NamedSet, 'places' | 'rowOf'>> {
    const { slides, found } = this.#needs;
    const boxes = boxesOf(of);
    const own = new RowPlaces(boxes);
    const [store, mpp] = [found.store(this.#kind), slides.mpp()];
    const places = new Map<number, string>();
    const elsewhere = new Map<string, number>();
    for (const [place] of this.#labels.entries()) {
      const at = pointOf(place, this.#kind);
      if (!at || !mpp || own.rowAt(at.x, at.y) !== undefined) continue;
      const object = store.pick(at.x, at.y, 0);
      if (object === undefined) continue;
      const square = squareOf(store.columns, object, mpp);
      const { x, y } = centreOf(square);
      const row = own.rowAt(x, y);
      if (row === undefined || places.has(row) || this.#labels.of(placeOfObject(this.#kind, square)) !== undefined)
        continue;
      places.set(row, place);
      elsewhere.set(place, row);
    }
    const rowOf = (place: string): number | undefined => {
      const at = pointOf(place, this.#kind);
      return elsewhere.get(place) ?? (at && own.rowAt(at.x, at.y));
    };
    return { places, rowOf };
  }
}

const TELL_EVERY = 64; // objects

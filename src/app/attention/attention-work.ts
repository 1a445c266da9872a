// Loads the models of attention, embeds the open slide's tissue and attends it: beside a run, or by itself.
import { attend, checkFits, LEAST_ROWS } from '#analysis/attend.ts';
import type { Attended } from '#analysis/attention.ts';
import { type EmbedEnd, type EmbedEvent, embed } from '#analysis/embed.ts';
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import { FeatureSet } from '#analysis/feature-set.ts';
import type { Region } from '#analysis/region.ts';
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { PatchManifest, RowsManifest } from '#inference/manifest.ts';
import type { LoadedModel, LoadedRows } from '#inference/model.ts';
import { withDecodedTiles } from '#slide/decoded-tiles.ts';
import type { Slide } from '#slide/slide.ts';
import type { Point } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { RunResult } from '../console.d.ts';
import type { FeatureKeeper } from '../kept-learning/feature-keeper.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import type { RunParts } from '../run-parts.ts';
import { attentionModels, encoders } from '../stores/models-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { Stores } from '../stores.ts';
import { type AttentionEvent, besideRun } from './beside-run.ts';
import { KeptFeatures } from './kept-features.ts';
import { predictionOf } from './prediction.ts';
import { tissueWithin } from './tissue-within.ts';

const DECODED_BYTES = 96 * 2 ** 20; //   of tiles that a run and the embedding beside it share
const ATTEND_EVERY_MS = 250;

export interface WorkNeeds {
  readonly stores: Stores;
  readonly viewer: Viewer;
  readonly parts: () => Promise<RunParts>;
  readonly regions: Pick<RegionsAsked, 'tissue'>;
  readonly keeper: FeatureKeeper;
}

export interface BesideAsked {
  readonly slide: Slide;
  readonly mpp: MppXY;
  readonly region: Region;
  readonly device: DeviceChoice;
  readonly model: string | undefined; // of the task attention; undefined: the chosen one
}

/** Attention that a run takes along. */
export interface Beside {
  /** The run's slide, whose tiles are decoded once for both. */
  readonly slide: Slide;
  readonly models: readonly { readonly id: string; readonly sha256: string }[];
  events(
    run: AsyncGenerator<RunEvent, RunEnd, undefined>,
    waits: Waits,
  ): AsyncGenerator<RunEvent | AttentionEvent, RunEnd, undefined>;
  result(): RunResult['attention'];
}

/** One bag: an attention model on the features of its encoder. */
export interface Bag {
  readonly model: RowsManifest;
  readonly encoder: PatchManifest;
  readonly set: FeatureSet;
}

export class AttentionWork {
  readonly #needs: WorkNeeds;
  readonly #attended: (bag: Bag, attended: Attended) => void;
  kept = new KeptFeatures();
  /** What was embedded last: another encoder is embedded there too when it is compared. */
  lastRegion: Region | undefined;

  /** @param attended is told whenever more of a bag is known */
  constructor(needs: WorkNeeds, attended: (bag: Bag, attended: Attended) => void) {
    this.#needs = needs;
    this.#attended = attended;
  }

  /** Another slide. */
  forget(): void {
    this.#needs.keeper.forget();
    this.kept = new KeptFeatures();
    this.lastRegion = undefined;
  }

  /** @throws EosinError BadInput where there is no such encoder */
  encoder(id: string): PatchManifest {
    const shelf = encoders(this.#needs.stores.models.getState());
    const found = shelf.find((one) => one.id === id);
    if (found) return found;
    throw unknown('The encoder', id, this.#taskOf(id), shelf);
  }

  /** The model and the features it reads, empty at first. @throws EosinError BadInput where they do not fit */
  bag(asked: string | undefined): Bag {
    const { models, attention } = this.#needs.stores;
    const shelf = attentionModels(models.getState());
    const chosen = asked ?? attention.getState().model;
    const model = chosen === undefined ? shelf[0] : shelf.find(({ id }) => id === chosen);
    if (!model) throw unknown('The attention model', chosen ?? '', this.#taskOf(chosen), shelf);
    const own = asked !== undefined && asked !== attention.getState().model;
    const encoder = this.encoder((own ? undefined : attention.getState().encoder) ?? model.input.encoder.id);
    checkFits(model, new FeatureSet(encoder));
    return { model, encoder, set: this.kept.setOf(encoder, undefined) };
  }

  async load(
    encoder: PatchManifest,
    device: DeviceChoice,
    onProgress: (bytes: number, total: number) => void,
    { signal }: Waits,
  ): Promise<LoadedModel> {
    return (await this.#needs.parts()).model(encoder.id, { device, signal, onProgress });
  }

  async loadRows(model: RowsManifest, { signal }: Waits): Promise<LoadedRows> {
    return (await this.#needs.parts()).rows(model.id, { signal, onProgress: () => undefined });
  }

  /**
   * Its models load while the run begins. Where attention cannot be computed the store says why, and the run goes without:
   * undefined where that is known at once.
   */
  beside(asked: BesideAsked, waits: Waits): Beside | undefined {
    const { stores, viewer, keeper } = this.#needs;
    const { kept } = this;
    const fail = (failure: Failure): void => {
      if (kept === this.kept && !waits.signal.aborted) stores.attention.setState({ problem: failure });
    };
    stores.attention.setState({ problem: undefined });
    let bag: Bag;
    try {
      bag = this.bag(asked.model);
    } catch (thrown) {
      fail(failureOf(thrown));
      return undefined;
    }
    // The panel names what is shown.
    if (asked.model !== undefined && asked.model !== stores.attention.getState().model) {
      stores.attention.setState({ model: asked.model, encoder: undefined });
    }
    const loading = this.#loaded(bag, asked, waits);
    let isOut = false;
    loading.catch(() => {
      isOut = true; // why is told by the embedding
    });
    const slide = withDecodedTiles(asked.slide, DECODED_BYTES);
    const models = [bag.encoder, bag.model].map(({ id, sha256 }) => ({ id, sha256 }));
    return {
      slide,
      get models() {
        return isOut ? [] : models;
      },
      events: (events, inner) => {
        let at: Point | undefined;
        let attendNow: ((final: boolean) => Promise<void>) | undefined;
        const viewCentre = (): Point => at ?? viewer.view().centre;
        const embedding = async function* (this: AttentionWork): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
          const { rows, encoder, region } = await unlessAborted(loading, inner.signal);
          attendNow = this.attending(bag, rows, inner);
          this.lastRegion = region;
          const shared = { slide, mpp: asked.mpp, region, encoder, set: bag.set, viewCentre };
          return yield* keeper.saving(embed(shared, inner), bag.set);
        };
        return besideRun({
          events,
          embedding: embedding.call(this),
          lookAt: (next) => {
            at = next;
          },
          attend: async (final) => attendNow?.(final),
          fail: (failure) => !inner.signal.aborted && fail(failure),
          end: () => slide[Symbol.dispose](),
        });
      },
      result: () => resultOf(bag, kept.attended(bag.set, bag.model)),
    };
  }

  /** What attention takes, and what was embedded before. */
  async #loaded(bag: Bag, asked: BesideAsked, waits: Waits) {
    const rows = await this.loadRows(bag.model, waits);
    const encoder = await this.load(bag.encoder, asked.device, () => undefined, waits);
    waits.signal.throwIfAborted();
    const region = tissueWithin(await this.#needs.regions.tissue(waits), asked.region);
    await this.#needs.keeper.restore({ ...asked, set: bag.set }, waits);
    return { rows, encoder, region };
  }

  /** Attends what a bag holds, at most four times a second and at the end. */
  attending(bag: Bag, model: LoadedRows, waits: Waits): (final: boolean) => Promise<void> {
    const { kept } = this;
    let attendedAt = Number.NEGATIVE_INFINITY;
    return async (final) => {
      if (!final && (bag.set.rows < LEAST_ROWS || performance.now() - attendedAt < ATTEND_EVERY_MS)) return;
      attendedAt = performance.now();
      const attended = await attend(model, bag.set, waits, kept.attended(bag.set, bag.model));
      kept.keepAttended(bag.set, bag.model, attended);
      if (kept === this.kept) this.#attended(bag, attended);
    };
  }

  /** Embeds and attends a region's tissue by itself, progress in the store. @throws what embed and attend throw */
  async compute(
    asked: { slide: Slide; mpp: MppXY; region: Region; device: DeviceChoice; model: string | undefined },
    waits: Waits,
  ): Promise<void> {
    const { stores } = this.#needs;
    const bag = this.bag(asked.model);
    stores.attention.setState({ problem: undefined });
    const region = tissueWithin(await this.#needs.regions.tissue(waits), asked.region);
    const rows = await this.loadRows(bag.model, waits);
    await this.embedRegion(
      { ...asked, region, encoder: bag.encoder, set: bag.set },
      this.attending(bag, rows, waits),
      waits,
    );
  }

  /** Embeds a region into a set, progress in the store. */
  async embedRegion(
    asked: {
      slide: Slide;
      mpp: MppXY;
      region: Region;
      device: DeviceChoice;
      encoder: PatchManifest;
      set: FeatureSet;
      stridePx?: number | undefined;
    },
    embedded: (final: boolean) => Promise<void>,
    waits: Waits,
  ): Promise<void> {
    const { stores, viewer } = this.#needs;
    const tell = (told: { phase: 'loading' | 'embedding'; done?: number; total?: number; bytes?: [number, number] }) =>
      stores.attention.setState({
        embedding: {
          phase: told.phase,
          done: told.done ?? 0,
          total: told.total ?? 0,
          loadedBytes: told.bytes?.[0] ?? 0,
          totalBytes: told.bytes?.[1],
        },
      });
    try {
      tell({ phase: 'loading' });
      const encoder = await this.load(
        asked.encoder,
        asked.device,
        (bytes, total) => tell({ phase: 'loading', bytes: [bytes, total] }),
        waits,
      );
      this.lastRegion = asked.region;
      const { keeper } = this.#needs;
      await keeper.restore(asked, waits);
      const events = keeper.saving(
        embed({ ...asked, encoder, viewCentre: () => viewer.view().centre }, waits),
        asked.set,
      );
      const [{ kept }, began] = [this, performance.now()];
      let [done, total] = [0, 0];
      for (let next = await events.next(); ; next = await events.next()) {
        if (next.done) {
          kept.spent(asked.set, (performance.now() - began) / 1000, next.value.embedded);
          if (next.value.failure) throw new EosinError(next.value.failure);
          break;
        }
        if (next.value.kind === 'planned') total = next.value.patches;
        else done++;
        tell({ phase: 'embedding', done, total });
        await embedded(false);
      }
      await embedded(true);
    } finally {
      stores.attention.setState({ embedding: undefined });
    }
  }

  #taskOf(id: string | undefined): string | undefined {
    return this.#needs.stores.models.getState().manifests.find((one) => one.id === id)?.task;
  }
}

function resultOf({ set, model }: Bag, attended: Attended | undefined): RunResult['attention'] {
  if (!attended) return undefined;
  const count = attended.attention.length;
  return {
    count,
    boxes: set.boxes.slice(0, 4 * count),
    raw: attended.attention.slice(),
    prediction: predictionOf(model, attended, undefined),
  };
}

function unknown(what: string, id: string, task: string | undefined, shelf: readonly { id: string }[]): EosinError {
  const seen = task ? `${id} is of the task ${task}` : id ? `there is none named ${id}` : 'none is at hand';
  const todo = shelf.length > 0 ? `Choose ${shelf.map((one) => one.id).join(' or ')}.` : 'Put one on the shelf.';
  return new EosinError({ tag: 'BadInput', what, seen, todo });
}

// embed, features and attend of window.eosin.
import { attend, attentionClasses, checkEnough } from '#analysis/attend.ts';
import type { Attended } from '#analysis/attention.ts';
import { embedPicture, keyOf, planEmbedding } from '#analysis/embed.ts';
import { FeatureSet } from '#analysis/feature-set.ts';
import type { PlannedPatch } from '#analysis/plan.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Eosin } from '../console.d.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import { noSlide, type Opened, type SlideSession } from '../slide-session.ts';
import { attentionModels } from '../stores/models-store.ts';
import type { Stores } from '../stores.ts';
import type { AttentionWork } from './attention-work.ts';
import type { NamedSet } from './kept-features.ts';
import { answerOf } from './prediction.ts';
import { tissueWithin } from './tissue-within.ts';

export interface ConsoleNeeds {
  readonly work: AttentionWork;
  readonly stores: Stores;
  readonly slides: SlideSession;
  readonly regions: RegionsAsked;
  readonly shelf: Promise<void>;
  readonly read: (from: Blob, waits: Waits) => Promise<Opened>;
}

type EmbedAsked = Parameters<Eosin['embed']>[0];

export class AttentionConsole {
  readonly #needs: ConsoleNeeds;

  constructor(needs: ConsoleNeeds) {
    this.#needs = needs;
  }

  async embed({ encoder: id, region, images, stridePx }: EmbedAsked, waits: Waits): ReturnType<Eosin['embed']> {
    const { work, stores, slides, regions, shelf } = this.#needs;
    await shelf;
    const manifest = work.encoder(id);
    const { device } = stores.settings.getState();
    if (images) {
      const set = new FeatureSet(manifest);
      const encoder = await work.load(manifest, device, () => undefined, waits);
      for (const image of images) {
        const { slide } = await this.#needs.read(image, waits);
        try {
          await embedPicture(slide, encoder, set, waits);
        } finally {
          slide[Symbol.dispose]();
        }
      }
      return this.#named(
        'pictures',
        set,
        Uint32Array.from({ length: set.rows }, (_, row) => row),
      );
    }
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const mpp = slides.mpp();
    if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
    // A rectangle is taken as it is; the view means its tissue.
    const asRect = await regions.resolve(region ?? 'view', waits);
    const resolved = typeof region === 'object' ? asRect : tissueWithin(await regions.tissue(waits), asRect);
    const set = work.kept.setOf(manifest, stridePx);
    const asked = { slide, mpp, region: resolved, device, encoder: manifest, set, stridePx };
    await work.embedRegion(asked, async () => undefined, waits);
    return this.#named('patches', set, rowsOf(set, planEmbedding({ ...asked, input: manifest.input })));
  }

  features(name: string, block: string | undefined): ReturnType<Eosin['features']> {
    const { features, rows } = this.#needs.work.kept.named(name);
    const wanted = block ?? features.blocks.at(-1)?.name ?? '';
    const dims = features.channels(wanted);
    const all = features.values(wanted);
    const values = new Float32Array(rows.length * dims);
    for (const [k, row] of rows.entries()) values.set(all.subarray(row * dims, (row + 1) * dims), k * dims);
    return { rows: rows.length, dims, values, boxes: gathered(features.boxes, rows, 4) };
  }

  async attend(
    id: string,
    name: string,
    without: readonly number[] | undefined,
    waits: Waits,
  ): ReturnType<Eosin['attend']> {
    const { work, stores } = this.#needs;
    const { kept } = work;
    const { features, rows } = kept.named(name);
    const shelf = attentionModels(stores.models.getState());
    const manifest = shelf.find((one) => one.id === id) ?? work.bag(id).model; // bag says why there is none
    const model = await work.loadRows(manifest, waits);
    const attended = await attend(model, features, waits, kept.attended(features, manifest));
    kept.keepAttended(features, manifest, attended);
    checkEnough(rows.length);
    const part: Attended = {
      attention: gathered(attended.attention, rows, 1),
      patch: gathered(attended.patch, rows, attended.classes),
      classes: attended.classes,
    };
    return answerOf(part, attentionClasses(manifest), without);
  }

  #named(of: NamedSet['of'], set: FeatureSet, rows: NamedSet['rows']): Awaited<ReturnType<Eosin['embed']>> {
    const dims = Object.fromEntries(set.blocks.map(({ name, channels }) => [name, channels]));
    return { set: this.#needs.work.kept.name(of, set, rows).name, rows: rows.length, dims };
  }
}

/** Rows of the patches that were planned; one that could not be embedded has none. */
const rowsOf = (set: FeatureSet, planned: readonly PlannedPatch[]): NamedSet['rows'] =>
  Uint32Array.from(planned.flatMap(({ frame }) => set.rowOf(keyOf(frame.core)) ?? []));

function gathered(from: Float32Array, rows: Uint32Array, width: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(rows.length * width);
  for (const [k, row] of rows.entries()) values.set(from.subarray(row * width, (row + 1) * width), k * width);
  return values;
}

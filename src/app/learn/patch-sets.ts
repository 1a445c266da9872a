// Features of the open slide's patches, by encoder, as the Learn workspace uses them: found on disk, embedded, named.
import type { Region } from '#analysis/region.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel } from '#inference/model.ts';
import { readRegion } from '#slide/region.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { AttentionSession } from '../attention/attention-session.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import { tissueWithin } from '../attention/tissue-within.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import type { RunParts } from '../run-parts.ts';
import { noSlide, type SlideSession } from '../slide-session.ts';
import type { SetSummary } from '../stores/learn-store.ts';
import { encoders } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { Stores } from '../stores.ts';
import { AlteredCopies, type Copies } from './altered-copies.ts';
import { noPatches } from './head-desk.ts';
import { boxOf } from './row-sets.ts';

export interface PatchSetsNeeds {
  readonly stores: Stores;
  readonly slides: SlideSession;
  readonly regions: RegionsAsked;
  readonly attention: AttentionSession;
  readonly viewer: Viewer;
  readonly parts: () => Promise<RunParts>;
}

export class PatchSets {
  readonly #needs: PatchSetsNeeds;
  readonly #altered = new AlteredCopies();
  #named = new Map<string, NamedSet>(); // by encoder's id, of as many rows as were there

  constructor(needs: PatchSetsNeeds) {
    this.#needs = needs;
  }

  forget(): void {
    this.#named = new Map();
    this.#altered.forget();
  }

  /** Altered copies of an encoder's patches; undefined where none were made. */
  copies(encoderId: string): Copies | undefined {
    return this.#altered.of(encoderId);
  }

  /** Loaded where it is not yet. @throws EosinError BadInput where there is no such encoder; what loading it throws */
  encoderNow(encoderId: string, waits: Waits): Promise<LoadedModel> {
    const { stores, attention } = this.#needs;
    const { device } = stores.settings.getState();
    return attention.work.load(attention.work.encoder(encoderId), device, () => undefined, waits);
  }

  /** @throws as embed; EosinError BadInput where the encoder has seen no patch */
  async makeCopies(encoderId: string, onProgress: (share: number) => void, waits: Waits): Promise<void> {
    const [set, slide] = [this.of(encoderId), this.#needs.slides.opened()?.slide];
    if (!slide) throw new EosinError(noSlide);
    if (!set) throw new EosinError(noPatches(encoderId));
    const encoder = await this.encoderNow(encoderId, waits);
    const read = async (row: number, side: number, inner: Waits) => {
      const box = boxOf(set, row);
      const { width, height, rgba } = await readRegion(slide, box, box.width / side, inner);
      return width === side && height === side ? rgba : undefined;
    };
    await this.#altered.make({ set, encoder, read, onProgress }, waits);
  }

  /** Encoders on the shelf. */
  encoders(): readonly PatchManifest[] {
    return encoders(this.#needs.stores.models.getState());
  }

  /** All patches of the slide that this encoder has seen; undefined where there are none. */
  of(encoderId: string): NamedSet | undefined {
    const encoder = this.encoders().find(({ id }) => id === encoderId);
    if (!encoder) return undefined;
    const { kept } = this.#needs.attention.work;
    const features = kept.setOf(encoder, undefined);
    const known = this.#named.get(encoderId);
    if (known?.features === features && known.rows.length === features.rows) return known;
    if (features.rows === 0) return undefined;
    const rows = Uint32Array.from({ length: features.rows }, (_, row) => row);
    const named = kept.name('patches', features, rows);
    this.#named.set(encoderId, named);
    return named;
  }

  summaries(): SetSummary[] {
    const { work, keeper } = this.#needs.attention;
    return this.encoders().flatMap((encoder): SetSummary[] => {
      const set = this.of(encoder.id);
      if (!set) return [];
      return [
        {
          set: set.name,
          encoder: encoder.id,
          name: encoder.name,
          bytes: encoder.bytes,
          blocks: set.features.blocks.map(({ name, channels }) => ({ name, dims: channels })),
          rows: set.rows.length,
          secondsPerPatch: work.kept.secondsPerPatch(set.features),
          isKept: keeper.isKept(set.features),
          copies: this.#altered.of(encoder.id)?.rows.length ?? 0,
        },
      ];
    });
  }

  /** What was embedded of the open slide before comes from the disk. */
  async restore(waits: Waits): Promise<void> {
    const { slides, attention } = this.#needs;
    const [slide, mpp] = [slides.opened()?.slide, slides.mpp()];
    if (!slide || !mpp) return;
    const shelf = await attention.disk(waits).catch(() => undefined);
    const there = await shelf?.encoders(await slide.fingerprint(waits), waits).catch(() => undefined);
    if (!there) return;
    for (const encoder of this.encoders()) {
      if (!there.has(encoder.sha256.slice(0, 16))) continue;
      await attention.keeper.restore({ slide, mpp, set: attention.work.kept.setOf(encoder, undefined) }, waits);
    }
  }

  /** How wide an encoder's window is on the open slide, level-0 px. @throws EosinError BadInput where there is no such encoder */
  windowPx(encoderId: string): number {
    const { input } = this.#needs.attention.work.encoder(encoderId);
    return (input.window * input.mpp) / (this.#needs.slides.mpp()?.x ?? input.mpp);
  }

  /**
   * Patches about centres that do not depend on the encoder's window, with all that were embedded with this stride before.
   * @throws as embed
   */
  async embedAbout(encoderId: string, stridePx: number, choice: Region, waits: Waits): Promise<NamedSet> {
    await this.embed(encoderId, choice, waits, stridePx);
    const { work } = this.#needs.attention;
    const features = work.kept.setOf(work.encoder(encoderId), stridePx);
    return work.kept.name(
      'patches',
      features,
      Uint32Array.from({ length: features.rows }, (_, row) => row),
    );
  }

  /** Tissue of a region by one encoder; what is there already is not embedded again. @throws as embed */
  async embed(encoderId: string, choice: RegionChoice | Region, waits: Waits, stridePx?: number): Promise<void> {
    const { stores, slides, regions, attention } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const mpp = slides.mpp();
    if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
    const encoder = attention.work.encoder(encoderId);
    const tissue = await regions.tissue(waits);
    const asked = typeof choice === 'object' ? choice : await regions.resolve(choice, waits);
    const region = tissueWithin(tissue, asked);
    const { device } = stores.settings.getState();
    const set = attention.work.kept.setOf(encoder, stridePx);
    const plan = { slide, mpp, region, device, encoder, set, stridePx };
    await attention.work.embedRegion(plan, async () => undefined, waits);
  }
}

// From what is asked to what can run: model, region, and a journal that takes what is found.
import { planGrid, planPatches } from '#analysis/plan.ts';
import { boundsOf, type Region } from '#analysis/region.ts';
import { regionFromJson, regionToJson } from '#analysis/region-json.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Slide } from '#slide/slide.ts';
import { centreOf } from '#units/rect.ts';
import type { KeptRuns, OpenRun } from '../kept-runs/kept-runs.ts';
import { estimateBytes } from '../kept-runs/open-kept-runs.ts';
import type { RunParts } from '../run-parts.ts';
import { segmentations } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { Stores } from '../stores.ts';
import { asKept, type ComingModel, comingModel } from './coming-model.ts';
import type { Keepers } from './keepers.ts';
import type { Place } from './places.ts';
import type { Stopped } from './run-job.ts';
import { corePxOf, deviceOf, modelOf, moreFromJson, moreToJson } from './run-record.ts';

/** What can run, and who keeps it. Disposing lets go of its journal and its slide's lock. */
export interface Prepared extends Disposable {
  readonly open: OpenRun;
  readonly keeper: KeptRuns;
  readonly region: Region;
  readonly model: LoadedModel;
  /** Where the model of a run that goes on still loads: what was kept is shown meanwhile. */
  readonly coming: ComingModel | undefined;
  readonly device: DeviceChoice; //              asked for
  readonly corePx: readonly [number, number];
}

export interface Preparing {
  readonly stores: Stores;
  readonly parts: () => Promise<RunParts>;
  readonly keepers: () => Promise<Keepers>;
  readonly shelf: Promise<void>;
  readonly loading: (bytes: number, total: number) => void;
  /** Another tab writes runs of this slide: this one is kept in memory. */
  readonly writtenElsewhere: (slide: string) => void;
}

export interface NewRun {
  readonly id: string;
  readonly created: number;
  readonly model: string | undefined;
  readonly attention: string; //                 an attention model, 'chosen' or 'none'
  readonly device: DeviceChoice;
  readonly choice: RegionChoice;
  readonly region: (place: Place, waits: Waits) => Promise<Region>;
  readonly inMemory: boolean;
  readonly isLive: boolean; //                   it computes what is in view, of the region
}

/** @throws EosinError BadInput where there is no such model for segmentation */
export function manifestFor(stores: Stores, asked: string | undefined): PatchManifest {
  const state = stores.models.getState();
  const { manifests, chosen, problem } = state;
  const manifest = segmentations(state).find(({ id }) => id === (asked ?? chosen));
  if (manifest) return manifest;
  const other = manifests.find(({ id }) => id === asked);
  const seen =
    asked === undefined
      ? 'none is at hand'
      : other
        ? `${asked} is of the task ${other.task}, not segmentation`
        : `there is no ${asked}`;
  throw new EosinError(problem ?? { tag: 'BadInput', what: 'The model', seen, todo: 'Choose one of the list.' });
}

/** @throws EosinError StorageFull before anything is computed; what loading the model and finding tissue throw */
export async function begin(needs: Preparing, run: NewRun, place: Place, waits: Waits): Promise<Prepared> {
  await needs.shelf;
  const manifest = manifestFor(needs.stores, run.model);
  const region = await run.region(place, waits);
  const model = await load(needs, manifest, run.device, waits);
  const input = { ...manifest.input, window: model.window };
  const { slide, mpp } = place;
  const whole = boundsOf(region);
  const { patches } = run.isLive
    ? planGrid({ slide, mpp, region: whole, input })
    : planPatches({ slide, mpp, region, input, viewCentre: centreOf(whole) });
  const total = patches.length;
  const corePx = corePxOf(patches.at(0));
  const { disk, memory, lock: lockSlide } = await needs.keepers();
  const lock = await lockSlide(place.fingerprint);
  try {
    if (!lock && !run.inMemory) needs.writtenElsewhere(slide.name);
    const keeper = run.inMemory || !lock ? memory : disk;
    const base = slide.levels[0];
    const more = moreToJson({
      choice: run.choice,
      address: place.address,
      attention: run.attention,
      corePx,
      slidePx: [base?.widthPx ?? 0, base?.heightPx ?? 0],
    });
    const open = await keeper.begin(
      {
        id: run.id,
        slide: { fingerprint: place.fingerprint, name: slide.name },
        model: modelOf(manifest),
        window: model.window,
        mpp,
        region: regionToJson(region),
        device: deviceOf(model),
        total,
        created: run.created,
        more,
      },
      { signal: waits.signal, neededBytes: estimateBytes(total, manifest, model.window) },
    );
    return { open, keeper, region, model, coming: undefined, device: run.device, corePx, ...releasing(open, lock) };
  } catch (thrown) {
    lock?.[Symbol.dispose]();
    throw thrown;
  }
}

/**
 * A disk without room for the rest fails it as a model that does not load does: once what was kept is on the slide, to be
 * saved from there, and before anything is computed.
 * @throws EosinError StorageBusy; BadInput where the model is not the one it was begun with
 */
export async function goOn(needs: Preparing, id: string, keeper: KeptRuns, waits: Waits): Promise<Prepared> {
  await needs.shelf;
  const open = await keeper.goOn(id, waits);
  try {
    const { header } = open;
    const manifest = sameModel(manifestFor(needs.stores, header.model.id), header.model.sha256);
    const region = regionFromJson(header.region);
    const device = header.device.startsWith('wasm') ? 'wasm' : needs.stores.settings.getState().device;
    const lock = await (await needs.keepers()).lock(header.slide.fingerprint);
    const before = asKept(manifest, header.device, header.window);
    const toCome = Math.max(0, header.total - open.records);
    const loading = async (): Promise<LoadedModel> => {
      await open.mustFit(estimateBytes(toCome, manifest, header.window), waits);
      return load(needs, manifest, device, waits);
    };
    const model = comingModel(before, loading());
    const { corePx } = moreFromJson(header.more);
    return { open, keeper, region, model, coming: model, device, corePx, ...releasing(open, lock) };
  } catch (thrown) {
    open[Symbol.dispose]();
    throw thrown;
  }
}

export const badRun = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The run', seen, todo });
export const mustOpen = (slide: string): EosinError => badRun(`${slide} is not open`, `Open ${slide} first.`);

/** @throws EosinError BadInput: what another network finds would not go with what is there */
export function sameModel(manifest: PatchManifest, sha256: string): PatchManifest {
  if (manifest.sha256 === sha256) return manifest;
  const seen = `it was begun with another version of ${manifest.id} (SHA-256 ${sha256.slice(0, 8)})`;
  throw badRun(seen, 'Analyse the region anew.');
}

async function load(
  { parts, loading }: Preparing,
  { id }: PatchManifest,
  device: DeviceChoice,
  { signal }: Waits,
): Promise<LoadedModel> {
  return (await parts()).model(id, { device, signal, onProgress: loading });
}

const releasing = (open: OpenRun, lock: Disposable | undefined): Disposable => ({
  [Symbol.dispose]: () => {
    open[Symbol.dispose]();
    lock?.[Symbol.dispose]();
  },
});

/** Tissue of a slide that is not on screen. @throws EosinError TooLittleTissue */
export async function findTissue(slide: Slide, waits: Waits): Promise<Region> {
  const tissue = await import('#analysis/tissue/tissue.ts');
  return tissue.findTissue(slide, waits);
}

/** Another state in the note of a run that nobody works at. @throws EosinError StorageBusy */
export async function restate(keeper: KeptRuns, id: string, state: Stopped, waits: Waits): Promise<void> {
  using open = await keeper.goOn(id, waits);
  await open.setNote({ ...open.note, state }, waits);
}

export const writtenElsewhere = (slide: string): string =>
  `Another tab of this browser writes runs of ${slide}. This run is kept in memory: it goes when this tab closes.`;

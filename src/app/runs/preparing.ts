// From what is asked to what can run: model, region, and a journal that takes what is found.
import { planGrid, planPatches } from '#analysis/plan.ts';
import { boundsOf, type Region } from '#analysis/region.ts';
import { regionFromJson, regionToJson } from '#analysis/region-json.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel, Views } from '#inference/model.ts';
import type { Slide } from '#slide/slide.ts';
import { centreOf } from '#units/rect.ts';
import type { KeptRuns, OpenRun, RunHeader } from '../kept-runs/kept-runs.ts';
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

/** What can run, and who keeps it. Disposing lets go of its journal. */
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

/** All that compute in one run, each with its own journal: what the first finds is shown. Disposing lets go of the slide's lock too. */
export interface PreparedAll extends Disposable {
  readonly first: Prepared;
  readonly others: readonly Prepared[];
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
  readonly views: Views; //                      of each patch
  readonly choice: RegionChoice;
  readonly region: (place: Place, waits: Waits) => Promise<Region>;
  readonly inMemory: boolean;
  readonly isLive: boolean; //                   it computes what is in view, of the region
  readonly together?: string | undefined; //     see Entry
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

/** A run as it can begin, before anything is kept of it. */
interface PlannedRun {
  readonly run: NewRun;
  readonly manifest: PatchManifest;
  readonly model: LoadedModel;
  readonly total: number;
  readonly corePx: readonly [number, number];
  readonly bytes: number; // it will about take
}

/**
 * Begins all or none, each in a journal of its own.
 * @throws EosinError StorageFull before anything is computed; what loading a model and finding tissue throw
 */
export async function begin(
  needs: Preparing,
  [first, ...others]: readonly [NewRun, ...NewRun[]],
  place: Place,
  waits: Waits,
): Promise<PreparedAll> {
  await needs.shelf;
  for (const { model } of others) manifestFor(needs.stores, model); // one that is not there is said before any is loaded
  const region = await first.region(place, waits);
  const planned: PlannedRun[] = [];
  for (const run of [first, ...others]) planned.push(await plan(needs, run, region, place, waits));
  const neededBytes = planned.reduce((sum, { bytes }) => sum + bytes, 0);
  const { disk, memory, lock: lockSlide } = await needs.keepers();
  const lock = await lockSlide(place.fingerprint);
  const begun: Prepared[] = [];
  if (!lock && !first.inMemory) needs.writtenElsewhere(place.slide.name);
  const keeper = first.inMemory || !lock ? memory : disk;
  try {
    for (const one of planned) {
      const { run, model, corePx } = one;
      const open = await keeper.begin(headerOf(one, region, place), { signal: waits.signal, neededBytes });
      begun.push({ open, keeper, region, model, coming: undefined, device: run.device, corePx, ...releasing(open) });
    }
    return together(begun, lock);
  } catch (thrown) {
    letGo(...begun, lock);
    for (const { open } of begun) await keeper.remove(open.header.id, unhurried());
    throw thrown;
  }
}

async function plan(
  needs: Preparing,
  run: NewRun,
  region: Region,
  { slide, mpp }: Place,
  waits: Waits,
): Promise<PlannedRun> {
  const manifest = manifestFor(needs.stores, run.model);
  const model = await load(needs, manifest, run.device, waits);
  const input = { ...manifest.input, window: model.window };
  const whole = boundsOf(region);
  const { patches } = run.isLive
    ? planGrid({ slide, mpp, region: whole, input })
    : planPatches({ slide, mpp, region, input, viewCentre: centreOf(whole) });
  const bytes = estimateBytes(patches.length, manifest, model.window);
  return { run, manifest, model, total: patches.length, corePx: corePxOf(patches.at(0)), bytes };
}

function headerOf(
  { run, manifest, model, total, corePx }: PlannedRun,
  region: Region,
  { slide, fingerprint, mpp, address }: Place,
): RunHeader {
  const base = slide.levels[0];
  const { choice, attention, together, id, created } = run;
  const slidePx = [base?.widthPx ?? 0, base?.heightPx ?? 0] as const;
  return {
    id,
    slide: { fingerprint, name: slide.name },
    model: modelOf(manifest),
    window: model.window,
    views: run.views,
    mpp,
    region: regionToJson(region),
    device: deviceOf(model),
    total,
    created,
    more: moreToJson({ choice, address, attention, corePx, slidePx, together }),
  };
}

/**
 * A disk without room for the rest fails it as a model that does not load does: once what was kept is on the slide, to be
 * saved from there, and before anything is computed.
 * @param to where it goes on, with what was kept elsewhere taken along
 * @throws EosinError StorageBusy; BadInput where a model is not the one it was begun with
 */
export async function goOn(
  needs: Preparing,
  [first, ...others]: readonly [string, ...string[]],
  keeper: KeptRuns,
  waits: Waits,
  to = keeper,
): Promise<PreparedAll> {
  await needs.shelf;
  const opened: OpenRun[] = [];
  let lock: Disposable | undefined;
  try {
    for (const id of [first, ...others]) {
      opened.push(to === keeper ? await keeper.goOn(id, waits) : await copied(id, keeper, to, waits));
    }
    const runs = opened.map((open) => {
      const { model } = open.header;
      return { open, manifest: sameModel(manifestFor(needs.stores, model.id), model.sha256) };
    });
    lock = await (await needs.keepers()).lock(opened[0]?.header.slide.fingerprint ?? '');
    const neededBytes = runs.reduce((sum, { open: { header, records }, manifest }) => {
      const toCome = Math.max(0, header.total - records);
      return sum + estimateBytes(toCome, manifest, header.window);
    }, 0);
    let before: Promise<unknown> = Promise.resolve();
    const all = runs.map(({ open, manifest }): Prepared => {
      const { header } = open;
      const device = header.device.startsWith('wasm') ? 'wasm' : needs.stores.settings.getState().device;
      const loading = before.then(async (): Promise<LoadedModel> => {
        await open.mustFit(neededBytes, waits);
        return load(needs, manifest, device, waits);
      });
      before = loading.catch(() => undefined); // one after the other
      const model = comingModel(asKept(manifest, header.device, header.window), loading);
      const { corePx } = moreFromJson(header.more);
      return {
        open,
        keeper: to,
        region: regionFromJson(header.region),
        model,
        coming: model,
        device,
        corePx,
        ...releasing(open),
      };
    });
    return together(all, lock);
  } catch (thrown) {
    letGo(...opened, lock);
    throw thrown;
  }
}

/** The same run kept elsewhere, with every patch of it. What it is copied from is left as it is. */
async function copied(id: string, from: KeptRuns, to: KeptRuns, waits: Waits): Promise<OpenRun> {
  using before = await from.goOn(id, waits);
  const open = await to.begin(before.header, { ...waits, neededBytes: 0 });
  try {
    for await (const entry of before.journal.entries(waits)) await open.journal.append(entry, waits);
    return open;
  } catch (thrown) {
    open[Symbol.dispose]();
    await to.remove(id, unhurried());
    throw thrown;
  }
}

function together([first, ...others]: readonly Prepared[], lock: Disposable | undefined): PreparedAll {
  if (!first) throw badRun('it has no model', 'Name one.');
  return { first, others, [Symbol.dispose]: () => letGo(first, ...others, lock) };
}

export const badRun = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The run', seen, todo });
export const mustOpen = (slide: string): EosinError => badRun(`${slide} is not open`, `Open ${slide} first.`);
/** What is found in other pixels would not go with what is there. */
export const otherSlide = (slide: string): EosinError =>
  badRun(`it was begun on another file, channel or focal plane of ${slide}`, 'Show that, and resume it there.');

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

const releasing = (open: OpenRun): Disposable => ({ [Symbol.dispose]: () => open[Symbol.dispose]() });

export function letGo(...held: readonly (Disposable | undefined)[]): void {
  for (const one of held) one?.[Symbol.dispose]();
}

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

// What a run found before, out of its journal: put back on screen, or summed up as one number. Nothing is computed.
import { gridOf } from '#analysis/outputs.ts';
import { regionFromJson } from '#analysis/region-json.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { resultHash } from '#objects/result-hash.ts';
import { ObjectStore } from '#objects/store.ts';
import type { RunResult } from '../console.d.ts';
import type { OpenRun } from '../kept-runs/kept-runs.ts';
import type { RunParts } from '../run-parts.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { RUN_LAYERS } from '../stores/objects-store.ts';
import { asKept } from './coming-model.ts';
import { type Place, placeBehind, placeOnScreen } from './places.ts';
import { badRun, letGo, manifestFor, mustOpen, sameModel } from './preparing.ts';
import { Run } from './run.ts';
import type { Entry } from './run-list.ts';
import { moreFromJson } from './run-record.ts';
import { behindScreen, type RunScreen } from './run-screen.ts';

export interface Kept {
  readonly open: Pick<OpenRun, 'header' | 'journal'>;
  readonly place: Place;
  readonly manifest: PatchManifest;
  readonly parts: RunParts;
}

/**
 * The slide of a run and its journal, to be read. Disposing lets go of both.
 * @param openSlide fingerprint of the slide on screen
 * @throws EosinError BadInput where the slide is not at hand, or the model is another one; StorageBusy
 */
export async function openKept(
  { slides, stores, ways, parts }: RunSessionNeeds,
  { id, keeper, fingerprint, source, slide, mpp }: Entry,
  openSlide: string | undefined,
  waits: Waits,
): Promise<Kept & Disposable> {
  if (!keeper) throw badRun(`${id} has not begun`, 'Wait for it, or resume it.');
  const isOnScreen = fingerprint === openSlide;
  if (!isOnScreen && source === undefined) throw mustOpen(slide);
  const open = await keeper.goOn(id, waits);
  let place: Place | undefined;
  try {
    place = await (isOnScreen || source === undefined
      ? placeOnScreen(slides, stores, waits)
      : placeBehind(ways, source, mpp, waits));
    const manifest = sameModel(manifestFor(stores, open.header.model.id), open.header.model.sha256);
    return { open, place, manifest, parts: await parts(), [Symbol.dispose]: () => letGo(open, place) };
  } catch (thrown) {
    letGo(open, place);
    throw thrown;
  }
}

function replay({ open, place, manifest, parts }: Kept, screen: RunScreen): Run {
  const { header, journal } = open;
  const region = regionFromJson(header.region);
  const model = asKept(manifest, header.device, header.window);
  const { signal } = new AbortController();
  const events = parts.analyse(
    {
      slide: place.slide,
      mpp: header.mpp,
      region,
      model,
      postprocess: parts.postprocess,
      journal,
      windowPx: header.window,
      keptOnly: true,
      viewCentre: () => screen.viewCentre(),
    },
    { signal },
  );
  const { choice } = moreFromJson(header.more);
  const tell = { progress: () => undefined, shown: () => undefined, failed: () => undefined, speed: () => undefined };
  const slideBehind = place.isOnScreen ? undefined : place.slide.name;
  return new Run({
    id: header.id,
    choice,
    isLive: false,
    slideBehind,
    mpp: header.mpp,
    model,
    isLoading: false,
    region,
    events,
    beside: undefined,
    screen,
    tell,
  });
}

/** @throws EosinError what reading the journal throws; the signal's reason */
export async function showKept(kept: Kept, screen: RunScreen, waits: Waits): Promise<RunResult> {
  screen.begin(kept.manifest);
  const run = replay(kept, screen);
  if ((await run.drive(waits)) === 'stopped') throw waits.signal.reason;
  if (run.failure) throw new EosinError(run.failure);
  return run.result();
}

/** Of what the slide holds now, wherever that came from; undefined where it holds nothing. */
export async function heldHash(found: RunSessionNeeds['found'], waits: Waits): Promise<string | undefined> {
  const objects = RUN_LAYERS.map((kind) => found.store(kind).columns);
  if (objects.every(({ count }) => count === 0)) return undefined;
  return resultHash({ objects, tissue: found.tissueGrid()?.patches ?? [] }, waits);
}

/** @throws EosinError what reading the journal throws; the signal's reason */
export async function hashOf(kept: Kept, waits: Waits): Promise<string> {
  const nuclei = new ObjectStore('nuclei');
  const tissue: GridPatch[] = [];
  let large: { glands: ObjectColumns; lumina: ObjectColumns } = {
    glands: emptyColumns('glands', []),
    lumina: emptyColumns('lumina', []),
  };
  const screen: RunScreen = {
    ...behindScreen({ x: 0, y: 0 }),
    patch: (found) => {
      if (found.nuclei) nuclei.append(found.nuclei);
      if (found.tissue) tissue.push(found.tissue);
    },
    large: (found) => {
      large = found;
    },
  };
  await showKept(kept, screen, waits);
  return resultHash({ objects: [nuclei.columns, large.glands, large.lumina], tissue }, waits);
}

/**
 * The tissue map of a run, out of its journal alone: its slide need not be open.
 * @throws EosinError BadInput where it has none, or its model is another one now; StorageBusy where another tab writes it
 */
export async function tissueOf(
  { stores }: Pick<RunSessionNeeds, 'stores'>,
  { id, keeper }: Pick<Entry, 'id' | 'keeper'>,
  waits: Waits,
): Promise<ValueGrid> {
  if (!keeper) throw badRun(`${id} has not begun`, 'Wait for it, or resume it.');
  using open = await keeper.goOn(id, waits);
  const { model } = open.header;
  const grid = gridOf(sameModel(manifestFor(stores, model.id), model.sha256));
  if (!grid) throw badRun(`${id} has no tissue map`, 'Compare with a run of a model that classes tissue.');
  const patches = new Map<string, GridPatch>();
  for await (const { around, tissue } of open.journal.entries(waits)) {
    const key = tissue && `${tissue.x},${tissue.y}`;
    if (!around && tissue && key !== undefined && !patches.has(key)) patches.set(key, tissue);
  }
  return { name: 'Tissue classes', channels: grid.classes, patches: [...patches.values()] };
}

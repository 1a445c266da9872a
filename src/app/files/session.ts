// A session as one file: what was asked, what is on the slide, how it is shown. It opens beside the same slide, wherever that lies.
import { regionToJson } from '#analysis/region-json.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ObjectClass, ObjectColumns } from '#objects/columns.ts';
import { HEAD, headsOf } from '#objects/flat-map.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import type { LearningDoor } from '../lazy-learn.ts';
import { noSlide, type SlideSession } from '../slide-session.ts';
import type { RunOfMap } from '../stores/compare-store.ts';
import { OBJECT_LAYERS, RUN_LAYERS } from '../stores/objects-store.ts';
import { changeRegion } from '../stores/region-store.ts';
import type { Workbench } from '../workbench.ts';
import { keptArea, showArea } from './kept-area.ts';
import {
  COMPARED,
  type CompareOfSession,
  comparedNow,
  endCompared,
  partsOfCompared,
  showCompared,
} from './session-compare.ts';
import { drawnOf, parseSession, SCHEMA, type SessionJson } from './session-json.ts';
import { learningIn, partsOfLearning } from './session-learning.ts';
import { paneNow, showPane } from './session-panes.ts';
import { partsOfStains, stainsAsked, stainsIn } from './session-stains.ts';
import { entriesOf, notOurs, zipOf } from './stored-zip.ts';

export type SessionNeeds = Pick<Workbench, 'stores' | 'found' | 'viewer' | 'measures' | 'attention' | 'compared'> & {
  readonly slides: SlideSession;
  readonly learning: LearningDoor;
};

const PARTS = {
  about: 'session.json',
  objects: 'objects.geojson.gz',
  annotations: 'annotations.geojson.gz',
  patches: 'tissue-patches.f64', // [patches × 6] x, y, width and height of a cell, columns, rows; level-0 px
  values: 'tissue-values.f32', //   of each patch: [classes × rows × columns]
  area: 'analysed-area.f64', //     kept-area.ts has its pieces and parts
  areaParts: 'analysed-parts.f64',
} as const;
const MOST_ABOUT = 64 * 2 ** 20; // bytes of the description: a drawn region of a million corners

/** @throws EosinError BadInput where no slide is open, or it would be too large */
export async function sessionFile(needs: SessionNeeds, files: Files, program: string, waits: Waits): Promise<Blob> {
  const { slides, found } = needs;
  const slide = slides.opened()?.slide;
  if (!slide) throw new EosinError(noSlide);
  await found.settled();
  const compared = await comparedNow(needs, found.tissueGrid()?.channels);
  const about = aboutOf(needs, await slide.fingerprint(waits), program, compared.about);
  const of = (kinds: readonly (typeof OBJECT_LAYERS)[number][]): Promise<Blob> =>
    files.writeGeoJSON(
      kinds.map((kind) => found.store(kind).columns),
      { mpp: slides.mpp(), gzip: true },
      waits,
    );
  const grid = found.tissueGrid();
  const area = keptArea(found.area);
  const entries: { name: string; blob: Blob }[] = [
    { name: PARTS.about, blob: described(about) },
    { name: PARTS.objects, blob: await of(RUN_LAYERS) },
    { name: PARTS.annotations, blob: await of(['annotations']) },
    { name: PARTS.area, blob: new Blob([Float64Array.from(area.pieces.flat())]) },
    { name: PARTS.areaParts, blob: new Blob([Float64Array.from(area.parts.flat())]) },
  ];
  if (grid) {
    entries.push({ name: PARTS.patches, blob: new Blob([headsOf(grid.patches)]) });
    entries.push({ name: PARTS.values, blob: new Blob(grid.patches.map(({ values }) => values)) });
  }
  entries.push(...partsOfCompared(compared));
  entries.push(...partsOfStains(needs.measures));
  const learnt = await needs.learning.of(waits);
  if (learnt) entries.push(...partsOfLearning(learnt));
  return zipOf(entries, waits);
}

/** @throws EosinError BadInput where it would be refused when it is opened */
function described(about: SessionJson): Blob {
  const blob = new Blob([JSON.stringify(about, null, 1)]);
  if (blob.size <= MOST_ABOUT) return blob;
  throw new EosinError({
    tag: 'BadInput',
    what: 'The session',
    seen: `its description would be larger than ${MOST_ABOUT / 2 ** 20} MB: what is drawn to be analysed has too many corners`,
    todo: 'Draw it with fewer, or clear it, and save again.',
  });
}

function aboutOf(
  { slides, stores, found, viewer, measures, compared: comparison }: SessionNeeds,
  fingerprint: string,
  program: string,
  compared: CompareOfSession | null,
): SessionJson {
  const { open } = stores.slide.getState();
  if (!open) throw new EosinError(noSlide);
  const { name, widthPx, heightPx } = open.info;
  const { drawn } = stores.regions.getState();
  const { centre, zoom, rotation, flipped } = viewer.view();
  const size = slides.mpp();
  return {
    schema: SCHEMA,
    program,
    saved: new Date().toISOString(),
    slide: { name, fingerprint, widthPx, heightPx, mpp: size && { x: size.x, y: size.y } },
    runs: stores.run
      .getState()
      .list.filter(({ shown }) => shown)
      .map(({ id, model, views, region, created, done, failed }) => ({
        ...{ id, model: { ...model }, region, created: new Date(created).toISOString() },
        ...{ patches: done, failed: failed.length },
        ...(views !== 1 && { views }),
      })),
    kinds: RUN_LAYERS.filter((kind) => found.has(kind)),
    counts: Object.fromEntries(OBJECT_LAYERS.map((kind) => [kind, found.store(kind).columns.count])),
    tissueClasses: found.tissueGrid()?.channels,
    ...paneNow(stores.layers.getState(), found, comparison.loaded()?.isAttentionWanted),
    right: stores.panes.getState().beside ? paneNow(stores.besideLayers.getState(), found) : undefined,
    compared,
    drawn: drawn && regionToJson(drawn),
    lines: viewer.marks().rulers.map(({ from, to }) => ({ from: { ...from }, to: { ...to } })),
    stains: stainsAsked(measures),
    view: { x: centre.x, y: centre.y, zoom, rotation, flipped },
  };
}

/** A session file whose description was read, before anything of it is shown. */
export interface ReadSession {
  readonly about: SessionJson;
  readonly file: Blob;
}

/** @throws EosinError BadInput where it is no session, damaged, or of a later version */
export async function readSession(file: Blob, waits: Waits): Promise<ReadSession> {
  const about = (await entriesOf(file, waits, PARTS.about)).get(PARTS.about); // of another slide, no more is read
  if (!about) throw notOurs('its description is missing');
  if (about.size > MOST_ABOUT) throw notOurs(`its description is larger than ${MOST_ABOUT / 2 ** 20} MB`);
  return { about: parseSession(await about.text()), file };
}

/** Why it is not of the open slide; undefined where it is. */
export async function whyNotOf(
  { about }: ReadSession,
  { slides, stores }: SessionNeeds,
  waits: Waits,
): Promise<string | undefined> {
  const slide = slides.opened()?.slide;
  const { open } = stores.slide.getState();
  if (!slide || !open) throw new EosinError(noSlide);
  if ((await slide.fingerprint(waits)) === about.slide.fingerprint) return undefined;
  const { name, widthPx, heightPx } = about.slide;
  const its = `${name} (${widthPx} × ${heightPx} px)`;
  const ours = `${open.info.name} (${open.info.widthPx} × ${open.info.heightPx} px)`;
  const same = widthPx === open.info.widthPx && heightPx === open.info.heightPx;
  const more = same ? ' Both are of one size, but their bytes differ: one may have been written anew.' : '';
  return `The session is of another slide: it was saved on ${its}, and ${ours} is open.${more}`;
}

/** Where objects wait until all of them can come. */
export interface Stage {
  readonly frame: SlideFrame;
  readonly slide: Waits; // aborts when the slide leaves the screen
  add(objects: ObjectColumns): void;
  land(): Promise<void>;
}

export interface Shown {
  readonly objects: number;
  readonly runs: SessionJson['runs'];
  readonly said: readonly string[]; // what did not come, in sentences
}

/**
 * In the place of what runs found; annotations come beside those that are there. Nothing changes before all was read; from
 * then on it comes whole, whoever stops, unless its slide leaves the screen: the next one gets nothing of it.
 * @throws EosinError BadInput where a part of it does not fit
 */
export async function showSession(
  { about, file }: ReadSession,
  needs: SessionNeeds,
  files: Files,
  { frame, slide, add, land }: Stage,
  waits: Waits,
): Promise<Shown> {
  const { found, stores, viewer, measures, learning } = needs;
  const parts = await entriesOf(file, waits);
  const tissue = await mapOf(about.tissueClasses, parts, PARTS);
  const { other } = about.compared ?? {};
  const run = other?.is === 'tissue' ? other.run : undefined;
  const ofRun = await mapOf(run?.classes, parts, COMPARED);
  if (run && !ofRun) throw notOurs('the map of the run that it compares with is missing');
  const kinds = RUN_LAYERS.filter((kind) => about.kinds.includes(kind));
  const [pieces, areaParts] = [
    await numbersIn(parts.get(PARTS.area), 5),
    await numbersIn(parts.get(PARTS.areaParts), 5),
  ];
  const [stains, learnt] = [await stainsIn(parts, about.counts), await learningIn(parts)];
  let objects = 0;
  for (const name of [PARTS.objects, PARTS.annotations]) {
    const part = parts.get(name);
    if (!part) throw notOurs(`its part ${name} is missing`);
    if ((name === PARTS.objects ? RUN_LAYERS : ['annotations']).every((kind) => (about.counts[kind] ?? 0) === 0))
      continue;
    for await (const batch of files.readGeoJSON(part, frame, waits)) {
      const [refused] = batch.refused;
      if (refused) throw notOurs(`an object of it cannot be read: ${refused.why}`);
      for (const columns of batch.objects) {
        objects += columns.count;
        add(columns);
      }
    }
  }
  const measured = about.stains && (await measures.session());
  const comparison = ofRun && (await needs.compared.session());
  waits.signal.throwIfAborted();
  found.startAnew(tissue, kinds);
  showArea(found.area, { pieces, parts: areaParts });
  await land();
  slide.signal.throwIfAborted();
  if (about.stains) {
    measured?.setVectors(about.stains.vectors, about.stains.from);
    for (const [kind, columns] of stains) measured?.takeStains(kind, columns);
  }
  if (about.compared !== undefined) endCompared(stores);
  const said = learnt ? await learning.takeIn(learnt, slide) : [];
  slide.signal.throwIfAborted();
  showPane(about, found, stores.layers);
  if (about.right) {
    showPane(about.right, found, stores.besideLayers);
    stores.panes.setState({ beside: true });
  }
  if (about.compared) {
    const bring = ofRun && comparison ? (of: RunOfMap): void => comparison.bring(of, ofRun) : undefined;
    const why = showCompared(about.compared, bring, needs, tissue?.channels ?? []);
    if (why !== undefined) said.push(why);
  }
  if (about.drawn) changeRegion(stores.regions, { drawn: drawnOf(about.drawn) });
  if (about.lines.length > 0) viewer.setMarks({ ...viewer.marks(), rulers: about.lines });
  if (about.view) {
    const { x, y, zoom, rotation, flipped } = about.view;
    if (zoom > 0) await viewer.setView({ centre: { x, y }, zoom, rotation, flipped }, slide);
  }
  return { objects, runs: about.runs, said };
}

/** A map of tissue classes, out of two parts. */
async function mapOf(
  classes: readonly ObjectClass[] | undefined,
  parts: ReadonlyMap<string, Blob>,
  names: { readonly patches: string; readonly values: string },
): Promise<ValueGrid | undefined> {
  const [heads, part] = [await numbersIn(parts.get(names.patches), HEAD), parts.get(names.values)];
  if (!classes || !part) return undefined;
  if (part.size % 4 !== 0) throw notOurs('its tissue map is cut short');
  const all = new Float32Array(await part.arrayBuffer());
  let at = 0;
  const patches = heads.map(([x = 0, y = 0, cellWidth = 0, cellHeight = 0, cols = 0, rows = 0]): GridPatch => {
    const isWhole =
      Number.isInteger(cols) && Number.isInteger(rows) && cols > 0 && rows > 0 && cellWidth > 0 && cellHeight > 0;
    const size = classes.length * cols * rows;
    if (!isWhole || at + size > all.length) throw notOurs('its tissue map does not fit its patches');
    const values = all.slice(at, at + size);
    at += size;
    return { x, y, cellWidth, cellHeight, cols, rows, values };
  });
  return { name: 'Tissue classes', channels: classes, patches };
}

/** Rows of so many numbers; none where there is no such part. */
async function numbersIn(part: Blob | undefined, each: number): Promise<number[][]> {
  if (!part) return [];
  if (part.size % (8 * each) !== 0) throw notOurs('a table of numbers is cut short');
  const all = new Float64Array(await part.arrayBuffer());
  if (!all.every(Number.isFinite)) throw notOurs('a table of numbers holds what is none');
  return Array.from({ length: all.length / each }, (_, k) => Array.from(all.subarray(each * k, each * (k + 1))));
}

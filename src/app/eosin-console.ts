// window.eosin: the commands for people who script, and for tests. Exactly console.d.ts, as far as this version goes.
import { unhurried } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import { type ObjectColumns, ringsOf } from '#objects/columns.ts';
import type { Measures } from '#objects/measures/measures.ts';
import type { Eosin, Kind, ObjectTable, SlideInfo } from './console.d.ts';
import { blobIn, failingWell, listenerIn, oneOf, rectIn, regionIn, viewIn, waitsIn } from './console-arguments.ts';
import { heatmapsOf } from './files/heatmaps.ts';
import type { LearnConsole } from './learn/learn-console.ts';
import { noSlide } from './slide-session.ts';
import { OBJECT_LAYERS, RUN_LAYERS } from './stores/objects-store.ts';
import type { Workbench } from './workbench.ts';

/** Copies: what the caller does to them changes nothing here. */
export function tableOf(columns: ObjectColumns): ObjectTable {
  const { kind, count, classes } = columns;
  return {
    kind,
    count,
    classes: classes.map(({ name, color }) => ({ name, color })),
    classIndex: columns.classIndex.slice(0, count),
    probability: columns.probability.slice(0, count),
    centroids: columns.centroid.slice(0, 2 * count),
    polygon(i) {
      if (Number.isInteger(i) && i >= 0 && i < count) return ringsOf(columns, i);
      const todo = count === 0 ? 'There are none.' : `Give 0 to ${count - 1}.`;
      throw new EosinError({ tag: 'BadInput', what: 'The object', seen: `number ${i}`, todo });
    },
  };
}

export function createConsole(bench: Workbench, version: string): Eosin {
  const { slides, viewer, stores, found, runs, attention, learn, compared, measures, files } = bench;
  const learning = (set: string): LearnConsole => {
    const session = learn.loaded();
    if (session) return session.console;
    throw new EosinError(noSet(set));
  };
  const openInfo = (): SlideInfo => {
    const { open } = stores.slide.getState();
    if (!open) throw new EosinError(noSlide);
    return open.info;
  };
  const kindIn = (kind: Kind): Kind => oneOf('The kind', kind, OBJECT_LAYERS);
  return failingWell<Eosin>({
    version,
    async open(source, waits) {
      const info = await slides.open(source, waitsIn(waits));
      await runs.lookedUp();
      return info;
    },
    slide: () => stores.slide.getState().open?.info,
    setMpp: (size) => slides.setMpp(size),
    async readRegion(rect, downsample = 1, waits) {
      const opened = slides.opened();
      if (!opened) throw new EosinError(noSlide);
      const { readRegion } = await import('#slide/region.ts');
      const { rgba, width, height } = await readRegion(opened.slide, rect, downsample, waitsIn(waits));
      return new ImageData(rgba, width, height);
    },
    view() {
      openInfo();
      const { centre, magnification, zoom, rotation } = viewer.view();
      return { centre: { ...centre }, magnification: magnification ?? zoom, rotation };
    },
    async setView(view) {
      const { mpp } = openInfo();
      const { magnification, ...rest } = viewIn(view);
      const scale = magnification === undefined ? {} : mpp ? { magnification } : { zoom: magnification };
      await viewer.setView({ ...rest, ...scale }, unhurried());
    },
    models: () =>
      stores.models.getState().manifests.map(({ id, task, name, bytes, sha256, input, licence }) => ({
        id,
        task,
        name,
        bytes,
        sha256,
        mpp: 'mpp' in input ? input.mpp : undefined,
        licence,
      })),
    async analyse(asked = {}, waits) {
      const { models, region, device, views } = asked;
      const chosen = models ? await runs.modelsAsked(models) : {};
      const on = device && oneOf('The device', device, DEVICES);
      const result = await runs.analyse({ ...chosen, region: regionIn(region), device: on, views }, waitsIn(waits));
      await measures.session().catch(() => undefined); // `measures` answers at once: its code has to be there
      return result;
    },
    measures(kind) {
      openInfo();
      if (found.store(kindIn(kind)).counts.count === 0) return { names: [], units: [], columns: {} };
      const session = measures.loaded();
      if (session) return copiesOf(session.now(kind));
      const todo = 'Call again in a moment.';
      throw new EosinError({ tag: 'BadInput', what: 'The measures', seen: 'their code is still loading', todo });
    },
    async select(filter, kind = 'nuclei') {
      openInfo();
      const { rows } = await (await measures.session()).select(filter, kindIn(kind), unhurried());
      return { count: rows.length };
    },
    objects(kind) {
      openInfo();
      return tableOf(found.store(kindIn(kind)).columns);
    },
    exportGeoJSON: async ({ kinds = [...OBJECT_LAYERS], gzip = false } = {}) => {
      openInfo();
      return (await files.desk()).exportGeoJSON(kinds.map(kindIn), gzip, unhurried());
    },
    async snapshot() {
      openInfo();
      return viewer.snapshot(unhurried());
    },
    heatmaps() {
      openInfo();
      return heatmapsOf(found, attention, compared);
    },
    async exportReport() {
      openInfo();
      return (await files.desk()).exportReport(unhurried());
    },
    async exportSession() {
      openInfo();
      return (await files.desk()).exportSession(unhurried());
    },
    async openSession(blob) {
      openInfo();
      const { why } = await (await files.desk()).openSession(blobIn(blob), unhurried());
      return { matches: why === undefined, why };
    },
    async exportCSV(kind) {
      openInfo();
      return (await files.desk()).exportTable(kindIn(kind), 'csv', unhurried());
    },
    async exportParquet(kind) {
      openInfo();
      return (await files.desk()).exportTable(kindIn(kind), 'parquet', unhurried());
    },
    async importGeoJSON(blob, waits) {
      openInfo();
      const { imported, refused } = await (await files.desk()).importGeoJSON(blobIn(blob), waitsIn(waits));
      await measures.session().catch(() => undefined); // as above
      return { imported, refused: refused.map(({ feature, why }) => ({ feature, why })) };
    },
    truth(kind, region) {
      const truth = slides.opened()?.truth;
      if (truth) return tableOf(truth(oneOf('The kind', kind, RUN_LAYERS), rectIn(region)));
      const todo = "Open a synthetic slide, such as 'phantom:1'.";
      throw new EosinError({ tag: 'BadInput', what: 'The truth', seen: 'this slide does not know it', todo });
    },
    async embed(asked, waits) {
      // What was embedded can be labelled at once: `label` and `neighbours` promise an answer without waiting.
      const [session, learning] = await Promise.all([attention.session(), learn.session()]);
      const objects = learning.objectsBy(asked.encoder);
      return objects ? objects.embed(asked.region, waitsIn(waits)) : session.console.embed(asked, waitsIn(waits));
    },
    features(set, block) {
      const session = attention.loaded();
      if (session) return session.console.features(set, block);
      throw new EosinError(noSet(set));
    },
    async attend(model, set, without, waits) {
      const { signal } = waitsIn(waits);
      const trained = learn.loaded();
      if (trained?.learnt.isAttention(model)) return trained.console.attend(model, set, without, { signal });
      const session = await attention.session();
      return session.console.attend(model, set, without, { signal });
    },
    label: (set, rows, className) => learning(set).label(set, rows, className),
    neighbours: (set, row, k) => learning(set).neighbours(set, row, k),
    trainHead: async (asked, waits) => (await learn.session()).console.trainHead(asked, waitsIn(waits)),
    predict: async (head, set) => (await learn.session()).console.predict(head, set, unhurried()),
    rankEncoders: async (asked, waits) => (await learn.session()).console.rankEncoders(asked, waitsIn(waits)),
    cka: async (sets, waits) => (await learn.session()).console.cka(sets, waitsIn(waits)),
    trainAttention: async (asked, waits) => (await learn.session()).console.trainAttention(asked, waitsIn(waits)),
    live: (on) => runs.live(on),
    pause: (run) => runs.pause(run),
    resume: (run, waits) => runs.resume(run, waitsIn(waits)),
    cancel: (run) => runs.cancel(run),
    runs: () => runs.list().map(({ id, slide, state, done, total }) => ({ id, slide, state, done, total })),
    resultHash: (run) => runs.resultHash(run, unhurried()),
    trust: (model) => runs.trust(model, unhurried()),
    async diagnose(url, waits) {
      const { diagnosed } = await import('./diagnosing.ts');
      const { ok, checks } = await diagnosed(bench, url, waitsIn(waits));
      const steps = checks.map(({ step, outcome, seen, todo }) => ({ step, ok: outcome === 'ok', seen, todo }));
      return { ok, steps };
    },
    async associatedImage(name) {
      const slide = slides.opened()?.slide;
      if (!slide) throw new EosinError(noSlide);
      if (!slide.associated.includes(name)) {
        const todo = slide.associated.length === 0 ? 'It has none.' : `It has ${slide.associated.join(', ')}.`;
        throw new EosinError({ tag: 'BadInput', what: 'The picture', seen: `there is none named ${name}`, todo });
      }
      const { pixelsOf, release } = await import('#slide/raster.ts');
      const raster = await slide.readAssociated(name, unhurried());
      try {
        const { rgba, width, height } = pixelsOf(raster);
        return new ImageData(rgba, width, height);
      } finally {
        release(raster);
      }
    },
    gaps() {
      openInfo();
      return viewer.gaps().map(({ level, col, row, why }) => ({ level, col, row, why }));
    },
    on(event, tell) {
      oneOf('The event', event, ['progress']);
      return runs.onProgress(listenerIn(tell));
    },
  });
}

const DEVICES = ['auto', 'webgpu', 'wasm'] as const;

const copiesOf = ({ names, units, columns }: Measures): ReturnType<Eosin['measures']> => ({
  names: [...names],
  units: [...units],
  columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice()])),
});

const noSet = (set: string): Failure => ({
  tag: 'BadInput',
  what: 'The set',
  seen: `there is none named ${set}`,
  todo: 'Call embed first.',
});

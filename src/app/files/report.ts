// What the report says, gathered from what the window knows.

import { tissueShares } from '#analysis/tissue/cells.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { histogramOf, summaryOf } from '#objects/measures/distribution.ts';
import type { SlideInfo } from '../console.d.ts';
import { trustWords } from '../inspector/trust-words.ts';
import type { LazyMeasures } from '../lazy-measures.ts';
import { viewsWords } from '../runs-panel/run-words.ts';
import { noSlide } from '../slide-session.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { count, measure, plural } from '../words.ts';
import type { Html } from './html.ts';
import { type ReportFacts, type ReportRow, regionWords, reportPage, viewWords } from './report-html.ts';
import { histogramPlot } from './report-plots.ts';
import type { SessionNeeds } from './session.ts';

export type ReportNeeds = SessionNeeds & { readonly measures: LazyMeasures };

const TITLES: Readonly<Record<ObjectLayer, string>> = {
  nuclei: 'Nucleus',
  glands: 'Gland',
  lumina: 'Lumen',
  annotations: 'Annotation',
};
const PLOTTED: readonly (readonly [ObjectLayer, string, string])[] = [
  ['nuclei', 'area', 'Area of nuclei'],
  ['nuclei', 'circularity', 'Circularity of nuclei'],
  ['glands', 'area', 'Area of glands'],
  ['glands', 'lumen_share', 'Lumen share of glands'],
  ['lumina', 'area', 'Area of lumina'],
];
const BINS = 32;
const LEAST = 5; // objects that a distribution is drawn of

/** One HTML page. @throws EosinError BadInput where no slide is open; what measuring throws */
export async function reportFile(needs: ReportNeeds, program: string, waits: Waits): Promise<Blob> {
  await needs.found.settled();
  const facts = await factsOf(needs, program, waits);
  return new Blob([reportPage(facts)], { type: 'text/html' });
}

async function factsOf(needs: ReportNeeds, program: string, waits: Waits): Promise<ReportFacts> {
  const { slides, stores, found } = needs;
  const slide = slides.opened()?.slide;
  const { open } = stores.slide.getState();
  if (!slide || !open) throw new EosinError(noSlide);
  const { info } = open;
  const size = slides.mpp();
  const run = stores.run.getState();
  const shown = run.list.filter((one) => one.shown);
  const { manifests } = stores.models.getState();
  const hashes = new Set([
    ...shown.map(({ model }) => model.sha256),
    ...(run.ended?.result.models ?? []).map(({ sha256 }) => sha256),
  ]);
  const trust = run.device && trustWords(run.device);
  return {
    program,
    made: dated(Date.now()),
    slide: [
      ['Name', info.name],
      ['Format', [info.format, info.vendor].filter(Boolean).join(', ')],
      ['Size', `${count(info.widthPx)} × ${count(info.heightPx)} px`],
      [
        'Pixel size',
        size ? `${size.x} × ${size.y} µm${open.mppSetByUser ? ', set by hand' : ''}` : 'not known: areas are in pixels',
      ],
      ['Objective', info.objective === undefined ? 'not said' : `${info.objective}×`],
      ...shownOf(info),
      ['Fingerprint', await slide.fingerprint(waits)],
    ],
    picture: await pictureOf(needs),
    runs: shown.map(({ model, views, region, asked, created, state, done, total, failed }) => ({
      model: `${manifests.find(({ sha256 }) => sha256 === model.sha256)?.name ?? model.id}${viewsWords(views)}`,
      sha256: model.sha256,
      region: regionWords(region, asked),
      started: dated(created),
      state,
      patches: `${count(done - failed.length)} of ${count(total)}`,
    })),
    last: run.ended && {
      device: run.ended.result.deviceName,
      why: run.ended.result.whyNotGpu,
      seconds: run.ended.isWhole ? run.ended.result.seconds : undefined,
    },
    models: manifests
      .filter(({ sha256 }) => hashes.has(sha256))
      .map(({ name, id, sha256, licence, input }) => ({
        name,
        id,
        sha256,
        licence,
        mpp: 'mpp' in input ? input.mpp : undefined,
      })),
    trust: run.device &&
      trust && { headline: trust.headline, sentence: trust.sentence, precision: run.device.precision },
    areaPx: found.area.areaPx,
    pixelUm2: size && size.x * size.y,
    kinds: OBJECT_LAYERS.filter((kind) => found.has(kind)).map((kind) => ({
      kind,
      title: TITLES[kind],
      isRun: kind !== 'annotations',
      rows: rowsOf(needs, kind),
    })),
    tissue: tissueOf(needs),
    attention: attentionOf(needs),
    plots: await plotsOf(needs, waits),
    failures: failuresOf(needs),
  };
}

const SHOWN = [
  ['Channel', 'eosin.channel'],
  ['Optical path', 'eosin.opticalPath'],
  ['Focal plane', 'eosin.plane'],
  ['Time', 'eosin.time'],
  ['Files that were missing', 'eosin.missingFiles'],
] as const;

/** What of a slide with several of these, or in several files, was looked at. */
const shownOf = ({ properties }: SlideInfo): (readonly [string, string])[] =>
  SHOWN.flatMap(([title, key]) => (properties[key] === undefined ? [] : [[title, properties[key]] as const]));

function rowsOf({ found }: ReportNeeds, kind: ObjectLayer): ReportRow[] {
  const { classes, classIndex, areaPx, count: n } = found.store(kind).columns;
  const [counts, areas] = [classes.map(() => 0), classes.map(() => 0)];
  for (let row = 0; row < n; row++) {
    const of = classIndex[row] ?? 0;
    counts[of] = (counts[of] ?? 0) + 1;
    areas[of] = (areas[of] ?? 0) + (areaPx[row] ?? 0);
  }
  return classes.map(({ name, color }, k) => ({ name, color, count: counts[k] ?? 0, areaPx: areas[k] ?? 0 }));
}

function tissueOf({ found }: ReportNeeds): ReportFacts['tissue'] {
  const grid = found.tissueGrid();
  if (!grid) return [];
  const { shares } = tissueShares(grid, undefined);
  return grid.channels
    .map(({ name, color }, k) => ({ name, color, share: shares[k] ?? 0 }))
    .filter(({ share }) => share >= 0.0005)
    .sort((a, b) => b.share - a.share);
}

function attentionOf({ stores }: ReportNeeds): string[] {
  const { findings } = stores.attention.getState();
  if (!findings) return [];
  const { model, patches, counted, classes, prediction, half } = findings;
  const said = classes.map(({ name }, k) => `${name} ${measure(prediction?.[k] ?? Number.NaN)}`).join(', ');
  return [
    `${model} over ${plural(counted, 'patch', 'patches')}${counted < patches ? ` of ${count(patches)}, the others were left out` : ''}.`,
    ...(prediction ? [`Prediction: ${said}.`] : []),
    `${plural(half, 'patch', 'patches')} hold half of the attention.`,
  ];
}

async function plotsOf({ found, measures }: ReportNeeds, waits: Waits): Promise<Html[]> {
  const plots: Html[] = [];
  for (const [kind, name, title] of PLOTTED) {
    if (found.store(kind).columns.count < LEAST) continue;
    const session = await measures.session();
    const known = await session.of(kind, waits);
    const values = known.columns[name];
    if (!values) continue;
    const rows = await session.order(kind, name, waits); // NaN last
    const { known: n, quantiles } = summaryOf(values, rows);
    if (n < LEAST) continue;
    const { min, p5, median, p95, max } = quantiles;
    const low = Math.max(min, median - 6 * (median - p5));
    const high = Math.min(max, median + 3 * (p95 - median));
    const unit = known.units[known.names.indexOf(name)] ?? '';
    plots.push(
      histogramPlot(title, unit, histogramOf(values, { low, high: high > low ? high : low + 1, bins: BINS }), median),
    );
  }
  return plots;
}

function failuresOf({ stores }: ReportNeeds): string[] {
  const { list, ended } = stores.run.getState();
  const { gaps } = stores.slide.getState();
  const patches = list
    .filter(({ shown, failed }) => shown && failed.length > 0)
    .flatMap(({ failed }) => {
      const why = new Map<string, number>();
      for (const patch of failed) why.set(patch.why, (why.get(patch.why) ?? 0) + 1);
      return [...why].map(([sentence, n]) => `${plural(n, 'patch was', 'patches were')} not computed: ${sentence}`);
    });
  const unread = gaps > 0 ? [`${plural(gaps, 'tile')} of the slide would not decode.`] : [];
  return [...patches, ...unread, ...(patches.length === 0 ? (ended?.failures ?? []) : [])];
}

/** As the view is now; the report stands without it. */
async function pictureOf({ viewer, stores }: ReportNeeds): Promise<ReportFacts['picture']> {
  const png = await viewer.snapshot(unhurried()).catch(() => undefined);
  if (!png || png.size === 0) return undefined;
  const bytes = new Uint8Array(await png.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { data: `data:image/png;base64,${btoa(text)}`, said: viewWords(stores.view.getState().view) };
}

const dated = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

// The report of what is on a slide, as one page to read and to print: no script, nothing loaded from anywhere.
import { manyOfClass } from '#objects/class-words.ts';
import type { ObjectKind } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { View } from '#viewer/viewer-api.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { areaMm2, count, duration, measure, share } from '../words.ts';
import { type Html, html } from './html.ts';
import { barPlot } from './report-plots.ts';

export interface ReportRow {
  readonly name: string;
  readonly color: string;
  readonly count: number;
  readonly areaPx: number; // of all of them together
}

export interface ReportFacts {
  readonly program: string;
  readonly made: string; //                       date and time, as read
  readonly slide: readonly (readonly [name: string, value: string])[];
  readonly picture: { readonly data: string; readonly said: string } | undefined; // a data: URL
  readonly runs: readonly {
    readonly model: string;
    readonly sha256: string;
    readonly region: string;
    readonly started: string;
    readonly state: string;
    readonly patches: string;
  }[];
  readonly last:
    | { readonly device: string; readonly why: string | undefined; readonly seconds: number | undefined }
    | undefined;
  readonly models: readonly {
    readonly name: string;
    readonly id: string;
    readonly sha256: string;
    readonly licence: string;
    readonly mpp: number | undefined;
  }[];
  readonly trust: { readonly headline: string; readonly sentence: string; readonly precision: string } | undefined;
  readonly areaPx: number; //                     analysed
  readonly pixelUm2: number | undefined; //       µm² of a level-0 px; undefined: uncalibrated
  readonly kinds: readonly {
    readonly kind: ObjectKind;
    readonly title: string;
    readonly isRun: boolean;
    readonly rows: readonly ReportRow[];
  }[];
  readonly tissue: readonly { readonly name: string; readonly color: string; readonly share: number }[];
  readonly attention: readonly string[]; //       sentences
  readonly plots: readonly Html[];
  readonly failures: readonly string[];
}

export const reportPage = (facts: ReportFacts): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Eosin report</title><style>${STYLE}</style></head><body>
<header><h1>Report</h1><p>${facts.made}, ${facts.program}. For research, not for diagnosis.</p></header>
<section><h2>Slide</h2>${pairs(facts.slide)}${picture(facts)}</section>
<section><h2>What was asked</h2>${runs(facts)}</section>
<section><h2>Counts</h2>${counts(facts)}</section>
${tissue(facts)}${attention(facts)}
${facts.plots.length > 0 ? html`<section><h2>Distributions</h2><div class="plots">${facts.plots}</div></section>` : undefined}
<section><h2>What was not computed</h2>${failures(facts)}</section>
</body></html>
`.text;

const pairs = (facts: ReportFacts['slide']): Html =>
  html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

const picture = ({ picture: of }: ReportFacts): Html | undefined =>
  of &&
  html`<figure class="picture"><img src="${of.data}" alt="${of.said}"><figcaption>${of.said}</figcaption></figure>`;

function runs({ runs: all, last, models, trust }: ReportFacts): Html {
  if (all.length === 0 && !last) return html`<p>No run: what is on the slide was brought from files.</p>`;
  return html`<table><thead><tr><th>Model</th><th>Region</th><th>Started</th><th>State</th><th class="n">Patches</th></tr></thead><tbody>
${all.map((run) => html`<tr><td>${run.model}</td><td>${run.region}</td><td>${run.started}</td><td>${run.state}</td><td class="n">${run.patches}</td></tr>`)}</tbody></table>
${last && html`<p>Computed on ${last.device}${last.seconds === undefined ? '' : ` in ${duration(last.seconds)}`}.${last.why ? ` ${last.why}` : ''}</p>`}
${trust && html`<p><b>${trust.headline}.</b> ${trust.sentence} Precision: ${trust.precision}.</p>`}
<table><thead><tr><th>Model</th><th>Licence</th><th class="n">µm a pixel</th><th>SHA-256 of its file</th></tr></thead><tbody>
${models.map((of) => html`<tr><td>${of.name} <span class="t">${of.id}</span></td><td>${of.licence}</td><td class="n">${of.mpp}</td><td class="hash">${of.sha256}</td></tr>`)}</tbody></table>`;
}

/** Areas beneath one another are in one unit: of the largest. */
function areaColumn(
  areasPx: readonly number[],
  pixelUm2: number | undefined,
): { readonly unit: string; readonly said: (px: number) => string } {
  if (pixelUm2 === undefined) return { unit: 'px²', said: count };
  if (Math.max(...areasPx) * pixelUm2 < 1e6) return { unit: 'µm²', said: (px) => count(px * pixelUm2) };
  const inMm2 = (mm2: number): string => (mm2 > 0 && mm2 < 0.00005 ? '< 0.0001' : mm2.toFixed(4)); // some is not none
  return { unit: 'mm²', said: (px) => inMm2(px * pixelUm2 * 1e-6) };
}

function counts({ kinds, areaPx, pixelUm2 }: ReportFacts): Html {
  const mm2 = pixelUm2 === undefined ? undefined : areaPx * pixelUm2 * 1e-6;
  const area = (px: number): string => (pixelUm2 === undefined ? `${count(px)} px²` : areaMm2(px * pixelUm2 * 1e-6));
  const column = areaColumn(
    kinds.flatMap(({ rows: of }) => of.map((row) => row.areaPx)),
    pixelUm2,
  );
  const rows = kinds.flatMap(({ title, isRun, rows: of }) =>
    of.map(
      (
        row,
      ) => html`<tr><td class="k"><i style="background:${row.color}"></i>${title}</td><td>${row.name}</td><td class="n">${count(row.count)}</td>
<td class="n">${isRun && mm2 ? measure(row.count / mm2) : ''}</td><td class="n">${column.said(row.areaPx)}</td><td class="n">${isRun && areaPx > 0 ? share(row.areaPx / areaPx) : ''}</td></tr>`,
    ),
  );
  if (rows.length === 0) return html`<p>Nothing is on the slide.</p>`;
  const analysed = areaPx > 0 ? `Analysed: ${area(areaPx)}.` : 'No patch was analysed here: densities are not known.';
  const bars = kinds.flatMap(({ kind, title, isRun, rows: of }) =>
    isRun
      ? of.map(({ name, color, count: value }) => ({
          name: of.length > 1 ? manyOfClass(kind, name) : title,
          color,
          value,
          said: count(value),
        }))
      : [],
  );
  return html`<p>${analysed}</p><table><thead><tr><th>Kind</th><th>Class</th><th class="n">Count</th><th class="n">per mm²</th><th class="n">Area, ${column.unit}</th><th class="n">of analysed</th></tr></thead><tbody>${rows}</tbody></table>
${bars.length > 1 ? barPlot('Counts by class', bars) : undefined}`;
}

const tissue = ({ tissue: of }: ReportFacts): Html | undefined =>
  of.length === 0
    ? undefined
    : html`<section><h2>Tissue</h2>${barPlot(
        'Share of the analysed area, by the most probable class of each cell',
        of.map(({ name, color, share }) => ({ name, color, value: share, said: `${(share * 100).toFixed(1)} %` })),
      )}</section>`;

const attention = ({ attention: said }: ReportFacts): Html | undefined =>
  said.length === 0
    ? undefined
    : html`<section><h2>Attention</h2>${said.map((sentence) => html`<p>${sentence}</p>`)}</section>`;

const failures = ({ failures: said, runs: all, last }: ReportFacts): Html =>
  said.length === 0
    ? html`<p>${all.length > 0 || last ? 'Every patch that was asked for was computed.' : 'No patch was asked for.'}</p>`
    : html`<ul>${said.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;

const STYLE = html`:root{color-scheme:light}body{font:13px/1.45 Inter,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;color:#1a1a1a;background:#fff;max-width:820px;margin:24px auto;padding:0 24px}
h1{font-size:22px;margin:0}h2{font-size:15px;border-top:1px solid #d2d2d2;padding-top:12px;margin:20px 0 8px}header p,figcaption,.t{color:#5f5f5f}
dl{display:grid;grid-template-columns:140px 1fr;gap:2px 12px;margin:0}dt{color:#5f5f5f}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:8px 0}th,td{text-align:left;padding:3px 10px 3px 0;border-bottom:1px solid #ececec;vertical-align:top}th{font-weight:600}.n{text-align:right}
td.k{white-space:nowrap}td i{display:inline-block;width:9px;height:9px;border:1px solid #7a7a7a;margin-right:6px}.hash{font:11px/1.45 "JetBrains Mono",ui-monospace,monospace;overflow-wrap:anywhere}
figure{margin:8px 0}.picture img{max-width:100%;max-height:420px;border:1px solid #d2d2d2}.plots{display:flex;flex-wrap:wrap;gap:8px 24px}
svg{overflow:visible}svg text{font-size:11px;fill:#454545}.bars rect{fill:#7a7a7a}.bar{stroke:#454545;stroke-width:.7}.axis{stroke:#454545}.median{stroke:#a81b50;stroke-width:1.5}
@media print{@page{margin:16mm}body{margin:0;max-width:none;padding:0;font-size:10.5pt}tr,figure,dl{break-inside:avoid}h2{break-after:avoid}td i,rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

const REGIONS: Readonly<Record<RegionChoice, string>> = {
  view: 'the view',
  rectangle: 'a drawn region',
  tissue: 'all tissue',
};

/** What was asked for, and where on the slide it lies. @param asked around it, level-0 px */
export function regionWords(choice: RegionChoice, asked: Rect | undefined): string {
  if (!asked) return REGIONS[choice];
  const between = (from: number, size: number): string =>
    `${count(Math.round(from))} to ${count(Math.round(from + size))}`;
  return `${REGIONS[choice]}: x ${between(asked.x, asked.width)}, y ${between(asked.y, asked.height)} px`;
}

/** What the picture shows: whoever compares it with the slide must know how it is turned. */
export function viewWords(view: Pick<View, 'magnification' | 'rotation' | 'flipped'> | undefined): string {
  const { magnification, rotation = 0, flipped } = view ?? {};
  return [
    magnification === undefined ? 'The view' : `The view at ${measure(magnification)}×`,
    ...(rotation === 0 ? [] : [`turned clockwise by ${measure(rotation)}°`]),
    ...(flipped ? ['flipped left to right'] : []),
  ].join(', ');
}

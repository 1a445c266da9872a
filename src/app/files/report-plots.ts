// Plots of the report as inline SVG: readable in print, and by their table too.
import type { Histogram } from '#objects/measures/distribution.ts';
import { count, measure } from '../words.ts';
import { type Html, html } from './html.ts';

const [WIDTH, HEIGHT] = [320, 150]; // px of the picture
const [LEFT, BOTTOM, TOP] = [44, 34, 10];

const ANCHORS = ['start', 'middle', 'end']; // of the ticks: none leaves the picture

/** @param median marked; NaN where there is none */
export function histogramPlot(
  title: string,
  unit: string,
  { low, high, counts, below, above }: Histogram,
  median: number,
): Html {
  const most = counts.reduce((max, n) => Math.max(max, n), 1);
  const [w, h] = [WIDTH - LEFT - 8, HEIGHT - TOP - BOTTOM];
  const x = (value: number): number => LEFT + ((value - low) / (high - low || 1)) * w;
  const bin = w / counts.length;
  const bars = Array.from(counts, (n, k) => {
    const tall = (n / most) * h;
    return html`<rect x="${round(LEFT + k * bin)}" y="${round(TOP + h - tall)}" width="${round(Math.max(bin - 1, 0.5))}" height="${round(tall)}"/>`;
  });
  const ticks = [low, (low + high) / 2, high].map(
    (value, k) =>
      html`<text x="${round(x(value))}" y="${HEIGHT - BOTTOM + 14}" text-anchor="${ANCHORS[k] ?? 'middle'}">${measure(value)}</text>`,
  );
  const mark = Number.isFinite(median)
    ? html`<line class="median" x1="${round(x(median))}" x2="${round(x(median))}" y1="${TOP}" y2="${TOP + h}"/>`
    : undefined;
  const rest = below + above > 0 ? `; ${count(below + above)} lie beyond` : '';
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${title}">
<g class="bars">${bars}</g>${mark}<line class="axis" x1="${LEFT}" x2="${WIDTH - 8}" y1="${TOP + h}" y2="${TOP + h}"/>
<text x="${LEFT - 5}" y="${TOP + 8}" text-anchor="end">${count(most)}</text><text x="${LEFT - 5}" y="${TOP + h}" text-anchor="end">0</text>
<text transform="translate(12 ${TOP + h / 2}) rotate(-90)" text-anchor="middle">Count</text>${ticks}
<text x="${LEFT + w / 2}" y="${HEIGHT - 6}" text-anchor="middle">${unit ? `${title}, ${unit}` : title}</text></svg>
<figcaption>Median ${measure(median)}${unit ? ` ${unit}` : ''}, the line${rest}.</figcaption></figure>`;
}

export interface Bar {
  readonly name: string;
  readonly color: string;
  readonly value: number;
  readonly said: string; // the value in words
}

const [NAMES, WIDEST] = [160, 250]; // px where the names of bars end, at least and at most
const LETTER = 6.6; //                px of a letter of a name on the mean: a longer name ends in …, and stands whole in the table

/** One bar a class, the longest as wide as the plot. */
export function barPlot(title: string, bars: readonly Bar[]): Html {
  const most = bars.reduce((max, { value }) => Math.max(max, value), 1e-9);
  const letters = bars.reduce((max, { name }) => Math.max(max, [...name].length), 0);
  const names = Math.min(WIDEST, Math.max(NAMES, Math.ceil(letters * LETTER)));
  const short = (name: string): string => shortened([...name], Math.floor(names / LETTER));
  const rows = bars.map(({ name, color, value, said }, k) => {
    const y = 4 + 22 * k;
    return html`<text x="${names}" y="${y + 12}" text-anchor="end">${short(name)}</text><rect class="bar" x="${names + 6}" y="${y}" width="${round((value / most) * 230)}" height="16" fill="${color}"/><text x="${round(names + 12 + (value / most) * 230)}" y="${y + 12}">${said}</text>`;
  });
  const height = 8 + 22 * bars.length;
  return html`<figure><svg viewBox="0 0 ${names + 328} ${height}" width="${names + 328}" height="${height}" role="img" aria-label="${title}">${rows}</svg></figure>`;
}

const shortened = (letters: readonly string[], most: number): string =>
  letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;

const round = (value: number): number => Math.round(value * 10) / 10;

// How the slide is shown, and only shown: a window of values, brightness, contrast, gamma, one stain alone. An SVG filter, so that the
// compositor does it to what is on screen, tile by tile decoded as before and read by models as stored.
import { EOSIN, HAEMATOXYLIN, type Stain } from '#stain/beer-lambert.ts';

export interface Display {
  readonly black: number; //      0 to 1: what is shown black, and all below it
  readonly white: number; //      above `black`
  readonly brightness: number; // −0.5 to 0.5, added
  readonly contrast: number; //   0.5 to 3, about the middle
  readonly gamma: number; //      0.3 to 3; above 1 lifts the dark
  readonly stains: 'all' | 'haematoxylin' | 'eosin';
}

export const PLAIN: Display = { black: 0, white: 1, brightness: 0, contrast: 1, gamma: 1, stains: 'all' };

export const isPlain = ({ black, white, brightness, contrast, gamma, stains }: Display): boolean =>
  black === 0 && white === 1 && brightness === 0 && contrast === 1 && gamma === 1 && stains === 'all';

/** What a shown value (0 to 1) becomes. */
export const curve = ({ black, white, brightness, contrast, gamma }: Display, value: number): number =>
  clamp((clamp((value - black) / (white - black)) ** (1 / gamma) - 0.5) * contrast + 0.5 + brightness);

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Optical density, base 10, that is told apart: of 8-bit values below 8 not. Less would be coarser where tissue is pale. */
const MOST_DENSITY = 1.5;

/** Of a channel's value (0 to 1): its density, 0 to 1 of MOST_DENSITY. */
export const densityShare = (value: number): number => clamp(-Math.log10(Math.max(value, 1e-3)) / MOST_DENSITY);

type Row = readonly [red: number, green: number, blue: number];
const unit = ({ red, green, blue }: Stain): Row => {
  const length = Math.hypot(red, green, blue);
  return [red / length, green / length, blue / length];
};
const cross = (a: Row, b: Row): Row => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Row, b: Row): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/**
 * Colour deconvolution (Ruifrok and Johnston 2001): the densities of a pixel without the other stain and without what
 * neither explains. The amount of a stain is the triple product with the other two directions; negative amounts are none.
 * @returns [3 × 3] row-major, densities to densities
 */
export function onlyStain(stains: 'haematoxylin' | 'eosin'): readonly Row[] {
  const [shown, other] = stains === 'haematoxylin' ? [HAEMATOXYLIN, EOSIN] : [EOSIN, HAEMATOXYLIN];
  const [own, hidden] = [unit(shown), unit(other)];
  const rest = cross(own, hidden);
  const towards = cross(hidden, rest);
  const scale = 1 / dot(own, towards);
  return own.map((of): Row => [of * scale * towards[0], of * scale * towards[1], of * scale * towards[2]]);
}

const LEVELS = 256;
const table = (of: (value: number) => number): string =>
  Array.from({ length: LEVELS }, (_, i) => of(i / (LEVELS - 1)).toFixed(5)).join(' ');

/** The filter's parts, in their order. */
function filterMarkup(display: Display): string {
  const transfer = (values: string): string =>
    `<feComponentTransfer>${['R', 'G', 'B'].map((c) => `<feFunc${c} type="table" tableValues="${values}"/>`).join('')}</feComponentTransfer>`;
  if (display.stains === 'all') return transfer(table((value) => curve(display, value)));
  const rows = onlyStain(display.stains).map((row) => `${row.map((n) => n.toFixed(6)).join(' ')} 0 0`);
  return [
    transfer(table(densityShare)),
    `<feColorMatrix type="matrix" values="${rows.join(' ')} 0 0 0 1 0"/>`,
    transfer(table((share) => curve(display, 10 ** (-share * MOST_DENSITY)))),
  ].join('');
}

const ID = 'eosin-display';

/** Puts the filter into the page, in place of the one before. @returns the CSS that names it; '' where nothing changes */
export function displayFilter(display: Display): string {
  document.getElementById(ID)?.closest('svg')?.remove();
  if (isPlain(display)) return '';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.style.cssText = 'position:absolute;width:0;height:0';
  svg.innerHTML = `<filter id="${ID}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">${filterMarkup(display)}</filter>`;
  document.body.append(svg);
  return `url(#${ID})`;
}

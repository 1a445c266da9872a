// Colours of a value grid's cells: class or step, threshold, shown or not. Pure.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { Colormap, GridStyle, LegendGrid } from '../viewer-api.ts';
import { rgbOf, stepBetween, stepOf, stepsOf } from './colormaps.ts';
import { isInterpolated } from './interpolated.ts';

const rangeOf = (style: GridStyle): readonly [number, number] => style.range ?? [0, 1];

/** One cell of a patch: its channel and value under a style, or undefined where nothing is drawn. */
function cellOf(
  patch: GridPatch,
  channels: number,
  cell: number,
  style: GridStyle,
): { channel: number; value: number } | undefined {
  const cells = patch.cols * patch.rows;
  let channel = style.channel === 'argmax' ? 0 : style.channel;
  let value = patch.values[channel * cells + cell] ?? Number.NaN;
  if (style.channel === 'argmax') {
    for (let c = 1; c < channels; c++) {
      const other = patch.values[c * cells + cell] ?? Number.NaN;
      if (other > value) [channel, value] = [c, other];
    }
  }
  const counts = style.colormap === 'difference' ? Math.abs(value) : value;
  if (!(counts >= style.threshold)) return undefined; // NaN: no tissue
  return style.classShown?.[channel] === false ? undefined : { channel, value };
}

/** Pixels of a patch, one a cell, row-major RGBA; opaque where a cell is drawn, else clear. */
export function coloursOf(patch: GridPatch, grid: ValueGrid, style: GridStyle): Uint8ClampedArray<ArrayBuffer> {
  const byClass = style.colormap === 'classes' && style.channel === 'argmax';
  const palette = (byClass ? grid.channels.map((channel) => channel.color) : stepsOf(style.colormap)).map(rgbOf);
  const range = rangeOf(style);
  const { edges } = style;
  const out = new Uint8ClampedArray(4 * patch.cols * patch.rows);
  for (let i = 0; i < patch.cols * patch.rows; i++) {
    const cell = cellOf(patch, grid.channels.length, i, style);
    if (!cell) continue;
    const [r, g, b] = palette[
      byClass ? cell.channel : edges ? stepBetween(cell.value, edges) : stepOf(cell.value, range)
    ] ?? [0, 0, 0];
    out.set([r, g, b, 255], 4 * i);
  }
  return out;
}

/** A number for an axis: three digits at most. */
const tick = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

export function legendOf(grid: ValueGrid, style: GridStyle, greyTissue: boolean): LegendGrid {
  const { opacity, threshold } = style;
  const difference = style.colormap === 'difference' || undefined;
  const head = { name: grid.name, opacity, threshold, greyTissue, interpolated: isInterpolated(style), difference };
  if (style.colormap === 'classes' && style.channel === 'argmax') {
    const shown = grid.channels.filter((_, channel) => style.classShown?.[channel] !== false);
    return { ...head, entries: shown.map(({ name, color }) => ({ color, label: name })) };
  }
  const { edges, scale, channel } = style;
  const of = channel === 'argmax' ? undefined : grid.channels[channel]?.name;
  const name = [grid.name, of && `: ${of}`, scale && `, ${scale}`].filter(Boolean).join('');
  if (edges) return { ...head, name, entries: entriesBetween(style.colormap, edges) };
  return { ...head, name, entries: stepEntries(style.colormap, rangeOf(style)) };
}

/** The ten steps between given values. */
const entriesBetween = (map: Colormap | 'difference', edges: readonly number[]) =>
  stepsOf(map).map((color, step) => {
    const [from, to] = [edges[step] ?? 0, edges[step + 1] ?? 0];
    return { color, label: `${tick(from)} to ${tick(to)}`, from, to };
  });

/** The ten steps of a colour map with the values they stand for. */
export function stepEntries(map: Colormap | 'difference', [low, high]: readonly [number, number]) {
  const width = (high - low) / 10;
  return stepsOf(map).map((color, step) => {
    const [from, to] = [low + step * width, low + (step + 1) * width];
    return { color, label: `${tick(from)} to ${tick(to)}`, from, to };
  });
}

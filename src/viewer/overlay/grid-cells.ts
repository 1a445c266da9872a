// Colours of a value grid's cells: class or step, threshold, shown or not. Pure.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { Colormap, GridStyle, LegendGrid } from '../viewer-api.ts';
import { packed, rgbOf, stepBetween, stepOf, stepsOf } from './colormaps.ts';

/** Classes are not between anything: only values of one channel are interpolated. */
export const isInterpolated = (style: GridStyle): boolean => style.interpolated === true && style.channel !== 'argmax';

const rangeOf = (style: GridStyle): readonly [number, number] => style.range ?? [0, 1];

/**
 * Colours a patch's cells under a style: one number a cell, row-major, RGBA in the byte order of this machine; 0 where
 * nothing is drawn.
 */
export function colouring(
  { channels }: Pick<ValueGrid, 'channels'>,
  style: GridStyle,
): (patch: GridPatch) => Uint32Array<ArrayBuffer> {
  const { channel: chosen, colormap, threshold, classShown, edges } = style;
  const byClass = colormap === 'classes' && chosen === 'argmax';
  const colours = byClass ? channels.map(({ color }) => color) : stepsOf(colormap);
  const palette = Uint32Array.from(colours, (color) => packed(rgbOf(color)));
  const range = rangeOf(style);
  const isDifference = colormap === 'difference';
  const isShown = channels.map((_, channel) => classShown?.[channel] !== false);
  return ({ cols, rows, values }) => {
    const cells = cols * rows;
    const out = new Uint32Array(cells);
    for (let i = 0; i < cells; i++) {
      let channel = chosen === 'argmax' ? 0 : chosen;
      let value = values[channel * cells + i] ?? Number.NaN;
      if (chosen === 'argmax') {
        for (let c = 1; c < channels.length; c++) {
          const other = values[c * cells + i] ?? Number.NaN;
          if (other > value) [channel, value] = [c, other];
        }
      }
      const counts = isDifference ? Math.abs(value) : value;
      if (!(counts >= threshold) || isShown[channel] === false) continue; // NaN: no tissue
      out[i] = palette[byClass ? channel : edges ? stepBetween(value, edges) : stepOf(value, range)] ?? 0;
    }
    return out;
  };
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

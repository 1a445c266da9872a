// Ten-step colour maps. Steps, not ramps: a reader can name the step and find it in the legend.
import type { Colormap } from '../viewer-api.ts';

type Steps = readonly [string, string, string, string, string, string, string, string, string, string];

/**
 * Viridis and Cividis sampled at ten even places (matplotlib's tables, CC0); ColorBrewer's PuOr (Apache-2.0) for
 * differences, whose two hues stay apart for all kinds of colour blindness.
 */
const STEPS: Record<Exclude<Colormap, 'classes'> | 'difference', Steps> = {
  viridis: [
    '#440154',
    '#482878',
    '#3e4989',
    '#31688e',
    '#26828e',
    '#1f9e89',
    '#35b779',
    '#6ece58',
    '#b5de2b',
    '#fde725',
  ],
  cividis: [
    '#00224e',
    '#123570',
    '#3b496c',
    '#575d6d',
    '#707173',
    '#8a8678',
    '#a59c74',
    '#c3b369',
    '#e1cc55',
    '#fee838',
  ],
  grey: ['#0d0d0d', '#262626', '#404040', '#595959', '#737373', '#8c8c8c', '#a6a6a6', '#bfbfbf', '#d9d9d9', '#f2f2f2'],
  difference: [
    '#7f3b08',
    '#b35806',
    '#e08214',
    '#fdb863',
    '#fee0b6',
    '#d8daeb',
    '#b2abd2',
    '#8073ac',
    '#542788',
    '#2d004b',
  ],
};

/** 'classes' has no steps: it falls back to Viridis where values are asked for. */
export const stepsOf = (map: Colormap | 'difference'): readonly string[] => STEPS[map === 'classes' ? 'viridis' : map];

/** Which of ten steps a value falls in; values beyond the range take the last step on their side. */
export const stepOf = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(9, Math.max(0, Math.floor(((value - low) / (high - low || 1)) * 10)));

/** The same where steps are not even. @param edges [11] ascending */
export function stepBetween(value: number, edges: readonly number[]): number {
  let step = 0;
  while (step < 9 && value >= (edges[step + 1] ?? Number.POSITIVE_INFINITY)) step++;
  return step;
}

/** '#rrggbb' as 0 to 255; black where it is none. */
export function rgbOf(color: string): readonly [number, number, number] {
  const value = /^#[0-9a-f]{6}$/i.test(color) ? Number.parseInt(color.slice(1), 16) : 0;
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** sRGB relative luminance, 0 to 1 (WCAG 2.2). */
export function luminanceOf(color: string): number {
  const [r = 0, g = 0, b = 0] = rgbOf(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Opaque RGBA in one number, in the byte order of this machine. */
export const packed = ([r, g, b]: readonly [number, number, number]): number =>
  new Uint32Array(Uint8Array.of(r, g, b, 255).buffer)[0] ?? 0;

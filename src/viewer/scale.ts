// Magnification and scale bar: what a zoom means in micrometres.
import { type MppXY, magnificationOf, meanMpp, mpp } from '#units/units.ts';
import type { ScaleBar, ViewChange } from './viewer-api.ts';
import type { FrameChange } from './viewport.ts';

/** The magnifications that have a button and that + and − step through. */
const ZOOM_STEPS = [1.25, 2.5, 5, 10, 20, 40] as const;

/** 10 / (µm a screen px); undefined while uncalibrated. @param zoom screen px a level-0 px */
export const magnificationAt = (zoom: number, at: MppXY | undefined): number | undefined =>
  at && zoom > 0 ? magnificationOf(mpp(meanMpp(at) / zoom)) : undefined;

/** Screen px a level-0 px at a magnification: the inverse of `magnificationAt`. */
export const zoomAt = (magnification: number, at: MppXY): number => (magnification * meanMpp(at)) / 10;

/** Zoom step above or below: a button's magnification where calibrated, else a factor of two. 2 % of tolerance. */
export function nextMagnification(now: number, direction: 1 | -1): number {
  const steps: readonly number[] = ZOOM_STEPS;
  const inside = direction > 0 ? steps.find((step) => step > now * 1.02) : steps.findLast((step) => step < now / 1.02);
  return inside ?? (direction > 0 ? now * 2 : now / 2);
}

const NICE = [1, 2, 5] as const;

/** The longest 1-2-5 length that is at most `most`. */
function niceLength(most: number): number {
  const decade = 10 ** Math.floor(Math.log10(most));
  const step = NICE.findLast((nice) => nice * decade <= most * (1 + 1e-9)) ?? 1;
  return step * decade;
}

/** Digits without a tail of rounding error: 0.2, not 0.20000000000000001. */
const digits = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

/**
 * The scale bar at a zoom: a 1-2-5 length that is at most `mostPx` on screen; level-0 pixels while uncalibrated.
 * @param zoom screen px a level-0 px
 */
export function scaleBarAt(zoom: number, at: MppXY | undefined, mostPx = 150): ScaleBar {
  if (!(zoom > 0)) return { lengthPx: 0, label: '' };
  const perUnit = at ? zoom / meanMpp(at) : zoom; // screen px a µm, or a level-0 px
  const length = niceLength(mostPx / perUnit);
  const label = at ? lengthLabel(length) : `${digits(length)} px`;
  return { lengthPx: length * perUnit, label };
}

/** A length in µm as a reader wants it: µm, from 1000 on mm. */
export const lengthLabel = (um: number): string => (um >= 1000 ? `${digits(um / 1000)} mm` : `${digits(um)} µm`);

/** A wished view as parts of a frame; a magnification counts only where the slide is calibrated. */
export function changed(
  { centre, rotation, flipped, magnification, zoom: given }: ViewChange,
  mpp: MppXY | undefined,
): FrameChange {
  const zoom = given ?? (magnification && mpp ? zoomAt(magnification, mpp) : undefined);
  return {
    ...(centre && { centre }),
    ...(rotation !== undefined && { rotation }),
    ...(flipped !== undefined && { flipped }),
    ...(zoom && { zoom }),
  };
}

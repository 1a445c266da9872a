// When a painted frame may stand in for the present one: carried along by a CSS transform while the view moves, painted
// exactly once it rests. Pure.
import { boundsOf, cornersOnSlide, type Frame, sameFrame, toScreen } from '../frame.ts';

/** A frame as painted: larger than the element by `margin` CSS px on each side. */
export interface Painted {
  readonly frame: Frame;
  readonly margin: number;
  readonly at: number; //     ms, when it was painted
  readonly heavy: boolean; // painting it took more than a moving view has time for
}

/** How long a view has to stand still before it is painted exactly, and how often a moving one is at most. ms. */
export const REST = 90;
/** CSS px beyond the element that a heavy frame is painted, so that a view can move without bare edges. */
export const MARGIN = 160;

/** What to do for a frame: the one painted is exact; it can be carried; or a new one is due. */
export function verdictFor(painted: Painted | undefined, frame: Frame, now: number): 'exact' | 'carry' | 'paint' {
  if (!painted) return 'paint';
  if (sameFrame(painted.frame, frame)) return 'exact';
  if (painted.frame.flipped !== frame.flipped) return 'paint';
  if (!painted.heavy || painted.frame.width !== frame.width || painted.frame.height !== frame.height) return 'paint';
  const grown = frame.zoom / painted.frame.zoom;
  if (grown > 4 || grown < 0.25) return 'paint';
  return covers(painted, frame) || now - painted.at < REST ? 'carry' : 'paint';
}

/** True where everything on screen in `frame` was painted. */
function covers({ frame: from, margin }: Painted, frame: Frame): boolean {
  const seen = boundsOf(cornersOnSlide(frame).map(({ x, y }) => toScreen(from, x, y)));
  return (
    seen.x >= -margin &&
    seen.y >= -margin &&
    seen.x + seen.width <= from.width + margin &&
    seen.y + seen.height <= from.height + margin
  );
}

/** The CSS transform, about the element's middle, that takes what was painted to where it belongs now. */
export function carriedBy({ frame: from }: Painted, frame: Frame): string {
  const middle = toScreen(frame, from.centre.x, from.centre.y);
  const [dx, dy] = [middle.x - frame.width / 2, middle.y - frame.height / 2];
  const turned = (frame.rotation - from.rotation) * (frame.flipped ? -1 : 1);
  return `translate(${dx}px, ${dy}px) rotate(${turned}deg) scale(${frame.zoom / from.zoom})`;
}

// When a painted picture may stand in for the present view: carried along by a CSS transform while the view moves, painted
// exactly once it rests. Pure.
import { boundsOf, cornersOnSlide, type Frame, sameFrame, toScreen } from '../frame.ts';

/** A picture as painted: larger than the element by `margin` CSS px on each side. */
export interface Painted {
  readonly frame: Frame;
  readonly margin: number;
}

/** How long a view has to stand still before it is painted exactly. ms. */
export const REST = 60;
/** CSS px beyond the element that a heavy frame is painted, so that a view can move without bare edges. */
export const MARGIN = 192;
/** The same for a view that stands still: two thirds of the px on a common screen, so the picture is there sooner. */
export const STILL_MARGIN = 32;
/** How long a view has to have shown its exact picture before that is painted once more, with the margin of a moving one. ms. */
export const WIDEN = 150;
/** A picture that is carried this many times larger or smaller is painted anew, though the view moves on. */
const MOST_GROWN = 1.6;

/** When the view needs another picture: not at all, when it has come to rest, or at once. */
export function isDue(painted: Painted, frame: Frame): false | 'at rest' | 'at once' {
  if (sameFrame(painted.frame, frame)) return false;
  if (painted.frame.flipped !== frame.flipped) return 'at once';
  if (painted.frame.width !== frame.width || painted.frame.height !== frame.height) return 'at once';
  const grown = frame.zoom / painted.frame.zoom;
  if (grown > MOST_GROWN || grown < 1 / MOST_GROWN) return 'at once';
  return covers(painted, frame) ? 'at rest' : 'at once';
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

/** The CSS transform, about the picture's middle, that takes what was painted to where it belongs now: in an element of another size too. */
export function carriedBy({ frame: from }: Painted, frame: Frame): string {
  const middle = toScreen(frame, from.centre.x, from.centre.y);
  const [dx, dy] = [middle.x - from.width / 2, middle.y - from.height / 2];
  const mirrored = frame.flipped === true ? -1 : 1;
  const turned = (frame.rotation - from.rotation) * mirrored;
  const grown = frame.zoom / from.zoom;
  const across = grown * mirrored * (from.flipped === true ? -1 : 1); // below 0: flipped since
  return `translate(${dx}px, ${dy}px) rotate(${turned}deg) scale(${across}, ${grown})`;
}

// Where a patch takes long, a small window about the centre of the view is looked at first.
import type { ImageInput } from '#inference/manifest.ts';
import type { Slide } from '#slide/slide.ts';
import { contains, intersect, isEmpty, type Point, type Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type PlannedPatch, patchReader } from './plan.ts';

const SLOW_SECONDS = 0.4; //  a patch; a preview takes a tenth of it
const PREVIEW_PX = 384; //    model px, side of the window: its core is some 130 µm wide at 0.5 µm a pixel
const WORTH_IT = 0.6; //      of a patch's side at most
const MOST_ACROSS = 8; //     of its core, the shorter side of the view: farther out it is a dot, and patches fill the screen

export interface PreviewAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //             of level 0
  readonly input: ImageInput;
  readonly windowPx: number; //       model px, of the run's patches
  readonly patchSeconds: number; //   what one of them takes
  /** What is on screen, level-0 px; nothing of a slide behind. */
  readonly viewRect: () => Rect | undefined;
  /** Level-0 px: within the region, and nothing is at work there yet. */
  readonly isOpen: (at: Point) => boolean;
}

/**
 * The patch to compute before any other when the user looks at a place (level-0 px): one for each place looked at. Undefined
 * as a whole where patches are fast, or hardly larger than a preview.
 */
export function previewer({
  slide,
  mpp,
  input,
  windowPx,
  patchSeconds,
  viewRect,
  isOpen,
}: PreviewAsked): ((centre: Point) => PlannedPatch | undefined) | undefined {
  const { margin, multiple } = input;
  const size = Math.ceil(Math.max(PREVIEW_PX, 2 * margin + multiple) / multiple) * multiple;
  if (!(patchSeconds > SLOW_SECONDS) || size > WORTH_IT * windowPx) return undefined;
  const reader = patchReader(slide, mpp, input.mpp);
  const { pxX, pxY, whole } = reader;
  const [width, height] = [(size - 2 * margin) * pxX, (size - 2 * margin) * pxY];
  let last: Rect | undefined;
  return (centre) => {
    if ((last && contains(last, centre.x, centre.y)) || !isOpen(centre)) return undefined;
    const view = viewRect();
    if (!view || Math.min(view.width / width, view.height / height) > MOST_ACROSS) return undefined;
    const [x, y] = [centre.x - width / 2, centre.y - height / 2];
    const core = intersect({ x, y, width, height }, whole);
    if (isEmpty(core)) return undefined;
    last = core;
    const corner = { x: x - margin * pxX, y: y - margin * pxY };
    const frame = { ...corner, pxX, pxY, mpp: input.mpp, size, margin, slide: whole, core, col: -1, row: -1 };
    return reader.patch(frame, margin);
  };
}

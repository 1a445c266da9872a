import type { Rect } from '#units/rect.ts';

/** Where a patch lies. Model px are those of the network's input; the window's first one starts at (x, y). */
export interface PatchFrame {
  readonly x: number; //       level-0 px of the window's top left corner
  readonly y: number;
  readonly pxX: number; //     level-0 px a model px
  readonly pxY: number;
  readonly mpp: number; //     µm a model px
  readonly size: number; //    model px, side of the window
  readonly margin: number; //  model px on each side that only give context
  readonly slide: Rect; //     level-0 px: nothing lies beyond it
  readonly core: Rect; //      level-0 px, cut at the slide's edge
  readonly col: number; //     of the core, on the grid anchored at the slide's origin
  readonly row: number;
}

// Where the viewer looks and what lies under the pointer. Written from the viewer's events alone.
import { createStore } from 'zustand/vanilla';
import type { Point, Rect } from '#units/rect.ts';
import type { Display } from '#viewer/display-filter.ts';
import type { Legend, ScaleBar, Tool, View } from '#viewer/viewer-api.ts';

export interface PointerState {
  readonly at: Point; //                                       level-0 px
  readonly rgb: readonly [number, number, number] | undefined; // undefined off the slide, or before the tile is there
}

/** What the colours of objects stand for while they are not the run's classes. */
export interface ObjectClasses {
  readonly kind: string;
  readonly name: string; // whose classes they are
  readonly one: string; //  'nucleus'
  readonly many: string;
  readonly entries: readonly { readonly name: string; readonly color: string; readonly count: number }[];
}

export interface ViewState {
  readonly view: View | undefined; //       undefined while nothing is open
  readonly visible: Rect | undefined; //    level-0 bounding box of what is on screen
  readonly showsAll: boolean;
  readonly scaleBar: ScaleBar | undefined;
  readonly pointer: PointerState | undefined;
  readonly tool: Tool;
  readonly legend: Legend | undefined;
  readonly objectClasses: ObjectClasses | undefined;
  readonly display: Display | undefined; // how the slide is shown; undefined: as it is stored
  readonly byProfile: boolean; //           in the colours that the slide's ICC profile means, where it carries one
  readonly measured: { readonly lengthPx: number; readonly lengthUm: number | undefined } | undefined;
}

export const createViewStore = () =>
  createStore<ViewState>(() => ({
    view: undefined,
    visible: undefined,
    showsAll: true,
    scaleBar: undefined,
    pointer: undefined,
    tool: 'move',
    legend: undefined,
    objectClasses: undefined,
    display: undefined,
    byProfile: false,
    measured: undefined,
  }));

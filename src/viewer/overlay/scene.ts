// What is to be drawn over the slide, as plain values. The viewer changes it, the overlay reads it.
import type { ColourBy } from '#objects/colour-by.ts';
import type { ObjectKind } from '#objects/columns.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Selection } from '#objects/selection.ts';
import type { Point, Rect } from '#units/rect.ts';
import type {
  AnalysedParts,
  ClassMap,
  Gap,
  GridStyle,
  LayerStyle,
  ObjectSource,
  Outline,
  PatchGrid,
  PatchMap,
  PatchMapStyle,
  RegionMarks,
  Ruler,
  RunAreas,
  Selected,
  Swipe,
} from '../viewer-api.ts';

/** What a drag has drawn so far. */
export type Drawing =
  | { readonly tool: 'rectangle'; readonly from: Point; readonly to: Point } // opposite corners, level-0 px
  | { readonly tool: 'lasso'; readonly points: readonly Point[] } // level-0 px, closed by the last to the first
  | { readonly tool: 'polygon'; readonly points: readonly Point[]; readonly to: Point | undefined } // level-0 px; where the next corner would come
  | {
      readonly tool: 'brush';
      readonly points: readonly Point[];
      readonly radiusPx: number;
      readonly does: 'add' | 'subtract';
    }
  | { readonly tool: 'line'; readonly from: Point; readonly to: Point; readonly label: string };

export interface Scene {
  slide: Rect | undefined; // level-0 px: the whole of it
  readonly objects: Map<ObjectKind, ObjectSource>;
  readonly styles: Map<ObjectKind, LayerStyle>;
  readonly colourBy: Map<ObjectKind, ColourBy>;
  brushed: Selection | undefined;
  outlines: ReadonlyMap<string, Outline>;
  grid: { readonly grid: ValueGrid; readonly style: GridStyle } | undefined;
  patchMap: { readonly map: PatchMap; readonly style: PatchMapStyle } | undefined;
  swipe: Swipe | undefined;
  classMap: ClassMap | undefined;
  mark: Rect | undefined;
  tissue: 'auto' | 'stained';
  analysed: AnalysedParts | undefined; // undefined: all of the slide
  run: RunAreas | undefined;
  patchGrid: PatchGrid | undefined;
  region: RegionMarks | undefined;
  brushAt: { readonly at: Point; readonly radiusPx: number } | undefined; // the brush's outline under the pointer, level-0 px
  selected: Selected | undefined;
  rulers: readonly Ruler[];
  drawing: Drawing | undefined;
  gaps: readonly Gap[];
}

export const emptyScene = (): Scene => ({
  slide: undefined,
  objects: new Map(),
  styles: new Map(),
  colourBy: new Map(),
  brushed: undefined,
  outlines: new Map(),
  grid: undefined,
  patchMap: undefined,
  swipe: undefined,
  classMap: undefined,
  mark: undefined,
  tissue: 'auto',
  analysed: undefined,
  run: undefined,
  patchGrid: undefined,
  region: undefined,
  brushAt: undefined,
  selected: undefined,
  rulers: [],
  drawing: undefined,
  gaps: [],
});

/** The maps right of a divider that are not layers of their own. */
export const swipedMaps = (
  swipe: Swipe | undefined,
): { readonly swipeMap: PatchMap | undefined; readonly swipeGrid: ValueGrid | undefined } => ({
  swipeMap: swipe?.of === 'patchMap' ? swipe.map : undefined,
  swipeGrid: swipe?.of === 'grid' ? swipe.grid : undefined,
});

/** Everything that belongs to one slide goes; styles stay. */
export function clearScene(scene: Scene): void {
  scene.slide = undefined;
  scene.objects.clear();
  scene.colourBy.clear();
  scene.brushed = undefined;
  scene.outlines = new Map();
  scene.grid = undefined;
  scene.patchMap = undefined;
  scene.swipe = undefined;
  scene.classMap = undefined;
  scene.mark = undefined;
  scene.analysed = undefined;
  scene.run = undefined;
  scene.patchGrid = undefined;
  scene.region = undefined;
  scene.brushAt = undefined;
  scene.selected = undefined;
  scene.rulers = [];
  scene.drawing = undefined;
  scene.gaps = [];
}

const PLAIN: LayerStyle = { shown: true, opacity: 1, fill: false, stroke: true, classShown: [] };

export const styleOf = (scene: Scene, kind: ObjectKind): LayerStyle => scene.styles.get(kind) ?? PLAIN;

/** The rectangle between two opposite corners. */
export const spanned = ({ from, to }: { readonly from: Point; readonly to: Point }): Rect => ({
  x: Math.min(from.x, to.x),
  y: Math.min(from.y, to.y),
  width: Math.abs(to.x - from.x),
  height: Math.abs(to.y - from.y),
});

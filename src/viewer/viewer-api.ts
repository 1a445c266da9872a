// What a mounted slide viewer can do: types only, so that the app and the viewer meet here.
// Frames: "slide" coordinates are level-0 px; "screen" coordinates are CSS px from the element's top left corner.
import type { Waits } from '#channel/waits.ts';
import type { Failure } from '#errors/failure.ts';
import type { ColourBy } from '#objects/colour-by.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Selection } from '#objects/selection.ts';
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import type { Slide } from '#slide/slide.ts';
import type { Point, Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';

export interface View {
  readonly centre: Point; //                        level-0 px
  readonly zoom: number; //                         screen (CSS) px a level-0 px
  readonly magnification: number | undefined; //    10 / (µm a screen px); undefined while uncalibrated
  readonly rotation: number; //                     degrees clockwise, 0 to 360
  readonly flipped: boolean; //                     left to right on screen, after the rotation
}

/** Parts left out stay. `magnification` counts only where the slide is calibrated; `zoom` always, and wins. */
export interface ViewChange {
  readonly centre?: Point;
  readonly zoom?: number;
  readonly magnification?: number;
  readonly rotation?: number;
  readonly flipped?: boolean;
}

/**
 * What a drag does. 'rectangle' and 'polygon' draw what is to be analysed (a polygon by clicks, or freehand by a drag),
 * 'brush' paints tissue, 'line' measures a length, 'lasso' draws around tissue, 'selectBox' and 'selectLasso' choose objects;
 * 'move' also picks by a click.
 */
export type Tool = 'move' | 'rectangle' | 'polygon' | 'brush' | 'line' | 'lasso' | 'selectBox' | 'selectLasso';

/** A piece of a drawn region: instead of all that was drawn, with Shift in addition to it, with Alt taken away from it. */
export interface DrawnPiece {
  readonly does: 'replace' | 'add' | 'subtract';
  readonly ring: Float64Array<ArrayBuffer>; // x, y pairs, level-0 px, not closed; freehand simplified to 1 CSS px
}

/** What the brush has painted, with Alt taken away. */
export interface BrushStroke {
  readonly does: 'add' | 'subtract';
  readonly path: Float64Array<ArrayBuffer>; // x, y pairs, level-0 px
  readonly radiusPx: number; //                level-0 px
}

/** A corner of a drawn region that can be moved. */
export interface RegionCorner {
  readonly piece: number;
  readonly corner: number; // of the piece's ring
  readonly at: Point; //      level-0 px
}

/** A drawn region on screen: a solid cased white line that stays, and handles on its corners with the 'move' tool. */
export interface RegionMarks {
  readonly lines: readonly Float64Array[]; // x, y pairs, level-0 px, not closed by themselves
  readonly corners: readonly RegionCorner[];
  readonly label?: string; //             what it measures, in words
}

export interface PointerAt {
  readonly at: Point | undefined; //      level-0 px; undefined once the pointer has left
  /** The colour on screen there, 0 to 255 each; undefined off the slide. Costs a read-back: ask at most a few times a second. */
  colour(): readonly [number, number, number] | undefined;
}

/** A line from one slide point to another, with its length. */
export interface MeasuredLine {
  readonly from: Point; //                level-0 px
  readonly to: Point;
  readonly lengthPx: number; //           level-0 px
  readonly lengthUm: number | undefined;
}

export interface PickedPoint {
  readonly at: Point; //                  level-0 px
  readonly screen: Point; //              CSS px from the element's top left corner
}

/** A tile that would not be read; it is hatched and the coarser level shows beneath. */
export interface Gap {
  readonly level: number;
  readonly col: number;
  readonly row: number;
  readonly rect: Rect; //                 level-0 px
  readonly why: string;
  readonly tag: Failure['tag'];
}

export interface ViewerEvents {
  view: View; //                          after each drawn frame in which the view differs
  pointer: PointerAt;
  pick: PickedPoint; //                   a click or tap without a drag, with the 'move' tool
  piece: DrawnPiece; //                   a rectangle (clipped to the slide), a polygon or a freehand line was drawn
  corner: RegionCorner; //                a corner of the region was moved to `at`, by drag or key: at every step
  stroke: BrushStroke; //                 the brush was lifted
  line: MeasuredLine;
  lasso: Float64Array<ArrayBuffer>; //    a closed line was drawn: x, y pairs, level-0 px, its end not repeated
  chosen: DrawnPiece; //                  a box or a lasso was drawn around objects
  swipe: number; //                       the divider was moved: 0 to 1 of the width from the left
  tool: Tool; //                          the tool changed: also back to 'move' by Esc
  gaps: readonly Gap[]; //                all of the open slide's, whenever one is added
  legend: Legend; //                      whenever legend() would answer differently
  marks: Marks; //                        whenever something is drawn anew; mostly they are the same
}

/** Objects by column and a way to find the rows near a rectangle. After a change: a new `version`, and `setObjects` again. */
export interface ObjectSource {
  readonly columns: ObjectColumns;
  readonly version: number;
  readonly count?: number | undefined; // of the rows that are meant, where those are not all of the columns'
  /** [columns.count] 1 where a row was removed and is not to be drawn; left out where none was. `query` gives none of them. */
  readonly isGone?: Uint8Array | undefined;
  /** Rows whose bounding box meets the rectangle (level-0 px), ascending; the caller's own. */
  query(rect: Rect): Uint32Array;
  /** The longer side of a row's bounding box, level-0 px. */
  longest(row: number): number;
}

export interface LayerStyle {
  readonly shown: boolean;
  readonly opacity: number; //                0 to 1, of the whole layer
  readonly fill: boolean; //                  filled at any zoom; nuclei and cells are filled below 10× in any case
  readonly stroke: boolean; //                outlined
  readonly classShown: readonly boolean[]; // by classIndex; missing means shown
  readonly threshold?: number; //             objects of a lower probability are not drawn; 0 by default
  readonly colours?: readonly (string | undefined)[]; // by classIndex, instead of the class's own
  readonly colormap?: Exclude<Colormap, 'classes'>; //   of a measure that colours them; Viridis by default
}

export type Colormap = 'viridis' | 'cividis' | 'grey' | 'classes';

export interface GridStyle {
  readonly shown: boolean;
  readonly opacity: number; //                0 to 1; classes 0.42 and values 0.62 by default
  readonly threshold: number; //              cells below are not drawn; of a difference those nearer to nought
  readonly channel: 'argmax' | number; //     the strongest class of a cell, or one channel
  readonly colormap: Colormap | 'difference'; // 'classes' only with 'argmax'; 'difference': two hues about nought
  readonly range?: readonly [number, number]; // values of the first and last step; 0 to 1 by default
  readonly edges?: readonly number[]; //      [11] ascending, instead of a range: where each of the ten steps begins, and the last ends
  readonly scale?: string; //                 how the edges were found, as the legend says it: 'rank'
  readonly classShown?: readonly boolean[]; // by channel; missing means shown
  readonly interpolated?: boolean; //           values between the cells' centres; false by default, and never with 'argmax'
}

/** One value a patch, drawn on the patches' exact boxes: attention. After a change: a new object. */
export interface PatchMap {
  readonly name: string;
  readonly boxes: Float32Array; //  [n × 4] x, y, width, height, level-0 px
  readonly values: Float32Array; // [n]; NaN is not drawn
}

export interface PatchMapStyle {
  readonly shown: boolean;
  readonly opacity: number; //                  0 to 1; 0.62 by default
  readonly threshold: number; //                values below are not drawn
  readonly colormap: 'viridis' | 'cividis' | 'grey' | 'difference'; // 'difference': two hues from a pale middle
  readonly range: readonly [number, number]; // values of the first and last step
  readonly interpolated?: boolean; //           values between the patches' centres; false by default
}

/** Patches by class: what a head says of them, or what they were labelled. After a change: a new object. */
export interface ClassMap {
  readonly name: string;
  readonly boxes: Float32Array; //    [n × 4] x, y, width, height, level-0 px
  readonly classIndex: Uint8Array; // [n] into `classes`; UNSURE: in a dashed frame; UNSEEN: not drawn
  readonly labelled: Uint8Array; //   [n] 1: in a solid frame too
  readonly classes: readonly { readonly name: string; readonly color: string }[];
  readonly opacity: number; //        of the fills, 0 to 1; 0.42 by default
}
export const UNSURE = 254;
export const UNSEEN = 255;

/** A map to compare with: it shows on the right of a divider, which the user moves, and what it is compared with left of it. */
export type Swipe = Swiped & { readonly at: number }; // where the divider is, 0 to 1 of the width from the left

/** A second patch map, a second grid, or the patch map against the grid. */
export type Swiped =
  | { readonly of: 'patchMap'; readonly map: PatchMap; readonly style: PatchMapStyle }
  | { readonly of: 'grid'; readonly grid: ValueGrid; readonly style: GridStyle }
  | { readonly of: 'layers' };

/** What objects were looked for in. @see Viewer.setAnalysed */
export interface AnalysedParts {
  readonly boxes: Float32Array; // [n × 4] x, y, width, height, level-0 px, disjoint
  readonly version: number; //     another one where they changed
}

/** A run's patches, level-0 px. */
export interface RunAreas {
  readonly finished: readonly Rect[];
  readonly inWork: readonly Rect[];
  readonly failed: readonly Rect[];
}

/** The cores that a run's patches were cut to, and how many objects touch a seam of each. After a change: a new object. */
export interface PatchGrid {
  readonly cores: readonly Rect[]; //                    level-0 px
  readonly touching: readonly (number | undefined)[]; // by core; undefined: not counted yet
}

/** Closed lines over the slide: where tissue was found, what will be computed. Rings are x, y pairs, level-0 px, not closed. */
export interface Outline {
  readonly rings: readonly Float64Array[];
  readonly dashed: boolean;
  readonly hatched?: string; // hatched inside, and named so
}

export interface Selected {
  readonly kind: ObjectKind;
  readonly row: number;
}

/** A line that was measured, and stays. Level-0 px. */
export interface Ruler {
  readonly from: Point;
  readonly to: Point;
}

/** What marks places on the slide, as against the layers: it is the same in viewers side by side. */
export interface Marks {
  readonly region: RegionMarks | undefined;
  readonly outlines: ReadonlyMap<string, Outline>;
  readonly run: RunAreas | undefined;
  readonly patchGrid: PatchGrid | undefined;
  readonly selected: Selected | undefined;
  readonly brushed: Selection | undefined;
  readonly rulers: readonly Ruler[];
}

/**
 * What is drawn as one: a kind; or 'cells': where there are many annotations, those as small as cells, which are drawn as nuclei
 * are. 'annotations' are then the others.
 */
export type Part = ObjectKind | 'cells';

/** How a layer is drawn now; the app draws swatches and the legend from it. */
export interface LegendLayer {
  readonly kind: Part; // 'annotations' beside 'cells' only where those are density
  readonly upTo?: string | undefined; // of cells: the longest side of their boxes, '50 µm'
  readonly form: 'outlines' | 'fills' | 'discs' | 'density'; // nuclei and cells: fills below 10×, discs of their area below 5×, density below 2.5×
  readonly opacity: number;
  readonly classes: readonly { readonly name: string; readonly color: string; readonly shown: boolean }[];
  /** The measure that colours them. */
  readonly measure?:
    | {
        readonly name: string;
        readonly unit: string;
        readonly cell: string | undefined; // with 'density' the mean of each cell of this width is drawn: '64 µm'
        readonly entries: readonly LegendStep[];
      }
    | undefined;
  readonly threshold?: number | undefined; // where objects of a lower probability are left out
  /** With 'density', where no measure colours it: what the colours stand for. */
  readonly density: { readonly unit: 'per mm²' | 'per cell'; readonly entries: readonly LegendStep[] } | undefined;
}

/** A colour and the values it stands for. */
export interface LegendStep {
  readonly color: string;
  readonly from: number;
  readonly to: number;
}

export interface LegendGrid {
  readonly name: string;
  readonly opacity: number;
  readonly threshold: number;
  readonly greyTissue: boolean;
  readonly interpolated: boolean;
  readonly difference?: boolean | undefined; // threshold and values are of a difference
  /** One entry a class or a step; for steps `from` and `to` are the values it stands for. */
  readonly entries: readonly {
    readonly color: string;
    readonly label: string;
    readonly from?: number;
    readonly to?: number;
  }[];
}

export interface Legend {
  readonly layers: readonly LegendLayer[]; // shown ones only
  readonly grid: LegendGrid | undefined; //   while a map shows
  readonly patchMap: LegendGrid | undefined;
  /** While there is one: what shows left of it only, and what right of it; 'patchMap': the patch map above. */
  readonly divider?: { readonly left: 'grid' | 'patchMap'; readonly right: LegendGrid | 'patchMap' } | undefined;
  readonly classMap: ClassLegend | undefined;
  readonly colours?: string | undefined; //   what is done to the slide's own colours
}

export interface ClassLegend {
  readonly name: string;
  readonly opacity: number;
  readonly entries: readonly { readonly name: string; readonly color: string; readonly patches: number }[];
  readonly unsure: number; // patches
}

export interface ScaleBar {
  readonly lengthPx: number; //               CSS px, 60 to 150 or so
  readonly label: string; //                  '20 µm', '2 mm', '500 px' while uncalibrated
}

/** One slide on screen, with what is drawn over it. Everything but `open` and `setView` takes effect with the next frame. */
export interface Viewer extends Disposable {
  /**
   * Shows the slide, with what was scanned of it fitted or with `first` as its first view (nothing else is then read for the screen); resolves when
   * the tiles in view are drawn. What was open is closed first, with its layers.
   * The slide is lent: the viewer reads tiles until `close`, and never disposes it.
   */
  open(slide: Slide, waits: Waits, first?: ViewChange): Promise<void>;
  /** Shows nothing; running reads are aborted and all layers are dropped. */
  close(): void;
  /** What a pixel measures, from the slide at `open`; set anew once the user has calibrated. */
  setMpp(mpp: MppXY | undefined): void;

  view(): View;
  /** Resolves when the tiles in view are drawn. */
  setView(change: ViewChange, waits: Waits): Promise<void>;
  /** The same without waiting, and without a glide. */
  place(change: ViewChange): void;
  zoomTo(magnification: number): void; //     about the centre; nothing while uncalibrated
  zoomStep(direction: 1 | -1): void; //       to the next button's magnification; twice or half while uncalibrated
  fit(rect?: Rect): void; //                  the whole slide, or a rectangle in level-0 px
  rotate(degrees: number): void; //           clockwise on screen, added to the present rotation
  flip(): void; //                            left to right, and back
  /** A glide of 200 ms to a point, at the present zoom; at once where motion is not wanted. */
  glideTo(at: Point): void;
  /** The level-0 bounding box of what is on screen, clipped to the slide. */
  visibleRect(): Rect;
  toSlide(x: number, y: number): Point;
  toScreen(x: number, y: number): Point;
  scaleBar(): ScaleBar;
  /** True where the whole slide is on screen: the navigator would show nothing new. */
  showsAll(): boolean;

  tool(): Tool;
  setTool(tool: Tool): void;
  /** Lines of the 'line' tool stay, with ends that can be moved, until Delete on an end, this, or another slide. */
  clearDrawing(): void;

  setObjects(kind: ObjectKind, source: ObjectSource | undefined): void;
  setLayerStyle(kind: ObjectKind, style: LayerStyle): void;
  setGrid(grid: ValueGrid | undefined, style: GridStyle): void;
  setPatchMap(map: PatchMap | undefined, style: PatchMapStyle): void;
  setSwipe(swipe: Swipe | undefined): void;
  /** While it is there, no patch map is drawn. */
  setClassMap(map: ClassMap | undefined): void;
  /** 'auto' greys the tissue beneath a map (else pink would shift its colours); 'stained' never does. */
  setTissue(tone: 'auto' | 'stained'): void;
  /** The slide itself, beneath the layers. Opacity 0 to 1. */
  setSlide(style: { readonly shown: boolean; readonly opacity: number }): void;
  /** A CSS filter that the slide is shown through; layers and what a model reads stay as they are. '' takes it off. */
  setSlideFilter(filter: string): void;
  /**
   * The colours that the slide's profile means, in place of those that are stored; display only, too. Undefined takes
   * it off. It stays when another slide is opened.
   * @throws EosinError BadInput where the browser gives no WebGL 2
   */
  setColours(transform: ColourTransform | undefined): Promise<void>;
  setOutline(name: string, outline: Outline | undefined): void;
  setRegion(region: RegionMarks | undefined): void; // what was drawn to be analysed
  setBrushSize(px: number): void; //          its diameter, CSS px
  /** Of a density's cells that lie partly outside of these parts, the part within is drawn, as dense as it is. None: the slide. */
  setAnalysed(parts: AnalysedParts): void;
  setRun(areas: RunAreas | undefined): void;
  setPatchGrid(grid: PatchGrid | undefined): void; // lines and numbers, where patches are large enough on screen
  setSelection(selected: Selected | undefined): void; // corner brackets
  marks(): Marks;
  setMarks(marks: Marks): void; //            of another viewer of this slide
  /**
   * A viewer of the same slide that is on screen right of this one: it shows the slide and measures of objects in the same
   * colours, and a picture of what is on screen holds both.
   */
  setBeside(viewer: BesideViewer | undefined): void;
  setBrushed(brushed: Selection | undefined): void; //   white outlines around rows of the objects that were set last
  /** Values by row of the objects that were set last; undefined: by class again. */
  setColourBy(kind: ObjectKind, by: ColourBy | undefined): void;
  setMark(box: Rect | undefined): void; //    one patch, in a double frame; level-0 px
  legend(): Legend;
  /** Resolves once the layers show this view exactly: heavy ones are painted beside the page's thread. */
  settled(waits: Waits): Promise<void>;

  gaps(): readonly Gap[];
  /** Forgets failures and reads those tiles again. */
  retryGaps(): void;
  /** PNG of slide and overlays as on screen, with scale bar and legend, in device pixels. */
  snapshot(waits: Waits): Promise<Blob>;

  on<E extends keyof ViewerEvents>(event: E, listener: (value: ViewerEvents[E]) => void): () => void;
  /** Tells the listeners, as if it had happened in this viewer. */
  tell<E extends keyof ViewerEvents>(event: E, value: ViewerEvents[E]): void;
}

export type BesideViewer = Pick<Viewer, 'snapshot' | 'setSlideFilter' | 'setColours' | 'setColourBy'>;

// The tools of one viewer, what they have drawn so far, and what comes of it: events, or nothing after Esc.
import type OpenSeadragon from 'openseadragon';
import { intersect, isEmpty, type Point, type Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { Emitter } from './emitter.ts';
import { labelOf, measured } from './measure.ts';
import { type Drawing, type Scene, spanned } from './overlay/scene.ts';
import { RegionHandles } from './region-handles.ts';
import { simplified } from './simplify.ts';
import { Tools } from './tools.ts';
import type { DrawnPiece, RegionCorner, Ruler, Tool, ViewerEvents } from './viewer-api.ts';

export interface DrawnOn {
  readonly osd: OpenSeadragon.Viewer;
  readonly element: HTMLElement;
  readonly scene: Scene;
  readonly events: Emitter<ViewerEvents>;
  toSlide(x: number, y: number): Point;
  toScreen(x: number, y: number): Point;
  zoom(): number; //             CSS px a level-0 px
  slide(): Rect | undefined; //  undefined while none is open
  mpp(): MppXY | undefined;
  redraw(): void;
}

const FREEHAND_PX = 1; //  CSS px: a freehand line is kept as exactly as that
const BRUSH_PX = 48; //    CSS px, diameter at first

export class DrawingTools implements Disposable {
  readonly #on: DrawnOn;
  readonly #tools: Tools;
  readonly #handles: RegionHandles;
  readonly #ends: RegionHandles;
  #brushPx = BRUSH_PX;

  constructor(on: DrawnOn) {
    this.#on = on;
    this.#tools = new Tools(on.osd, on.element, {
      toSlide: ({ x, y }) => on.toSlide(x, y),
      drawing: (drawing) => this.#show(drawing),
      drawn: (drawing, does) => this.#finish(drawing, does),
      picked: (screen) => on.events.emit('pick', { at: on.toSlide(screen.x, screen.y), screen }),
      measure: (from, to) => labelOf(measured(from, to, on.mpp())),
      brushRadius: () => this.#brushRadius(),
    });
    this.#handles = new RegionHandles(
      on.element,
      {
        toSlide: (x, y) => on.toSlide(x, y),
        toScreen: (x, y) => on.toScreen(x, y),
        moved: (corner) => on.events.emit('corner', corner),
      },
      'Corners of the region',
    );
    this.#ends = new RegionHandles(
      on.element,
      {
        toSlide: (x, y) => on.toSlide(x, y),
        toScreen: (x, y) => on.toScreen(x, y),
        moved: (end) => this.#moveEnd(end),
        removed: ({ piece }) => this.#setRulers(on.scene.rulers.filter((_, k) => k !== piece)),
      },
      'Ends of measured lines, Delete takes a line away',
    );
  }

  get tool(): Tool {
    return this.#tools.tool;
  }

  set tool(tool: Tool) {
    if (tool === this.#tools.tool) return;
    this.#tools.tool = tool;
    this.#on.scene.brushAt = undefined;
    this.#show(undefined);
    this.showHandles();
    this.#on.events.emit('tool', tool);
  }

  setBrushSize(px: number): void {
    this.#brushPx = px;
    const { scene } = this.#on;
    if (scene.brushAt) this.hover(scene.brushAt.at);
  }

  #brushRadius(): number {
    return this.#brushPx / 2 / (this.#on.zoom() || 1);
  }

  /** Where the pointer is, level-0 px: the brush shows how large it is. */
  hover(at: Point | undefined): void {
    if (this.#tools.tool !== 'brush') return;
    this.#on.scene.brushAt = at && { at, radiusPx: this.#brushRadius() };
    this.#on.redraw();
  }

  /** The end of a measured line goes elsewhere; what it measures is told anew. */
  #moveEnd({ piece, corner, at }: RegionCorner): void {
    const { scene, events, mpp } = this.#on;
    const before = scene.rulers[piece];
    if (!before) return;
    const ruler = corner === 0 ? { ...before, from: at } : { ...before, to: at };
    this.#setRulers(scene.rulers.with(piece, ruler));
    events.emit('line', measured(ruler.from, ruler.to, mpp()));
  }

  #setRulers(rulers: readonly Ruler[]): void {
    this.#on.scene.rulers = rulers;
    this.showHandles();
    this.#on.redraw();
  }

  showHandles(): void {
    const { tool } = this.#tools;
    const ends = this.#on.scene.rulers.flatMap(({ from, to }, piece) => [
      { piece, corner: 0, at: from },
      { piece, corner: 1, at: to },
    ]);
    this.#ends.show(tool === 'move' || tool === 'line' ? ends : []);
    this.#handles.show(this.#tools.tool === 'move' ? (this.#on.scene.region?.corners ?? []) : []);
  }

  /** The view has moved. */
  place(): void {
    this.#handles.place();
    this.#ends.place();
  }

  /** The slide goes. */
  forget(): void {
    this.#tools.cancel();
    this.#handles.show([]);
    this.#ends.show([]);
  }

  /** What is being drawn goes, and all measured lines. */
  clear(): void {
    this.#show(undefined);
    this.#setRulers([]);
  }

  back(): boolean {
    return this.#tools.back();
  }

  close(): boolean {
    return this.#tools.close();
  }

  /** Esc: first what is being drawn, then what was, then the tool. */
  cancel(): boolean {
    if (this.#tools.cancel()) return true;
    if (this.#on.scene.drawing) {
      this.#show(undefined);
      return true;
    }
    if (this.#tools.tool === 'move') return false;
    this.tool = 'move';
    return true;
  }

  #show(drawing: Drawing | undefined): void {
    this.#on.scene.drawing = drawing;
    this.#on.redraw();
  }

  #finish(drawing: Drawing, does: DrawnPiece['does']): void {
    const { events, mpp, slide } = this.#on;
    const whole = slide();
    if (drawing.tool === 'line') {
      this.#show(undefined);
      this.#setRulers([...this.#on.scene.rulers, { from: drawing.from, to: drawing.to }]);
      events.emit('line', measured(drawing.from, drawing.to, mpp()));
      return;
    }
    this.#show(undefined);
    if (!whole) return;
    const { tool } = this.#tools;
    if (tool === 'selectLasso' && drawing.tool === 'lasso')
      events.emit('chosen', { does, ring: pairsOf(drawing.points) });
    else if (tool === 'selectBox' && drawing.tool === 'rectangle')
      events.emit('chosen', { does, ring: cornersOf(spanned(drawing)) });
    else if (drawing.tool === 'lasso') events.emit('lasso', pairsOf(drawing.points));
    else if (drawing.tool === 'brush') {
      const { points, radiusPx, does: paints } = drawing;
      events.emit('stroke', { does: paints, path: pairsOf(simplified(points, radiusPx / 16)), radiusPx });
    } else if (drawing.tool === 'polygon') {
      const points = simplified(drawing.points, FREEHAND_PX / this.#on.zoom());
      if (points.length > 2) events.emit('piece', { does, ring: pairsOf(points) });
    } else {
      const rect = intersect(spanned(drawing), whole);
      if (!isEmpty(rect)) events.emit('piece', { does, ring: cornersOf(rect) });
    }
  }

  [Symbol.dispose](): void {
    this.#handles[Symbol.dispose]();
    this.#ends[Symbol.dispose]();
  }
}

const pairsOf = (points: readonly Point[]): Float64Array<ArrayBuffer> =>
  Float64Array.from(points.flatMap(({ x, y }) => [x, y]));

/** Clockwise from the upper left. */
const cornersOf = ({ x, y, width, height }: Rect): Float64Array<ArrayBuffer> =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);

// What the pointer does: pick, draw, paint, measure; moving and zooming stay with OpenSeadragon.
import OpenSeadragon from 'openseadragon';
import type { Point } from '#units/rect.ts';
import type { Drawing } from './overlay/scene.ts';
import type { DrawnPiece, Tool } from './viewer-api.ts';

export interface ToolActions {
  toSlide(screen: Point): Point;
  drawing(drawing: Drawing | undefined): void;
  /** What was drawn is final; with Shift it adds to what was drawn before, with Alt it takes away. */
  drawn(drawing: Drawing, does: DrawnPiece['does']): void;
  picked(screen: Point): void;
  measure(from: Point, to: Point): string; // the length as a label
  brushRadius(): number; //                   level-0 px
}

/** A drag shorter than this is a click, and corners nearer than this are one. CSS px. */
const SHORTEST = 4;
const LEAST_CORNERS = 3;

export class Tools {
  readonly #canvas: HTMLElement;
  readonly #actions: ToolActions;
  #tool: Tool = 'move';
  #from: Point | undefined; //  level-0 px where the drag began
  #path: Point[] = []; //       level-0 px, of a free line so far
  #corners: Point[] = []; //    level-0 px, of a polygon that is drawn click by click
  #does: DrawnPiece['does'] = 'replace';
  #pressed: Point = { x: 0, y: 0 }; // CSS px
  #lastCorner: Point = { x: 0, y: 0 }; // CSS px
  #held = false; // Space: move for now

  constructor(osd: OpenSeadragon.Viewer, element: HTMLElement, actions: ToolActions) {
    this.#canvas = osd.canvas;
    this.#actions = actions;
    osd.addHandler('canvas-press', ({ position, originalEvent }) => this.#press(position, originalEvent));
    osd.addHandler('canvas-drag', (event) => {
      event.preventDefaultAction = this.#drag(event.position);
    });
    osd.addHandler('canvas-drag-end', (event) => {
      event.preventDefaultAction = this.#end(event.position);
    });
    osd.addHandler('canvas-click', ({ position: told, quick }) => {
      const position = onScreen(osd, told);
      if (quick && this.#tool === 'move') actions.picked(pointOf(position));
      if (this.#tool === 'brush') this.#end(position); // a dot; a drag has ended before
      if (this.#tool === 'polygon' && !this.#held && apart(position, this.#pressed) < SHORTEST) this.#corner(position);
    });
    osd.addHandler('canvas-double-click', () => this.close());
    element.addEventListener('pointermove', (event) => this.#hover(event));
    element.addEventListener('keydown', (event) => {
      if (event.key !== ' ' || this.#tool === 'move') return;
      event.preventDefault();
      this.#hold(true);
    });
    element.addEventListener('keyup', (event) => {
      if (event.key === ' ') this.#hold(false);
    });
    element.addEventListener('blur', () => this.#hold(false));
    this.#showCursor();
  }

  get tool(): Tool {
    return this.#tool;
  }

  set tool(tool: Tool) {
    this.#tool = tool;
    this.cancel();
    this.#showCursor();
  }

  /** Ends what is being drawn without a result. True where something was. */
  cancel(): boolean {
    const going = this.#from !== undefined || this.#corners.length > 0;
    this.#from = undefined;
    this.#corners = [];
    if (going) this.#actions.drawing(undefined);
    return going;
  }

  /** Takes the polygon's last corner back. True where one is being drawn. */
  back(): boolean {
    if (this.#corners.length === 0) return false;
    this.#corners = this.#corners.slice(0, -1);
    this.#lastCorner = { x: Number.NaN, y: Number.NaN }; // the next may come to the same place
    this.#showPolygon(undefined);
    return true;
  }

  /** Ends the polygon where it has an inside. True where one is being drawn. */
  close(): boolean {
    const points = this.#corners;
    if (points.length === 0) return false;
    if (points.length < LEAST_CORNERS) return true;
    this.#corners = [];
    this.#actions.drawn({ tool: 'polygon', points, to: undefined }, this.#does);
    return true;
  }

  #hold(held: boolean): void {
    this.#held = held;
    this.#showCursor();
  }

  #showCursor(): void {
    this.#canvas.style.cursor = this.#tool === 'move' || this.#held ? 'grab' : 'crosshair';
  }

  #press(position: Point, event: Event): void {
    this.#pressed = pointOf(position);
    const draws = this.#tool !== 'move' && !this.#held;
    this.#from = draws ? this.#actions.toSlide(position) : undefined;
    this.#path = this.#from ? [this.#from] : [];
    if (draws && this.#corners.length === 0) this.#does = meantBy(event);
  }

  #corner(position: Point): void {
    if (apart(position, this.#lastCorner) < SHORTEST && this.#corners.length > 0) return; // the second of a double click
    this.#from = undefined;
    this.#lastCorner = pointOf(position);
    this.#corners = [...this.#corners, this.#actions.toSlide(position)];
    this.#showPolygon(undefined);
  }

  #showPolygon(to: Point | undefined): void {
    const points = this.#corners;
    this.#actions.drawing(points.length > 0 ? { tool: 'polygon', points, to } : undefined);
  }

  #hover(event: PointerEvent): void {
    if (this.#corners.length === 0 || event.buttons !== 0) return;
    const { left, top } = this.#canvas.getBoundingClientRect();
    this.#showPolygon(this.#actions.toSlide({ x: event.clientX - left, y: event.clientY - top }));
  }

  #drawingTo(from: Point, position: Point): Drawing {
    const to = this.#actions.toSlide(position);
    switch (this.#tool) {
      case 'lasso':
      case 'selectLasso':
        return { tool: 'lasso', points: this.#pathTo(to) };
      case 'polygon':
        return { tool: 'polygon', points: [...this.#corners, ...this.#pathTo(to)], to: undefined };
      case 'brush': {
        const does = this.#does === 'subtract' ? 'subtract' : 'add';
        return { tool: 'brush', points: this.#pathTo(to), radiusPx: this.#actions.brushRadius(), does };
      }
      case 'line':
        return { tool: 'line', from, to, label: this.#actions.measure(from, to) };
      default:
        return { tool: 'rectangle', from, to };
    }
  }

  #pathTo(to: Point): readonly Point[] {
    this.#path.push(to);
    return [...this.#path];
  }

  /** True where the drag draws, so that the slide stays. */
  #drag(position: Point): boolean {
    if (!this.#from) return this.#tool !== 'move' && !this.#held; // cancelled in the middle: nothing moves
    this.#actions.drawing(this.#drawingTo(this.#from, position));
    return true;
  }

  #end(position: Point): boolean {
    if (!this.#from) return false;
    const drawing = this.#drawingTo(this.#from, position);
    this.#from = undefined;
    const isFar = apart(position, this.#pressed) >= SHORTEST;
    if (drawing.tool === 'polygon' && this.#corners.length > 0) {
      if (isFar) [this.#corners, this.#lastCorner] = [[...drawing.points], pointOf(position)]; // freehand between corners
      this.#showPolygon(undefined);
      return true;
    }
    // A free line may end where it began; the brush paints a dot.
    const isFree = drawing.tool === 'lasso' || drawing.tool === 'polygon';
    const counts = drawing.tool === 'brush' || (isFree ? drawing.points.length > LEAST_CORNERS : isFar);
    if (counts) this.#actions.drawn(drawing, this.#does);
    else this.#actions.drawing(undefined);
    return true;
  }
}

/** Shift adds, Alt takes away, as in QuPath. */
const meantBy = (event: Event): DrawnPiece['does'] => {
  if (!(event instanceof MouseEvent)) return 'replace';
  return event.altKey ? 'subtract' : event.shiftKey ? 'add' : 'replace';
};

const pointOf = ({ x, y }: Point): Point => ({ x, y });

const apart = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** A click of a flipped view is told mirrored (OpenSeadragon 6.1.1), unlike presses and drags. */
const onScreen = ({ viewport }: OpenSeadragon.Viewer, { x, y }: OpenSeadragon.Point): OpenSeadragon.Point =>
  new OpenSeadragon.Point(viewport.getFlip() ? viewport.getContainerSize().x - x : x, y);

// What the pointer does: pick, draw a rectangle, measure a line; moving and zooming stay with OpenSeadragon.
import type OpenSeadragon from 'openseadragon';
import type { Point } from '#units/rect.ts';
import type { Drawing } from './overlay/scene.ts';
import type { Tool } from './viewer-api.ts';

export interface ToolActions {
  toSlide(screen: Point): Point;
  drawing(drawing: Drawing | undefined): void;
  /** A drag has ended: what was drawn is final. */
  drawn(drawing: Drawing): void;
  picked(screen: Point): void;
  measure(from: Point, to: Point): string; // the length as a label
}

/** A drag shorter than this is a click. CSS px. */
const SHORTEST = 4;

export class Tools {
  readonly #canvas: HTMLElement;
  readonly #actions: ToolActions;
  #tool: Tool = 'move';
  #from: Point | undefined; // level-0 px where the drag began
  #path: Point[] = []; //      level-0 px, of a lasso so far
  #pressed: Point = { x: 0, y: 0 }; // CSS px
  #held = false; // Space: move for now

  constructor(osd: OpenSeadragon.Viewer, element: HTMLElement, actions: ToolActions) {
    this.#canvas = osd.canvas;
    this.#actions = actions;
    osd.addHandler('canvas-press', (event) => this.#press(event.position));
    osd.addHandler('canvas-drag', (event) => {
      event.preventDefaultAction = this.#drag(event.position);
    });
    osd.addHandler('canvas-drag-end', (event) => {
      event.preventDefaultAction = this.#end(event.position);
    });
    osd.addHandler('canvas-click', (event) => {
      if (event.quick && this.#tool === 'move') actions.picked(pointOf(event.position));
    });
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

  /** Ends a drag without a result. True where one was going on. */
  cancel(): boolean {
    const going = this.#from !== undefined;
    this.#from = undefined;
    if (going) this.#actions.drawing(undefined);
    return going;
  }

  #hold(held: boolean): void {
    this.#held = held;
    this.#showCursor();
  }

  #showCursor(): void {
    this.#canvas.style.cursor = this.#tool === 'move' || this.#held ? 'grab' : 'crosshair';
  }

  #press(position: Point): void {
    this.#pressed = pointOf(position);
    const draws = this.#tool !== 'move' && !this.#held;
    this.#from = draws ? this.#actions.toSlide(position) : undefined;
    this.#path = this.#from ? [this.#from] : [];
  }

  #drawingTo(from: Point, position: Point): Drawing {
    const to = this.#actions.toSlide(position);
    if (this.#tool === 'lasso') return { tool: 'lasso', points: (this.#path = [...this.#path, to]) };
    if (this.#tool === 'line') return { tool: 'line', from, to, label: this.#actions.measure(from, to) };
    return { tool: 'rectangle', from, to };
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
    const far = Math.hypot(position.x - this.#pressed.x, position.y - this.#pressed.y) >= SHORTEST;
    const long = drawing.tool === 'lasso' ? drawing.points.length > 3 : far; // a lasso ends where it began
    if (long) this.#actions.drawn(drawing);
    else this.#actions.drawing(undefined);
    return true;
  }
}

const pointOf = ({ x, y }: Point): Point => ({ x, y });

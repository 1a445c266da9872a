// Handles on the corners of what is drawn, a region or a measured line: dragged, or moved by the arrow keys.
import type { Point } from '#units/rect.ts';
import type { RegionCorner } from './viewer-api.ts';

const STEP = 1; //       CSS px by one press of an arrow; ten times as far with Shift
const SIDE = 24; //      CSS px of what can be hit

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export interface HandleActions {
  toSlide(x: number, y: number): Point;
  toScreen(x: number, y: number): Point;
  moved(corner: RegionCorner): void;
  removed?(corner: RegionCorner): void; // Delete was pressed on it
}

export class RegionHandles implements Disposable {
  readonly #host: HTMLElement;
  readonly #actions: HandleActions;
  readonly #box = document.createElement('div');
  #corners: readonly RegionCorner[] = [];
  #handles: HTMLElement[] = [];

  /** @param name of the group, as it is read out */
  constructor(host: HTMLElement, actions: HandleActions, name: string) {
    this.#host = host;
    this.#actions = actions;
    this.#box.setAttribute('role', 'group');
    this.#box.setAttribute('aria-label', `${name}: arrows move one, Page Up and Page Down go to another`);
    this.#box.style.cssText = 'position:absolute;inset:0;pointer-events:none;z-index:2;overflow:hidden';
  }

  /** None takes them off the slide. Handles stay the same elements while corners move, so that focus and drag go on. */
  show(corners: readonly RegionCorner[]): void {
    this.#corners = corners;
    while (this.#handles.length > corners.length) this.#handles.pop()?.remove();
    while (this.#handles.length < corners.length) this.#add(this.#handles.length);
    for (const [k, handle] of this.#handles.entries()) {
      handle.setAttribute('aria-label', `Corner ${k + 1} of ${corners.length}`);
    }
    if (corners.length === 0) this.#box.remove();
    else if (!this.#box.isConnected) this.#host.append(this.#box);
    this.place();
  }

  /** The view has moved. */
  place(): void {
    for (const [k, { at }] of this.#corners.entries()) {
      const { x, y } = this.#actions.toScreen(at.x, at.y);
      const handle = this.#handles[k];
      if (handle) handle.style.transform = `translate(${x - SIDE / 2}px, ${y - SIDE / 2}px)`;
    }
  }

  #add(k: number): void {
    const handle = document.createElement('button');
    handle.type = 'button';
    handle.tabIndex = k === 0 ? 0 : -1;
    handle.dataset.corner = String(k);
    // A white square over a black one, in the middle of an area that is large enough to be hit.
    handle.style.cssText =
      `position:absolute;left:0;top:0;width:${SIDE}px;height:${SIDE}px;pointer-events:auto;touch-action:none;cursor:move;` +
      'padding:0;border:0;background:linear-gradient(#fff,#fff) 8px 8px/8px 8px no-repeat,linear-gradient(#000,#000) 7px 7px/10px 10px no-repeat';
    handle.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener('pointermove', (event) => {
      event.stopPropagation();
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const { left, top } = this.#host.getBoundingClientRect();
      this.#moveTo(k, { x: event.clientX - left, y: event.clientY - top });
    });
    handle.addEventListener('keydown', (event) => this.#onKey(k, event));
    this.#handles.push(handle);
    this.#box.append(handle);
  }

  #onKey(k: number, event: KeyboardEvent): void {
    const next = { PageDown: 1, PageUp: -1 }[event.key];
    const step = ARROWS[event.key];
    const corner = this.#corners[k];
    const removes = event.key === 'Delete' && this.#actions.removed !== undefined;
    if (!corner || !(next || step || removes)) return;
    event.preventDefault();
    event.stopPropagation();
    if (next) this.#handles[(k + next + this.#handles.length) % this.#handles.length]?.focus();
    if (removes) this.#actions.removed?.(corner);
    if (!step) return;
    const { x, y } = this.#actions.toScreen(corner.at.x, corner.at.y);
    const far = event.shiftKey ? 10 : 1;
    this.#moveTo(k, { x: x + far * step[0], y: y + far * step[1] });
  }

  #moveTo(k: number, { x, y }: Point): void {
    const corner = this.#corners[k];
    if (corner) this.#actions.moved({ ...corner, at: this.#actions.toSlide(x, y) });
  }

  [Symbol.dispose](): void {
    this.#box.remove();
  }
}

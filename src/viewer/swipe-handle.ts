// The divider between two maps: dragged, or moved by the arrow keys.

const STEP = 0.02; // of the width, by one press of an arrow

export class SwipeHandle implements Disposable {
  readonly #host: HTMLElement;
  #at = 0.5; // of the width
  readonly #line = document.createElement('div');

  /** @param onMove gets where it was moved to, 0 to 1 of the width */
  constructor(host: HTMLElement, onMove: (at: number) => void) {
    this.#host = host;
    const line = this.#line;
    line.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: 'slider',
      'aria-label': 'Divider between two maps',
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-orientation': 'horizontal',
      'data-swipe': '',
    }))
      line.setAttribute(name, value);
    // A white core over a black casing, in the middle of a strip that is wide enough to be hit.
    line.style.cssText =
      'position:absolute;top:0;bottom:0;width:24px;margin-left:-12px;cursor:ew-resize;touch-action:none;z-index:2;' +
      'background:linear-gradient(#fff,#fff) 11px 0/2px 100% no-repeat,linear-gradient(#000,#000) 10px 0/4px 100% no-repeat';
    const moveTo = (at: number): void => onMove(Math.min(1, Math.max(0, at)));
    const at = (event: PointerEvent): number => {
      const { left, width } = host.getBoundingClientRect();
      return (event.clientX - left) / width;
    };
    line.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      line.setPointerCapture(event.pointerId);
    });
    line.addEventListener('pointermove', (event) => {
      event.stopPropagation();
      if (line.hasPointerCapture(event.pointerId)) moveTo(at(event));
    });
    line.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      moveTo(this.#at + step);
    });
  }

  /** Undefined takes it off the slide. */
  show(at: number | undefined): void {
    if (at === undefined) {
      this.#line.remove();
      return;
    }
    this.#at = at;
    this.#line.style.left = `${100 * at}%`;
    this.#line.setAttribute('aria-valuenow', String(Math.round(100 * at)));
    if (!this.#line.isConnected) this.#host.append(this.#line);
  }

  [Symbol.dispose](): void {
    this.#line.remove();
  }
}

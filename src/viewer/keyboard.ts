// Keys of the focused slide that are no commands. A key that did something is marked as handled, so that the page's own keys leave it alone.

export interface KeyActions {
  panBy(x: number, y: number): void; // CSS px
  /** True where there was something to cancel. */
  cancel(): boolean;
  /** Ends the polygon that is being drawn. True where there is one. */
  close(): boolean;
  /** Takes its last corner back. */
  back(): boolean;
}

const PAN = 60; // CSS px a press; four times as far with Shift

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function handle(event: KeyboardEvent, actions: KeyActions): boolean {
  const arrow = ARROWS[event.key];
  if (arrow) {
    const far = event.shiftKey ? 4 * PAN : PAN;
    actions.panBy(arrow[0] * far, arrow[1] * far);
    return true;
  }
  switch (event.key) {
    case 'Escape':
      return actions.cancel();
    case 'Enter':
      return actions.close();
    case 'Backspace':
      return actions.back();
    default:
      return false;
  }
}

/** Listens until the returned function is called. */
export function bindKeys(element: HTMLElement, actions: KeyActions): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (handle(event, actions)) event.preventDefault();
  };
  element.addEventListener('keydown', onKey);
  return () => element.removeEventListener('keydown', onKey);
}

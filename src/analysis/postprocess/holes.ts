// Holes: what an object encloses within its bounding box.

/** Pixels of a labelled picture, both ends inclusive. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * Marks what lies outside `number` in its box: 0 outside (4-connected to beyond the box), 1 the object, 2 enclosed.
 * @returns [(h + 2) × (w + 2)] with a border of one pixel outside; a view of a buffer that the next call reuses
 */
export type HoleFinder = (labels: Int32Array | Uint8Array, width: number, box: PixelBox, number: number) => Uint8Array;

export function createHoleFinder(): HoleFinder {
  let cells = new Uint8Array(0);
  let queue = new Int32Array(0);
  return (labels, width, box, number) => {
    const w = box.x1 - box.x0 + 3;
    const h = box.y1 - box.y0 + 3;
    const size = w * h;
    if (size > cells.length) {
      cells = new Uint8Array(size);
      queue = new Int32Array(size);
    }
    cells.fill(2, 0, size);
    for (let y = box.y0; y <= box.y1; y++) {
      let at = (y - box.y0 + 1) * w + 1;
      for (let i = y * width + box.x0, end = i + w - 2; i < end; i++, at++) if (labels[i] === number) cells[at] = 1;
    }
    cells[0] = 0;
    queue[0] = 0;
    let filled = 1;
    for (let done = 0; done < filled; done++) {
      const at = queue[done] ?? 0;
      const x = at % w;
      if (at >= w && cells[at - w] === 2) {
        cells[at - w] = 0;
        queue[filled++] = at - w;
      }
      if (x > 0 && cells[at - 1] === 2) {
        cells[at - 1] = 0;
        queue[filled++] = at - 1;
      }
      if (x < w - 1 && cells[at + 1] === 2) {
        cells[at + 1] = 0;
        queue[filled++] = at + 1;
      }
      if (at < size - w && cells[at + w] === 2) {
        cells[at + w] = 0;
        queue[filled++] = at + w;
      }
    }
    return cells.subarray(0, size);
  };
}

/** Gives what `number` encloses and nobody owns to it. Objects inside keep their pixels. */
export function fillHoles(
  find: HoleFinder,
  labels: Int32Array | Uint8Array,
  width: number,
  box: PixelBox,
  number: number,
): void {
  const cells = find(labels, width, box, number);
  const w = box.x1 - box.x0 + 3;
  for (let y = box.y0; y <= box.y1; y++) {
    let at = (y - box.y0 + 1) * w + 1;
    for (let i = y * width + box.x0, end = i + w - 2; i < end; i++, at++) {
      if (cells[at] === 2 && labels[i] === 0) labels[i] = number;
    }
  }
}

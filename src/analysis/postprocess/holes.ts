// Holes: what an object encloses within its bounding box.
import { Numbers, RunComponents } from './runs.ts';

/** Pixels of a labelled picture, both ends inclusive. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Runs of pixels as indices of a picture, in raster order. */
export interface FoundRuns {
  readonly from: Numbers;
  readonly to: Numbers; // behind the last pixel
}

/**
 * The pixels in a box that no way over sides (corners do not count) leads out of without crossing `number`: those of
 * other objects too.
 * @param origin index of the pixel (0, 0), to which the box refers
 * @returns lent: the next call writes over it
 */
export type HoleFinder = (
  labels: Int32Array | Uint8Array,
  origin: number,
  stride: number,
  box: PixelBox,
  number: number,
) => FoundRuns;

/** By the components of what the object leaves of the box: holes are those that do not meet its edge. */
export function createHoleFinder(): HoleFinder {
  const around = new RunComponents();
  const isOpen = new Numbers(); // [components + 1] 1: leads out of the box
  const found = { from: new Numbers(), to: new Numbers() };
  return (labels, origin, stride, box, number) => {
    around.clear();
    found.from.length = 0;
    found.to.length = 0;
    const [first, width] = [origin + box.y0 * stride + box.x0, box.x1 - box.x0 + 1];
    const rows = box.y1 - box.y0 + 1;
    for (let row = 0; row < rows; row++) {
      around.rowStart.push(around.length);
      let i = first + row * stride;
      for (const end = i + width; i < end; ) {
        while (i < end && labels[i] === number) i++;
        if (i === end) break;
        around.from.push(i);
        while (i < end && labels[i] !== number) i++;
        around.to.push(i);
      }
    }
    around.rowStart.push(around.length);
    around.join(stride);
    isOpen.hold(around.count + 1);
    isOpen.at.fill(0, 0, around.count + 1);
    const [from, to, component, rowStart] = [around.from.at, around.to.at, around.number.at, around.rowStart.at];
    for (let row = 0, r = 0; row < rows; row++) {
      const left = first + row * stride;
      for (const end = rowStart[row + 1] ?? 0; r < end; r++) {
        const isAtEdge = row === 0 || row === rows - 1 || from[r] === left || to[r] === left + width;
        if (isAtEdge) isOpen.at[component[r] ?? 0] = 1;
      }
    }
    for (let r = 0; r < around.length; r++) {
      if (isOpen.at[component[r] ?? 0] === 1) continue;
      found.from.push(from[r] ?? 0);
      found.to.push(to[r] ?? 0);
    }
    return found;
  };
}

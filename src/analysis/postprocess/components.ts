// 4-connected components of a mask.
import { RunComponents } from './runs.ts';

export interface Components {
  readonly labels: Int32Array<ArrayBuffer>; // [height × width] 0 is background; numbers in raster order of first pixels
  readonly areas: Int32Array<ArrayBuffer>; //  [count + 1] pixels by number; areas[0] is 0
  readonly count: number;
}

/** `mask` is row-major; every value but 0 counts. */
export function labelComponents(mask: Uint8Array, width: number, height: number): Components {
  const runs = new RunComponents();
  for (let y = 0, i = 0; y < height; y++) {
    runs.rowStart.push(runs.length);
    for (const end = i + width; i < end; i++) {
      if (mask[i] === 0) continue;
      runs.from.push(i);
      while (i < end && mask[i] !== 0) i++;
      runs.to.push(i);
    }
    i = (y + 1) * width;
  }
  runs.rowStart.push(runs.length);
  runs.join(width);
  const labels = new Int32Array(width * height);
  for (let r = 0; r < runs.length; r++) labels.fill(runs.number.at[r] ?? 0, runs.from.at[r] ?? 0, runs.to.at[r] ?? 0);
  return { labels, areas: runs.area.at.slice(0, runs.count + 1), count: runs.count };
}

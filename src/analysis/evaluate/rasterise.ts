import { type ObjectColumns, ringOf } from '#objects/columns.ts';

/** Outlines → label picture: a pixel whose centre lies inside ring i is i + 1; where rings overlap the later row wins. */
export function rasterise(columns: ObjectColumns, width: number, height: number): Int32Array<ArrayBuffer> {
  const labels = new Int32Array(width * height);
  const crossings: number[] = [];
  for (let i = 0; i < columns.count; i++) {
    const ring = ringOf(columns, i);
    let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = 1; k < ring.length; k += 2) {
      top = Math.min(top, ring[k] ?? 0);
      bottom = Math.max(bottom, ring[k] ?? 0);
    }
    const last = Math.min(height - 1, Math.floor(bottom));
    for (let y = Math.max(0, Math.floor(top)); y <= last; y++) {
      crossings.length = 0;
      for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
        const [ay, by] = [ring[before + 1] ?? 0, ring[k + 1] ?? 0];
        if (ay > y + 0.5 === by > y + 0.5) continue;
        const [ax, bx] = [ring[before] ?? 0, ring[k] ?? 0];
        crossings.push(ax + ((y + 0.5 - ay) / (by - ay)) * (bx - ax));
      }
      crossings.sort((a, b) => a - b);
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const from = Math.max(0, Math.ceil((crossings[k] ?? 0) - 0.5));
        const to = Math.min(width, Math.ceil((crossings[k + 1] ?? 0) - 0.5));
        if (from < to) labels.fill(i + 1, y * width + from, y * width + to);
      }
    }
  }
  return labels;
}

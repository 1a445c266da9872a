/**
 * Priority flood from markers, without lines between the basins: pixels are taken lowest level first, first come first
 * served within a level; neighbours up, left, right, down. As skimage.segmentation.watershed(level, markers, mask) does
 * (Soille and Ansoult, 1990), with buckets instead of a heap.
 * @param labels [height × width] markers on entry (numbers above 0 within the mask), basins on return
 * @param level [height × width] 0 up to `levels` - 1
 */
export function flood(
  labels: Int32Array,
  mask: Uint8Array,
  level: Uint16Array,
  levels: number,
  width: number,
  height: number,
): void {
  const size = width * height;
  const next = new Int32Array(size); // the pixel behind this one in its bucket; -1 ends it
  const heads = new Int32Array(levels).fill(-1);
  const tails = new Int32Array(levels);
  let lowest = levels;
  const push = (i: number): void => {
    const at = level[i] ?? 0;
    next[i] = -1;
    if (heads[at] === -1) heads[at] = i;
    else next[tails[at] ?? 0] = i;
    tails[at] = i;
    if (at < lowest) lowest = at;
  };
  const isFree = (i: number): boolean => mask[i] !== 0 && labels[i] === 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (labels[i] === 0) continue;
      const borders =
        (y > 0 && isFree(i - width)) ||
        (x > 0 && isFree(i - 1)) ||
        (x < width - 1 && isFree(i + 1)) ||
        (y < height - 1 && isFree(i + width));
      if (borders) push(i);
    }
  }
  while (lowest < levels) {
    const i = heads[lowest] ?? -1;
    if (i === -1) {
      lowest++;
      continue;
    }
    heads[lowest] = next[i] ?? -1;
    const label = labels[i] ?? 0;
    const x = i % width;
    if (i >= width && isFree(i - width)) {
      labels[i - width] = label;
      push(i - width);
    }
    if (x > 0 && isFree(i - 1)) {
      labels[i - 1] = label;
      push(i - 1);
    }
    if (x < width - 1 && isFree(i + 1)) {
      labels[i + 1] = label;
      push(i + 1);
    }
    if (i < size - width && isFree(i + width)) {
      labels[i + width] = label;
      push(i + width);
    }
  }
}

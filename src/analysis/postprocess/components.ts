// 4-connected components of a mask.

export interface Components {
  readonly labels: Int32Array<ArrayBuffer>; // [height × width] 0 is background; numbers in raster order of first pixels
  readonly areas: Int32Array<ArrayBuffer>; //  [count + 1] pixels by number; areas[0] is 0
  readonly count: number;
}

/** `mask` is row-major; every value but 0 counts. */
export function labelComponents(mask: Uint8Array, width: number, height: number): Components {
  const labels = new Int32Array(width * height);
  let parents = new Int32Array(1024);
  let last = 0;
  for (let y = 0, i = 0; y < height; y++) {
    let left = 0;
    for (let x = 0; x < width; x++, i++) {
      if (mask[i] === 0) {
        left = 0;
        continue;
      }
      const up = y > 0 ? (labels[i - width] ?? 0) : 0;
      if (left === 0) {
        if (up !== 0) left = up;
        else {
          left = ++last;
          if (last === parents.length) {
            const grown = new Int32Array(2 * last);
            grown.set(parents);
            parents = grown;
          }
          parents[left] = left;
        }
      } else if (up !== 0 && up !== left) join(parents, left, up);
      labels[i] = left;
    }
  }
  let count = 0;
  for (let n = 1; n <= last; n++) parents[n] = parents[n] === n ? ++count : (parents[parents[n] ?? 0] ?? 0);
  const areas = new Int32Array(count + 1);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    if (label === 0) continue;
    const number = parents[label] ?? 0;
    labels[i] = number;
    areas[number] = (areas[number] ?? 0) + 1;
  }
  return { labels, areas, count };
}

/** The root of `a`, the least number of its set; halves the path on its way. */
export function rootOf(parents: Int32Array, a: number): number {
  let n = a;
  for (let p = parents[n] ?? n; p !== n; p = parents[n] ?? n) {
    const above = parents[p] ?? p;
    parents[n] = above;
    n = above;
  }
  return n;
}

/** Joins two sets under the lesser root, which is returned. */
export function join(parents: Int32Array, a: number, b: number): number {
  const [ra, rb] = [rootOf(parents, a), rootOf(parents, b)];
  const root = Math.min(ra, rb);
  parents[Math.max(ra, rb)] = root;
  return root;
}

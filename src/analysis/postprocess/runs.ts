// Runs of pixels: what components are made of. A picture of tissue has a hundred times fewer runs than pixels.

/** A list of whole numbers that grows and is used again. */
export class Numbers {
  at = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.at.length) this.hold(this.length + 1);
    this.at[this.length++] = value;
  }

  copy(): Numbers {
    const made = new Numbers();
    made.at = this.at.slice();
    made.length = this.length;
    return made;
  }

  /** Room for `length`; what is there already stays. */
  hold(length: number): void {
    if (length <= this.at.length) return;
    const grown = new Int32Array(Math.max(length, 2 * this.at.length));
    grown.set(this.at);
    this.at = grown;
  }
}

/** Runs of one kind in raster order, and the 4-connected components they form. */
export class RunComponents {
  readonly from = new Numbers(); //     first pixel of a run, an index of the picture
  readonly to = new Numbers(); //       behind its last pixel
  readonly rowStart = new Numbers(); // [rows + 1] into both
  /** [runs] After `join`: the component, from 1, in raster order of first pixels. */
  readonly number = new Numbers();
  /** [components + 1] pixels by number; the first is 0. */
  readonly area = new Numbers();
  count = 0; //                         components

  clear(): void {
    for (const list of [this.from, this.to, this.rowStart, this.number, this.area]) list.length = 0;
    this.count = 0;
  }

  get length(): number {
    return this.from.length;
  }

  /** Union by least run (Rosenfeld and Pfaltz, 1966, on runs). `stride`: pixels from one row to the next. */
  join(stride: number): void {
    const [from, to, rowStart] = [this.from.at, this.to.at, this.rowStart.at];
    const runs = this.from.length;
    this.number.hold(runs);
    this.number.length = runs;
    const parents = this.number.at;
    for (let r = 0; r < runs; r++) parents[r] = r;
    for (let y = 1; y + 1 < this.rowStart.length; y++) {
      let a = rowStart[y - 1] ?? 0;
      let b = rowStart[y] ?? 0;
      const [aEnd, bEnd] = [b, rowStart[y + 1] ?? 0];
      while (a < aEnd && b < bEnd) {
        const aTo = (to[a] ?? 0) + stride;
        const bTo = to[b] ?? 0;
        if ((from[a] ?? 0) + stride < bTo && (from[b] ?? 0) < aTo) join(parents, a, b);
        if (aTo < bTo) a++;
        else b++;
      }
    }
    this.#count(parents, runs);
  }

  /** Roots come before their runs, so one pass forward turns parents into numbers. */
  #count(parents: Int32Array, runs: number): void {
    this.area.length = 0;
    this.area.push(0);
    const [from, to] = [this.from.at, this.to.at];
    for (let r = 0; r < runs; r++) {
      const parent = parents[r] ?? r;
      const pixels = (to[r] ?? 0) - (from[r] ?? 0);
      if (parent === r) {
        this.area.push(pixels);
        parents[r] = this.area.length - 1;
        continue;
      }
      const number = parents[parent] ?? 0;
      parents[r] = number;
      this.area.at[number] = (this.area.at[number] ?? 0) + pixels;
    }
    this.count = this.area.length - 1;
  }
}

/** Joins two sets under the lesser root, which is returned. */
export function join(parents: Int32Array, a: number, b: number): number {
  const [ra, rb] = [rootOf(parents, a), rootOf(parents, b)];
  const root = Math.min(ra, rb);
  parents[Math.max(ra, rb)] = root;
  return root;
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

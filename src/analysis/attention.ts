// Attention pooling of a bag of patches (Ilse et al. 2018, as HistoTransfer uses it): a patch has one attention logit a and
// class logits z; the slide's logits are Σ softmax(a)·z. From kept a and z alone any part of a slide is pooled anew.

/** What an attention model said of patches, row by row. */
export interface Attended {
  readonly attention: Float32Array; // [rows] raw logits
  readonly patch: Float32Array; //     [rows × classes] logits
  readonly classes: number;
}

/** 1 leaves a row out; without it all rows count. */
export type LeftOut = Uint8Array | undefined;

/** Softmax pooling patch by patch: a running maximum and sum, so a slide of any size needs no second pass. */
export class AttentionPool {
  #most = Number.NEGATIVE_INFINITY;
  #sum = 0; //                       of exp(a - most)
  readonly #weighted: Float64Array; // of exp(a - most)·z, by class
  #count = 0;

  constructor(classes: number) {
    this.#weighted = new Float64Array(classes);
  }

  get count(): number {
    return this.#count;
  }

  /** @param logits of the patch are logits[at], logits[at + 1], … one a class */
  add(attention: number, logits: ArrayLike<number>, at = 0): void {
    this.#raise(attention);
    const weight = Math.exp(attention - this.#most);
    this.#sum += weight;
    for (let k = 0; k < this.#weighted.length; k++) {
      this.#weighted[k] = (this.#weighted[k] ?? 0) + weight * (logits[at + k] ?? 0);
    }
    this.#count++;
  }

  /** Takes in all that another pool of as many classes has seen. */
  merge(other: AttentionPool): void {
    if (other.#count === 0) return;
    this.#raise(other.#most);
    const scale = Math.exp(other.#most - this.#most);
    this.#sum += scale * other.#sum;
    for (let k = 0; k < this.#weighted.length; k++) {
      this.#weighted[k] = (this.#weighted[k] ?? 0) + scale * (other.#weighted[k] ?? 0);
    }
    this.#count += other.#count;
  }

  /** Logits of the slide, one a class; undefined where no patch was added. */
  slideLogits(): Float64Array<ArrayBuffer> | undefined {
    return this.#count === 0 ? undefined : Float64Array.from(this.#weighted, (sum) => sum / this.#sum);
  }

  #raise(attention: number): void {
    if (attention <= this.#most) return;
    const scale = Math.exp(this.#most - attention);
    this.#sum *= scale;
    for (let k = 0; k < this.#weighted.length; k++) this.#weighted[k] = (this.#weighted[k] ?? 0) * scale;
    this.#most = attention;
  }
}

export interface Pooled {
  /** [rows] softmax of the attention over the rows that count; 0 where a row is left out. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** [classes] probabilities of the slide; undefined where every row is left out. */
  readonly prediction: Float64Array<ArrayBuffer> | undefined;
}

export function pooled({ attention, patch, classes }: Attended, leftOut: LeftOut): Pooled {
  const pool = new AttentionPool(classes);
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < attention.length; i++) {
    if (leftOut?.[i] === 1) continue;
    const a = attention[i] ?? 0;
    pool.add(a, patch, i * classes);
    if (a > most) most = a;
  }
  const weights = new Float32Array(attention.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (leftOut?.[i] === 1) continue;
    const weight = Math.exp((attention[i] ?? 0) - most);
    weights[i] = weight;
    sum += weight;
  }
  if (sum > 0) for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) / sum;
  const logits = pool.slideLogits();
  return { weights, prediction: logits && softmax(logits) };
}

function softmax(logits: Float64Array): Float64Array<ArrayBuffer> {
  const most = Math.max(...logits);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * How attention is shown. Raw: the softmax weights, which over thousands of patches look cold everywhere. Min–max: the
 * logits between the least and the most attended patch. Percentiles: the logits between their 2nd and 98th percentile, so that
 * a few patches do not take the whole range; those beyond it lie below 0 or above 1. Rank: the order alone, as a share of the patches.
 */
export type AttentionScale = 'raw' | 'minmax' | 'percentiles' | 'rank';

export interface Scaled {
  readonly values: Float32Array<ArrayBuffer>; // [rows]; NaN where a row is left out
  readonly range: readonly [number, number]; //  of the colour map's first and last step
}

export function scaled(
  attention: Float32Array,
  weights: Float32Array,
  scale: AttentionScale,
  leftOut: LeftOut,
): Scaled {
  const values = new Float32Array(attention.length).fill(Number.NaN);
  const rows = countedRows(attention.length, leftOut);
  const at = (from: Float32Array, row: number): number => from[row] ?? 0;
  if (scale === 'raw') {
    let most = 0;
    for (const row of rows) {
      values[row] = at(weights, row);
      most = Math.max(most, at(weights, row));
    }
    return { values, range: [0, most > 0 ? most : 1] };
  }
  if (scale === 'minmax' || scale === 'percentiles') {
    const counted = Float32Array.from(rows, (row) => at(attention, row));
    const [least, most] = scale === 'minmax' ? extremesOf(counted) : innerRange(counted.sort());
    const span = most - least;
    for (const row of rows) values[row] = span > 0 ? (at(attention, row) - least) / span : 0.5;
    return { values, range: [0, 1] };
  }
  // Equal attention gets equal rank, the mean of the places it holds, so that the order of rows does not show.
  const ordered = rows.sort((a, b) => at(attention, a) - at(attention, b));
  for (let from = 0; from < ordered.length; ) {
    const logit = at(attention, ordered[from] ?? 0);
    let to = from;
    while (to < ordered.length && at(attention, ordered[to] ?? 0) === logit) to++;
    for (let k = from; k < to; k++) values[ordered[k] ?? 0] = (from + to) / 2 / ordered.length;
    from = to;
  }
  return { values, range: [0, 1] };
}

function extremesOf(values: Float32Array): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

const TAIL = 0.02; // of the patches on either side

/** @param ascending [n] */
const innerRange = (ascending: Float32Array): readonly [number, number] => [
  quantile(ascending, TAIL),
  quantile(ascending, 1 - TAIL),
];

/** Linear between two values, as NumPy's. @param ascending [n] */
function quantile(ascending: Float32Array, share: number): number {
  const place = share * (ascending.length - 1);
  const [low, high] = [ascending[Math.floor(place)] ?? 0, ascending[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** The k rows of most or least attention, that one first; equal ones by row. */
export function mostAttended(attention: Float32Array, k: number, end: 'most' | 'least', leftOut: LeftOut): number[] {
  const sign = end === 'most' ? -1 : 1;
  const by = (a: number, b: number): number => sign * ((attention[a] ?? 0) - (attention[b] ?? 0)) || a - b;
  return Array.from(countedRows(attention.length, leftOut).sort(by).subarray(0, k));
}

/** How many patches, the most attended first, hold half of the attention. */
export function shareOfHalf(weights: Float32Array): number {
  const falling = Float32Array.from(weights).sort().reverse();
  let sum = 0;
  for (const [index, weight] of falling.entries()) {
    sum += weight;
    if (sum >= 0.5) return index + 1;
  }
  return falling.length;
}

/**
 * 1 for each box whose centre lies in the ring, even-odd.
 * @param boxes [rows × 4] x, y, width, height, level-0 px
 * @param ring  x, y pairs, level-0 px, not closed
 */
export function boxesInside(boxes: Float32Array, ring: Float64Array): Uint8Array<ArrayBuffer> {
  const inside = new Uint8Array(boxes.length / 4);
  for (let i = 0; i < inside.length; i++) {
    const x = (boxes[4 * i] ?? 0) + (boxes[4 * i + 2] ?? 0) / 2;
    const y = (boxes[4 * i + 1] ?? 0) + (boxes[4 * i + 3] ?? 0) / 2;
    inside[i] = isInside(ring, x, y) ? 1 : 0;
  }
  return inside;
}

function isInside(ring: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [ring[i] ?? 0, ring[i + 1] ?? 0, ring[j] ?? 0, ring[j + 1] ?? 0];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function countedRows(rows: number, leftOut: LeftOut): Uint32Array<ArrayBuffer> {
  const counted = new Uint32Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) if (leftOut?.[i] !== 1) counted[count++] = i;
  return counted.slice(0, count);
}

// How the values of some objects are spread.

export interface Summary {
  readonly known: number; //   values that are no NaN
  readonly unknown: number;
  readonly mean: number; //    NaN where none is known, as all that follow
  readonly sd: number; //      of the objects themselves, not of a population they might be drawn from
  readonly quantiles: Readonly<Record<'min' | 'p5' | 'p25' | 'median' | 'p75' | 'p95' | 'max', number>>;
}

const SHARES = { min: 0, p5: 0.05, p25: 0.25, median: 0.5, p75: 0.75, p95: 0.95, max: 1 } as const;

/**
 * Of rows in ascending order of their values, NaN last (`ascendingRows`, or some of those). Quantiles are linear between
 * two values (Hyndman and Fan's type 7, as NumPy's). Borrows all.
 */
export function summaryOf(values: Float32Array, ascending: ArrayLike<number>): Summary {
  let known = ascending.length;
  while (known > 0 && Number.isNaN(values[ascending[known - 1] ?? 0])) known--;
  let [mean, squares] = [0, 0];
  for (let k = 0; k < known; k++) {
    const value = values[ascending[k] ?? 0] ?? 0;
    const off = value - mean;
    mean += off / (k + 1);
    squares += off * (value - mean);
  }
  const at = (share: number): number => quantileOf(values, ascending, known, share);
  return {
    known,
    unknown: ascending.length - known,
    mean: known > 0 ? mean : Number.NaN,
    sd: known > 0 ? Math.sqrt(squares / known) : Number.NaN,
    quantiles: {
      min: at(SHARES.min),
      p5: at(SHARES.p5),
      p25: at(SHARES.p25),
      median: at(SHARES.median),
      p75: at(SHARES.p75),
      p95: at(SHARES.p95),
      max: at(SHARES.max),
    },
  };
}

/** @param known how many of the rows, from the first on, have a value @param share 0 to 1 */
export function quantileOf(values: Float32Array, ascending: ArrayLike<number>, known: number, share: number): number {
  if (known === 0) return Number.NaN;
  const place = share * (known - 1);
  const low = Math.floor(place);
  const value = (k: number): number => values[ascending[Math.min(known - 1, k)] ?? 0] ?? Number.NaN;
  return value(low) + (place - low) * (value(low + 1) - value(low));
}

export interface Histogram {
  readonly low: number; //                            where the first bin begins
  readonly high: number; //                           where the last one ends
  readonly counts: Uint32Array<ArrayBuffer>; //       [bins]; a value on an edge belongs to the bin above it
  readonly below: number; //                          values beyond the ends
  readonly above: number;
}

/** Of the given rows, or of all. The last bin holds its upper end too. */
export function histogramOf(
  values: Float32Array,
  { low, high, bins }: { readonly low: number; readonly high: number; readonly bins: number },
  rows?: ArrayLike<number>,
): Histogram {
  const counts = new Uint32Array(bins);
  let [below, above] = [0, 0];
  const scale = bins / (high - low);
  const n = rows?.length ?? values.length;
  for (let k = 0; k < n; k++) {
    const value = values[rows ? (rows[k] ?? 0) : k] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (value < low) below++;
    else if (value > high) above++;
    else {
      const bin = Math.min(bins - 1, Math.floor((value - low) * scale));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { low, high, counts, below, above };
}

/** Steps that people read easily, about `wanted` of them between two values: 1, 2, 2.5 or 5 times a power of ten. */
export function niceSteps(
  low: number,
  high: number,
  wanted: number,
): { readonly first: number; readonly step: number } {
  const raw = high > low ? (high - low) / wanted : 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= raw * 0.999) ?? 10);
  return { first: Math.floor(low / step + 1e-9) * step, step };
}

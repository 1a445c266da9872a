// The object Hausdorff distance of the GlaS challenge (Sirinukunwattana et al., 2017). As in models/eosin_models/metrics.py.

export type Labels = Int32Array | Uint32Array | Uint16Array;

/**
 * Each object's distance to the other picture's object that shares most pixels with it, or where none does to the one
 * that is nearest by this distance; times the object's own pixels, summed. In pixels; with nothing on the other side,
 * the picture's diagonal. For few, large objects: every object costs a distance transform of the picture.
 */
export function objectHausdorff(
  truth: Labels,
  predicted: Labels,
  width: number,
): { readonly byTruth: number; readonly byPredicted: number } {
  const height = truth.length / width;
  const [a, b] = [objectsOf(truth, width, height), objectsOf(predicted, width, height)];
  const diagonal = Math.hypot(width, height);
  return { byTruth: summed(a, b, predicted, diagonal), byPredicted: summed(b, a, truth, diagonal) };
}

interface LabelledObject {
  readonly label: number;
  readonly pixels: readonly number[]; // indices
  readonly away: Float64Array; //        [height × width] squared distance of each pixel to the nearest of the object's
}

function objectsOf(labels: Labels, width: number, height: number): LabelledObject[] {
  const pixels = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    if (label === 0) continue;
    const known = pixels.get(label);
    if (known) known.push(i);
    else pixels.set(label, [i]);
  }
  return [...pixels]
    .sort(([a], [b]) => a - b)
    .map(([label, of]) => ({ label, pixels: of, away: squaredDistances(of, width, height) }));
}

function summed(own: LabelledObject[], other: LabelledObject[], otherLabels: Labels, diagonal: number): number {
  let total = 0;
  for (const object of own) {
    const met = mostShared(object, otherLabels);
    const candidates = met === undefined ? other : other.filter(({ label }) => label === met);
    let least = diagonal ** 2;
    for (const one of candidates) least = Math.min(least, Math.max(furthest(object, one), furthest(one, object)));
    total += object.pixels.length * Math.sqrt(least);
  }
  return total;
}

/** The other picture's label under most of the object's pixels; of equals the smallest. Undefined where it meets none. */
function mostShared({ pixels }: LabelledObject, labels: Labels): number | undefined {
  const counts = new Map<number, number>();
  for (const pixel of pixels) {
    const label = labels[pixel] ?? 0;
    if (label !== 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return best?.[0];
}

/** Squared, from a pixel of `from` to the nearest of `to`. */
function furthest(from: LabelledObject, to: LabelledObject): number {
  let most = 0;
  for (const pixel of from.pixels) most = Math.max(most, to.away[pixel] ?? 0);
  return most;
}

/** Exact, in two passes of lower envelopes of parabolas (Felzenszwalb and Huttenlocher, 2012). */
function squaredDistances(pixels: readonly number[], width: number, height: number): Float64Array {
  const far = (width + height) ** 2; // further than any two pixels
  const out = new Float64Array(width * height).fill(far);
  for (const pixel of pixels) out[pixel] = 0;
  for (let x = 0; x < width; x++) lowerEnvelope(out, x, width, height);
  for (let y = 0; y < height; y++) lowerEnvelope(out, y * width, 1, width);
  return out;
}

/** In place, `count` values from `start`, `step` apart: min over j of value[j] + (i - j)². */
function lowerEnvelope(values: Float64Array, start: number, step: number, count: number): void {
  const f = Float64Array.from({ length: count }, (_, i) => values[start + i * step] ?? 0);
  const apex = new Int32Array(count); //         of the parabolas that are lowest somewhere, left to right
  const from = new Float64Array(count + 1); //   where each begins to be
  let last = 0;
  from[0] = Number.NEGATIVE_INFINITY;
  from[1] = Number.POSITIVE_INFINITY;
  for (let i = 1; i < count; i++) {
    let cross = crossing(f, apex[last] ?? 0, i);
    while (cross <= (from[last] ?? 0)) cross = crossing(f, apex[--last] ?? 0, i);
    apex[++last] = i;
    from[last] = cross;
    from[last + 1] = Number.POSITIVE_INFINITY;
  }
  for (let i = 0, k = 0; i < count; i++) {
    while ((from[k + 1] ?? 0) < i) k++;
    const j = apex[k] ?? 0;
    values[start + i * step] = (f[j] ?? 0) + (i - j) ** 2;
  }
}

const crossing = (f: Float64Array, a: number, b: number): number =>
  ((f[b] ?? 0) + b * b - ((f[a] ?? 0) + a * a)) / (2 * (b - a));

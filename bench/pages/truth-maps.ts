// What a network that is nearly right would say of one window of a synthetic slide: the truth, softened and a little wrong.
import { random } from '#objects/testing/random.ts';
import { labelImage } from '#phantom/label-image.ts';
import { Plan, UM_PER_PX } from '#phantom/plan.ts';
import { shapesTouching } from '#phantom/truth.ts';
import type { Rect } from '#units/rect.ts';

/** Packed maps of one window: background + 256 inner + 65536 contour; types: 8 bits each of the first three classes. */
export interface WindowMaps {
  readonly nuclei: Int32Array<ArrayBuffer>; // [fine × fine] 0.25 µm a pixel
  readonly types: Int32Array<ArrayBuffer>; //  [coarse × coarse] 1 µm a pixel
  readonly glands: Int32Array<ArrayBuffer>; // [coarse × coarse]
  readonly lumina: Int32Array<ArrayBuffer>; // [coarse × coarse]
  readonly fine: number;
  readonly coarse: number;
}

/** Truth of many windows of one slide, whose plan is made once. */
export function windowsOf(seed: number): (x: number, y: number, fine: number) => WindowMaps {
  const plan = new Plan(seed);
  return (x, y, fine) => {
    const coarse = fine / 4;
    const region = { x, y, width: fine, height: fine };
    const next = random(seed + x + 7 * y);
    const nuclei = shapesTouching(plan, 'nuclei', region);
    const paint = (rings: readonly Float64Array[], side: number, downsample: number) =>
      labelImage(rings, region, downsample, side, side).ids;
    const rings = (kind: 'glands' | 'lumina') => shapesTouching(plan, kind, region).map(({ ring }) => ring);
    return {
      nuclei: softened(
        paint(
          nuclei.map(({ ring }) => ring),
          fine,
          1,
        ),
        fine,
        next,
        2,
      ),
      types: typesOf(nuclei, region, coarse),
      glands: softened(paint(rings('glands'), coarse, 4), coarse, next, 3),
      lumina: softened(paint(rings('lumina'), coarse, 4), coarse, next, 1),
      fine,
      coarse,
    };
  };
}

/** A window of tissue: level-0 px of its corner, in the middle of the slide, where every seed has tissue. */
export const MIDDLE = { x: 47_600, y: 37_600 };
export const FINE_PX = 512 / UM_PER_PX;

/** Labels → inner and contour with soft edges and a wobble, in 8 bits; `ring` pixels on either side of an edge are contour. */
function softened(
  ids: Uint16Array<ArrayBuffer>,
  side: number,
  next: () => number,
  ring: number,
): Int32Array<ArrayBuffer> {
  const inner = new Float32Array(ids.length);
  const contour = new Float32Array(ids.length);
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      const id = ids[i] ?? 0;
      if (id === 0) continue;
      let isEdge = false;
      for (let d = 1; d <= ring && !isEdge; d++) {
        isEdge =
          (x >= d && ids[i - d] !== id) ||
          (x < side - d && ids[i + d] !== id) ||
          (y >= d && ids[i - d * side] !== id) ||
          (y < side - d && ids[i + d * side] !== id);
      }
      if (isEdge) contour[i] = 1;
      else inner[i] = 1;
    }
  }
  blur(inner, side);
  blur(contour, side);
  const wobble = Float32Array.from(ids, () => next() - 0.5);
  for (let times = 0; times < 4; times++) blur(wobble, side);
  return Int32Array.from(ids, (_, i) => {
    const by = (wobble[i] ?? 0) * 0.5;
    const a = Math.min(1, Math.max(0, (inner[i] ?? 0) * (0.97 + by)));
    const b = Math.min(1 - a, Math.max(0, (contour[i] ?? 0) * (0.97 - by)));
    const [within, edge] = [Math.round(255 * a), Math.floor(255 * b)];
    return 255 - within - edge + 256 * within + 65536 * edge;
  });
}

/** Binomial, 1 2 1 in both directions, in place. */
function blur(values: Float32Array, side: number): void {
  for (const [step, line] of [
    [1, side],
    [side, 1],
  ] as const) {
    for (let k = 0; k < side; k++) {
      let before = values[k * line] ?? 0;
      for (let i = k * line, n = 0; n < side; n++, i += step) {
        const own = values[i] ?? 0;
        const after = n < side - 1 ? (values[i + step] ?? 0) : own;
        values[i] = (before + 2 * own + after) / 4;
        before = own;
      }
    }
  }
}

/** The class of the nucleus at each coarse pixel; nothing where there is none, which is the fourth's value. */
function typesOf(
  nuclei: readonly { ring: Float64Array; classIndex: number }[],
  region: Rect,
  side: number,
): Int32Array<ArrayBuffer> {
  const { ids, from } = labelImage(
    nuclei.map(({ ring }) => ring),
    region,
    region.width / side,
    side,
    side,
  );
  return Int32Array.from(ids, (id) => {
    const classIndex = id === 0 ? 3 : (nuclei[from[id - 1] ?? 0]?.classIndex ?? 3);
    return classIndex < 3 ? 220 << (8 * classIndex) : 30;
  });
}

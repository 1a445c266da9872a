// One gland and its lumina, worked out in a window of the mosaic that holds all that can matter to it.
import type { GlandsPostprocess, LuminaPostprocess } from '#inference/manifest.ts';
import { labelComponents } from './components.ts';
import { createTracer } from './contour.ts';
import { createHoleFinder, fillHoles, type PixelBox } from './holes.ts';

const TOLERANCE_PX = 0.5; // of outlines, mosaic px

/** A window of the mosaic. `owner`: 1 the gland's seeds, 2 those of others, 0 none. */
export interface Crop {
  readonly width: number;
  readonly height: number;
  readonly owner: Uint8Array<ArrayBuffer>;
  readonly glands: Uint8Array<ArrayBuffer>; //             inner + contour
  readonly lumina: Uint8Array<ArrayBuffer> | undefined; // likewise
}

/** Frame: pixels of the crop. */
export interface Shape {
  readonly pixels: number;
  readonly probability: number; //                 0 to 1
  readonly x: number; //                           mean of pixel centres
  readonly y: number;
  readonly ring: Float64Array<ArrayBuffer>;
}

export interface GlandSettings {
  readonly um: number; //                          a mosaic px
  readonly glands: GlandsPostprocess;
  readonly lumina: LuminaPostprocess | undefined;
}

export const growSteps = ({ um, glands }: GlandSettings): number => Math.round(glands.growUm / um);

/** @returns nothing where the gland is smaller than allowed. The crop is used up. */
export function outlineGland(
  crop: Crop,
  settings: GlandSettings,
): { readonly gland: Shape; readonly lumina: Shape[] } | undefined {
  const { owner, width, height } = crop;
  grow(crop, settings.glands.foreground, growSteps(settings));
  const box = boxOf(owner, width, height);
  const own = owner.slice(); // without holes: what the probability is the mean of
  const find = createHoleFinder();
  fillOwnHoles(crop, box);
  const trace = createTracer();
  const gland = shapeOf(owner, 1, box, own, crop.glands, width);
  const pixelUm2 = settings.um ** 2;
  if (!gland || gland.pixels * pixelUm2 < settings.glands.minAreaUm2) return undefined;
  const ring = trace(owner, width, height, 1, gland.first, TOLERANCE_PX);
  const found: Shape[] = [];
  const { lumina } = settings;
  if (crop.lumina && lumina) {
    const mask = new Uint8Array(width * height);
    for (let i = 0; i < mask.length; i++) {
      if (owner[i] === 1 && (crop.lumina[i] ?? 0) >= lumina.foreground) mask[i] = 1;
    }
    const { labels, areas, count } = labelComponents(mask, width, height);
    const isKept = Uint8Array.from(areas, (pixels) => Number(pixels * pixelUm2 >= lumina.minAreaUm2));
    isKept[0] = 0;
    const boxes: (PixelBox | undefined)[] = [];
    for (let y = box.y0; y <= box.y1; y++) {
      for (let x = box.x0; x <= box.x1; x++) {
        const i = y * width + x;
        const n = labels[i] ?? 0;
        if (n === 0) continue;
        if (isKept[n] === 0) {
          labels[i] = 0;
          continue;
        }
        const so = boxes[n] ?? { x0: x, y0: y, x1: x, y1: y };
        boxes[n] = { x0: Math.min(so.x0, x), y0: so.y0, x1: Math.max(so.x1, x), y1: y };
      }
    }
    for (let n = 1; n <= count; n++) {
      const around = boxes[n];
      if (!around) continue;
      fillHoles(find, labels, width, around, n);
      const lumen = shapeOf(labels, n, around, mask, crop.lumina, width);
      if (lumen) found.push({ ...lumen, ring: trace(labels, width, height, n, lumen.first, TOLERANCE_PX) });
    }
  }
  return { gland: { ...gland, ring }, lumina: found };
}

/** Breadth first from all seeds at once, in raster order; neighbours up, left, right, down; first to arrive owns. */
function grow({ owner, glands, width, height }: Crop, foreground: number, steps: number): void {
  const isFree = (i: number): boolean => owner[i] === 0 && (glands[i] ?? 0) >= foreground;
  let frontier: number[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (owner[i] === 0) continue;
      const borders =
        (y > 0 && isFree(i - width)) ||
        (x > 0 && isFree(i - 1)) ||
        (x < width - 1 && isFree(i + 1)) ||
        (y < height - 1 && isFree(i + width));
      if (borders) frontier.push(i);
    }
  }
  for (let step = 0; step < steps; step++) {
    const reached: number[] = [];
    for (const i of frontier) {
      const x = i % width;
      const take = (to: number): void => {
        if (!isFree(to)) return;
        owner[to] = owner[i] ?? 0;
        reached.push(to);
      };
      if (i >= width) take(i - width);
      if (x > 0) take(i - 1);
      if (x < width - 1) take(i + 1);
      if (i < owner.length - width) take(i + width);
    }
    frontier = reached;
  }
}

/** What the gland encloses becomes its own, save other glands and what they enclose in turn. */
function fillOwnHoles({ owner, width }: Crop, box: PixelBox): void {
  const w = box.x1 - box.x0 + 3;
  const at = (x: number, y: number): number => (y - box.y0 + 1) * w + (x - box.x0 + 1);
  const cells = createHoleFinder()(owner, width, box, 1);
  const nested = new Uint8Array(owner.length); // other glands that lie within this one
  let isNested = false;
  for (let y = box.y0; y <= box.y1; y++) {
    for (let x = box.x0; x <= box.x1; x++) {
      if (cells[at(x, y)] !== 2 || owner[y * width + x] !== 2) continue;
      nested[y * width + x] = 1;
      isNested = true;
    }
  }
  const theirs = isNested ? createHoleFinder()(nested, width, box, 1) : undefined;
  for (let y = box.y0; y <= box.y1; y++) {
    for (let x = box.x0; x <= box.x1; x++) {
      const i = y * width + x;
      if (owner[i] === 0 && cells[at(x, y)] === 2 && theirs?.[at(x, y)] !== 2) owner[i] = 1;
    }
  }
}

function boxOf(owner: Uint8Array, width: number, height: number): PixelBox {
  let [x0, y0, x1, y1] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (owner[i] !== 1) continue;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = y;
    }
  }
  return { x0, y0, x1, y1 };
}

/** Sums over one object; the probability over those of its pixels that `counted` marks with 1 or more. */
function shapeOf(
  labels: Int32Array | Uint8Array,
  number: number,
  box: PixelBox,
  counted: Uint8Array,
  values: Uint8Array,
  width: number,
): (Omit<Shape, 'ring'> & { first: number }) | undefined {
  let [pixels, sumX, sumY, sum, n, first] = [0, 0, 0, 0, 0, -1];
  for (let y = box.y0; y <= box.y1; y++) {
    for (let i = y * width + box.x0, x = box.x0; x <= box.x1; x++, i++) {
      if (labels[i] !== number) continue;
      if (first < 0) first = i;
      pixels++;
      sumX += x;
      sumY += y;
      if ((counted[i] ?? 0) === 0) continue;
      sum += values[i] ?? 0;
      n++;
    }
  }
  if (pixels === 0) return undefined;
  return { pixels, probability: n === 0 ? 0 : sum / n / 255, x: sumX / pixels + 0.5, y: sumY / pixels + 0.5, first };
}

// Nuclei of one patch: packed maps → instances. The steps are those of models/eosin_models/postprocess.py.
import type { NucleiPostprocess } from '#inference/manifest.ts';
import { labelComponents } from './components.ts';
import { createHoleFinder, fillHoles, type PixelBox } from './holes.ts';
import { flood } from './watershed.ts';

const FINE = 16; //            integer steps of one unit of probability (0 to 255) after upsampling
const TOP = 255 * FINE;

/** A picture of instances: pixel values are 0 or a number up to `count`; numbers may have gaps. */
export interface Instances {
  readonly labels: Int32Array<ArrayBuffer>; //      [height × width]
  readonly foreground: Uint16Array<ArrayBuffer>; // [height × width] inner + contour, 0 to 4080
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly boxes: Int32Array<ArrayBuffer>; //       [count + 1][x0, y0, x1, y1] inclusive; x1 < x0 where there is none
}

/**
 * @param packed [height × width] background + 256 inner + 65536 contour
 * @param mpp µm a pixel of the map
 */
export function segmentNuclei(
  packed: Int32Array,
  width: number,
  height: number,
  mpp: number,
  settings: NucleiPostprocess,
): Instances {
  const up = settings.upsample;
  const [w, h] = [up * width, up * height];
  const { inner, foreground } = up === 2 ? upsampledTwice(packed, width, height) : atSameSize(packed);
  const pixelUm2 = (mpp / up) ** 2;
  const mask = new Uint8Array(w * h);
  const seeds = new Uint8Array(w * h);
  const [least, leastInner] = [settings.foreground * FINE, settings.marker * FINE];
  for (let i = 0; i < mask.length; i++) {
    const level = inner[i] ?? 0;
    inner[i] = TOP - level; // from here on the level of the flood
    if ((foreground[i] ?? 0) < least) continue;
    mask[i] = 1;
    if (level >= leastInner) seeds[i] = 1;
  }
  const markers = labelComponents(seeds, w, h);
  const wholes = labelComponents(mask, w, h);
  const { labels } = markers;
  const isMarked = new Uint8Array(wholes.count + 1);
  for (let i = 0; i < labels.length; i++) {
    const marker = labels[i] ?? 0;
    if (marker === 0) continue;
    if ((markers.areas[marker] ?? 0) * pixelUm2 < settings.minMarkerUm2) labels[i] = 0;
    else isMarked[wholes.labels[i] ?? 0] = 1;
  }
  for (let i = 0; i < labels.length; i++) {
    const whole = wholes.labels[i] ?? 0;
    if (whole !== 0 && isMarked[whole] === 0) labels[i] = whole + markers.count;
  }
  flood(labels, mask, inner, TOP + 1, w, h);
  const count = markers.count + wholes.count;
  const boxes = boxesOf(labels, w, h, count);
  const find = createHoleFinder();
  for (let n = 1; n <= count; n++) {
    const box = boxAt(boxes, n);
    if (box) fillHoles(find, labels, w, box, n);
  }
  return { labels, foreground, width: w, height: h, count, boxes };
}

export function boxAt(boxes: Int32Array, number: number): PixelBox | undefined {
  const at = 4 * number;
  const box = { x0: boxes[at] ?? 0, y0: boxes[at + 1] ?? 0, x1: boxes[at + 2] ?? -1, y1: boxes[at + 3] ?? -1 };
  return box.x1 < box.x0 ? undefined : box;
}

function boxesOf(labels: Int32Array, width: number, height: number, count: number): Int32Array<ArrayBuffer> {
  const boxes = new Int32Array(4 * (count + 1));
  for (let n = 0; n <= count; n++) {
    boxes[4 * n] = width;
    boxes[4 * n + 1] = height;
    boxes[4 * n + 2] = -1;
    boxes[4 * n + 3] = -1;
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = 4 * (labels[i] ?? 0);
      if (at === 0) continue;
      if (x < (boxes[at] ?? 0)) boxes[at] = x;
      if (y < (boxes[at + 1] ?? 0)) boxes[at + 1] = y;
      if (x > (boxes[at + 2] ?? 0)) boxes[at + 2] = x;
      boxes[at + 3] = y;
    }
  }
  return boxes;
}

interface Maps {
  readonly inner: Uint16Array<ArrayBuffer>; //      0 to 4080
  readonly foreground: Uint16Array<ArrayBuffer>; // 0 to 4080
}

const innerOf = (packed: number): number => (packed >> 8) & 255;
const foregroundOf = (packed: number): number => Math.min(255, ((packed >> 8) & 255) + ((packed >> 16) & 255));

function atSameSize(packed: Int32Array): Maps {
  const inner = new Uint16Array(packed.length);
  const foreground = new Uint16Array(packed.length);
  for (let i = 0; i < packed.length; i++) {
    const value = packed[i] ?? 0;
    inner[i] = FINE * innerOf(value);
    foreground[i] = FINE * foregroundOf(value);
  }
  return { inner, foreground };
}

/** Bilinear at half-pixel centres with clamped edges: weights 9, 3, 3, 1 of 16, kept as whole numbers. */
function upsampledTwice(packed: Int32Array, width: number, height: number): Maps {
  const inner = new Uint16Array(4 * packed.length);
  const foreground = new Uint16Array(4 * packed.length);
  for (let y = 0, o = 0; y < 2 * height; y++) {
    const near = (y >> 1) * width;
    const far = Math.min(height - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * width;
    for (let x = 0; x < 2 * width; x++, o++) {
      const cx = x >> 1;
      const fx = Math.min(width - 1, Math.max(0, cx + (x & 1 ? 1 : -1)));
      const [a, b, c, d] = [
        packed[near + cx] ?? 0,
        packed[near + fx] ?? 0,
        packed[far + cx] ?? 0,
        packed[far + fx] ?? 0,
      ];
      inner[o] = 9 * innerOf(a) + 3 * (innerOf(b) + innerOf(c)) + innerOf(d);
      foreground[o] = 9 * foregroundOf(a) + 3 * (foregroundOf(b) + foregroundOf(c)) + foregroundOf(d);
    }
  }
  return { inner, foreground };
}

// Nuclei of one patch: packed maps → instances. The steps are those of models/eosin_models/postprocess.py.
import type { NucleiPostprocess } from '#inference/manifest.ts';
import { brightBits, fineRow, nextBackground, nextForeground, type PackedMap } from './fine-values.ts';
import { createHoleFinder, type FoundRuns, type HoleFinder, type PixelBox } from './holes.ts';
import { Numbers, RunComponents } from './runs.ts';
import { Flood, FREE } from './watershed.ts';

export const FINE = 16; //       integer steps of one unit of probability (0 to 255) after upsampling
export const LEVEL_BITS = 12; // 0 to 255 × FINE
const LEVELS = 2 ** LEVEL_BITS;

/** Instances of one picture. All of it is lent: the next call of its segmenter writes over it. */
export interface Instances {
  readonly width: number; //   px
  readonly height: number;
  readonly stride: number; //  from a pixel to the one below it
  readonly first: number; //   index of the upper left pixel: a border of 0 surrounds the picture
  /** [(height + 2) × stride + 1] 0 or a number up to `count`; numbers may have gaps. */
  readonly labels: Int32Array;
  /** Likewise, of the objects' pixels alone: inner + 4096 × foreground (inner + contour), each 0 to 4080. */
  readonly values: Int32Array;
  readonly count: number;
  readonly segments: Segments;
}

/** The pixels of all objects as runs, an object's topmost leftmost first. */
export interface Segments {
  readonly from: Numbers; //  index of the first pixel
  readonly to: Numbers; //    behind the last one
  readonly label: Numbers;
}

/**
 * @param packed [height × width] background + 256 inner + 65536 contour
 * @param mpp µm a pixel of the map
 */
export type NucleiSegmenter = (
  packed: Int32Array,
  width: number,
  height: number,
  mpp: number,
  settings: NucleiPostprocess,
) => Instances;

/** Keeps its buffers from picture to picture: some 40 MB after one of 2048². */
export function createNucleiSegmenter(): NucleiSegmenter {
  const scratch: Scratch = {
    labels: new Numbers(),
    values: new Numbers(),
    row: new Numbers(),
    wholes: new RunComponents(),
    markers: new RunComponents(),
    markerWhole: new Numbers(),
    labelOf: new Numbers(),
    chains: { first: new Numbers(), last: new Numbers(), next: new Numbers() },
    starts: new Numbers(),
    flood: new Flood(LEVELS),
    segments: { from: new Numbers(), to: new Numbers(), label: new Numbers() },
    rowStart: new Numbers(),
  };
  const find = createHoleFinder();
  let cleared = 0; // the stride of a picture whose labels are those of its segments and else 0
  return (packed, width, height, mpp, settings) => {
    const up = settings.upsample;
    const map: PackedMap = { packed, width, height, up };
    const [w, h] = [up * width, up * height];
    const stride = w + 1;
    const first = stride + 1;
    const { labels, values, wholes, markers, segments } = scratch;
    labels.hold((h + 2) * stride + 1);
    values.hold(labels.at.length);
    if (stride === cleared) clear(labels.at, segments);
    else labels.at.fill(0);
    cleared = 0; // should any of what follows fail
    scan(scratch, map, first, stride, settings.foreground, settings.marker);
    wholes.join(stride);
    markers.join(stride);
    label(scratch, settings.minMarkerUm2 / (mpp / up) ** 2);
    floodShared(scratch, stride);
    split(scratch, h);
    const count = markers.count + wholes.count;
    fillAll(scratch, map, find, count, first, stride);
    cleared = stride;
    return { width: w, height: h, stride, first, labels: labels.at, values: values.at, count, segments };
  };
}

interface Scratch {
  readonly labels: Numbers;
  readonly values: Numbers; //         of runs
  readonly row: Numbers; //            the values of one row of the picture
  readonly wholes: RunComponents; //   of the foreground
  readonly markers: RunComponents; //  within them
  readonly markerWhole: Numbers; //    [marker runs] the run of the foreground that holds it
  readonly labelOf: Numbers; //        [wholes + 1] its only label, or FREE where several markers share it
  /** The marker runs of each whole in raster order, as lists: [wholes + 1], [wholes + 1], [marker runs]; -1 ends. */
  readonly chains: { readonly first: Numbers; readonly last: Numbers; readonly next: Numbers };
  readonly starts: Numbers;
  readonly flood: Flood;
  readonly segments: Segments;
  readonly rowStart: Numbers; //       [h + 1] into the segments
}

/** The next picture's labels begin as 0: a tenth of the pixels had any. */
function clear(labels: Int32Array, { from, to }: Segments): void {
  for (let s = 0; s < from.length; s++) labels.fill(0, from.at[s] ?? 0, to.at[s] ?? 0);
}

/**
 * Runs of foreground and, within them, of markers. Values are kept of runs alone: the whole picture's would go through memory
 * three times, and the network waits for memory, too.
 * @param leastForeground @param leastInner of 0 to 255
 */
function scan(
  { values, row, wholes, markers, markerWhole }: Scratch,
  map: PackedMap,
  first: number,
  stride: number,
  leastForeground: number,
  leastInner: number,
): void {
  wholes.clear();
  markers.clear();
  markerWhole.length = 0;
  const { packed, up } = map;
  const [width, height] = [up * map.width, up * map.height];
  row.hold(width);
  const [at, fine] = [values.at, row.at];
  const leastWhole = Math.max(1, Math.ceil(leastForeground)); // what is none is never foreground
  const bright = brightBits(leastWhole);
  const leastValue = Math.max(1, Math.ceil(leastForeground * FINE)) * LEVELS;
  const [leastMarker, inner] = [leastInner * FINE, LEVELS - 1];
  for (let y = 0; y < height; y++) {
    wholes.rowStart.push(wholes.length);
    markers.rowStart.push(markers.length);
    if (up === 2) fineRow(map, y, 0, width, fine, 0);
    const [start, coarse] = [first + y * stride, y * width];
    for (let x = 0; x < width; ) {
      const from =
        up === 1
          ? nextForeground(packed, coarse + x, coarse + width, leastWhole, bright) - coarse
          : nextAtLeast(fine, x, width, leastValue);
      if (from === width) break;
      x =
        up === 1
          ? nextBackground(packed, coarse + from, coarse + width, leastWhole) - coarse
          : nextBelow(fine, from, width, leastValue);
      const [i, end] = [start + from, start + x];
      if (up === 1) fineRow(map, y, from, x, at, i);
      else at.set(fine.subarray(from, x), i);
      for (let k = i, isMarker = false; k < end; k++) {
        if (isMarker === ((at[k] ?? 0) & inner) >= leastMarker) continue;
        isMarker = !isMarker;
        if (isMarker) {
          markers.from.push(k);
          markerWhole.push(wholes.length);
        } else markers.to.push(k);
      }
      if (markers.to.length < markers.from.length) markers.to.push(end);
      wholes.from.push(i);
      wholes.to.push(end);
    }
  }
  wholes.rowStart.push(wholes.length);
  markers.rowStart.push(markers.length);
}

function nextAtLeast(values: Int32Array, from: number, end: number, least: number): number {
  for (let i = from; i < end; i++) if ((values[i] ?? 0) >= least) return i;
  return end;
}

function nextBelow(values: Int32Array, from: number, end: number, least: number): number {
  for (let i = from; i < end; i++) if ((values[i] ?? 0) < least) return i;
  return end;
}

/** A whole with one marker, or with none, is one object; where several share one, markers are painted and the rest is free. */
function label({ labels, wholes, markers, markerWhole, labelOf }: Scratch, leastMarker: number): void {
  labelOf.hold(wholes.count + 1);
  const only = labelOf.at.fill(0, 0, wholes.count + 1);
  const isKept = (marker: number): boolean => (markers.area.at[marker] ?? 0) >= leastMarker;
  for (let r = 0; r < markers.length; r++) {
    const marker = markers.number.at[r] ?? 0;
    if (!isKept(marker)) continue;
    const whole = wholes.number.at[markerWhole.at[r] ?? 0] ?? 0;
    if (only[whole] === 0) only[whole] = marker;
    else if (only[whole] !== marker) only[whole] = FREE;
  }
  for (let whole = 1; whole <= wholes.count; whole++) if (only[whole] === 0) only[whole] = whole + markers.count;
  paint(labels.at, wholes, (r) => only[wholes.number.at[r] ?? 0] ?? 0);
  paint(labels.at, markers, (r) => {
    const marker = markers.number.at[r] ?? 0;
    const isShared = only[wholes.number.at[markerWhole.at[r] ?? 0] ?? 0] === FREE;
    return isShared && isKept(marker) ? marker : 0;
  });
}

/** Writes a number into the pixels of each run; 0 leaves them. */
function paint(labels: Int32Array, { from, to, length }: RunComponents, numberOf: (run: number) => number): void {
  for (let r = 0; r < length; r++) {
    const number = numberOf(r);
    if (number === 0) continue;
    const end = to.at[r] ?? 0;
    for (let i = from.at[r] ?? 0; i < end; i++) labels[i] = number;
  }
}

/** Floods the wholes that several markers share: one after the other, so that each stays in the processor's cache. */
function floodShared(scratch: Scratch, stride: number): void {
  const { labels, values, wholes, markers, markerWhole, labelOf, chains, starts, flood } = scratch;
  const { first, last, next } = chains;
  for (const list of [first, last]) {
    list.hold(wholes.count + 1);
    list.at.fill(-1, 0, wholes.count + 1);
  }
  next.hold(markers.length);
  for (let r = 0; r < markers.length; r++) {
    const whole = wholes.number.at[markerWhole.at[r] ?? 0] ?? 0;
    const isKept = labels.at[markers.from.at[r] ?? 0] !== FREE;
    if (labelOf.at[whole] !== FREE || !isKept) continue;
    if (first.at[whole] === -1) first.at[whole] = r;
    else next.at[last.at[whole] ?? 0] = r;
    last.at[whole] = r;
    next.at[r] = -1;
  }
  for (let whole = 1; whole <= wholes.count; whole++) {
    starts.length = 0;
    for (let r = first.at[whole] ?? -1; r !== -1; r = next.at[r] ?? -1) {
      pushStarts(starts, labels.at, markers.from.at[r] ?? 0, markers.to.at[r] ?? 0, stride);
    }
    if (starts.length > 0) flood.run(labels.at, values.at, stride, starts);
  }
}

/** Pixels of a run beside free ones. */
function pushStarts(starts: Numbers, labels: Int32Array, from: number, to: number, stride: number): void {
  for (let i = from; i < to; i++) {
    const isBeside =
      labels[i - stride] === FREE || labels[i - 1] === FREE || labels[i + 1] === FREE || labels[i + stride] === FREE;
    if (isBeside) starts.push(i);
  }
}

/** The runs of the foreground, cut where one object meets another. */
function split({ labels, wholes, labelOf, segments, rowStart }: Scratch, height: number): void {
  for (const list of [segments.from, segments.to, segments.label, rowStart]) list.length = 0;
  for (let y = 0; y < height; y++) {
    rowStart.push(segments.from.length);
    const last = wholes.rowStart.at[y + 1] ?? 0;
    for (let r = wholes.rowStart.at[y] ?? 0; r < last; r++) {
      const to = wholes.to.at[r] ?? 0;
      const only = labelOf.at[wholes.number.at[r] ?? 0] ?? 0;
      for (let i = wholes.from.at[r] ?? 0; i < to; ) {
        segments.from.push(i);
        const number = only === FREE ? (labels.at[i] ?? 0) : only;
        if (only === FREE) while (i < to && labels.at[i] === number) i++;
        else i = to;
        segments.to.push(i);
        segments.label.push(number);
      }
    }
  }
  rowStart.push(segments.from.length);
}

/**
 * Fills what objects enclose. Which have holes at all is told by their Euler number: runs less touches (corners count, as
 * a hole is 4-connected) between rows is 1 less the holes.
 */
function fillAll(
  { labels, values, segments, rowStart }: Scratch,
  map: PackedMap,
  find: HoleFinder,
  count: number,
  first: number,
  stride: number,
): void {
  const [from, to, label] = [segments.from.at, segments.to.at, segments.label.at];
  const euler = new Int32Array(count + 1);
  for (let y = 0, b = 0; y + 1 < rowStart.length; y++) {
    const above = y === 0 ? 0 : (rowStart.at[y - 1] ?? 0);
    const [aEnd, bEnd] = [rowStart.at[y] ?? 0, rowStart.at[y + 1] ?? 0];
    for (let a = above; b < bEnd; b++) {
      const number = label[b] ?? 0;
      euler[number] = (euler[number] ?? 0) + 1;
      const [start, end] = [(from[b] ?? 0) - stride, (to[b] ?? 0) - stride];
      while (a < aEnd && (to[a] ?? 0) < start) a++;
      for (let k = a; k < aEnd && (from[k] ?? 0) <= end; k++) {
        if (label[k] === number) euler[number] = (euler[number] ?? 0) - 1;
      }
    }
  }
  const boxes = boxesOf(segments, (number) => (euler[number] ?? 1) < 1, first, stride);
  for (const [number, box] of [...boxes].sort(([a], [b]) => a - b)) {
    const before = segments.from.length;
    fillHoles(segments, labels.at, find(labels.at, first, stride, box, number), number);
    for (let s = before; s < segments.from.length; s++) {
      const [start, end] = [(segments.from.at[s] ?? 0) - first, (segments.to.at[s] ?? 0) - first];
      const y = Math.floor(start / stride);
      fineRow(map, y, start - y * stride, end - y * stride, values.at, start + first);
    }
  }
}

function boxesOf(
  { from, to, label }: Segments,
  isAsked: (number: number) => boolean,
  first: number,
  stride: number,
): Map<number, PixelBox> {
  const boxes = new Map<number, PixelBox>();
  for (let s = 0; s < from.length; s++) {
    const number = label.at[s] ?? 0;
    if (!isAsked(number)) continue;
    const at = (from.at[s] ?? 0) - first;
    const y = Math.floor(at / stride);
    const x0 = at - y * stride;
    const x1 = x0 + (to.at[s] ?? 0) - (from.at[s] ?? 0) - 1;
    const so = boxes.get(number);
    boxes.set(number, { x0: Math.min(so?.x0 ?? x0, x0), y0: so?.y0 ?? y, x1: Math.max(so?.x1 ?? x1, x1), y1: y });
  }
  return boxes;
}

/** Gives what an object encloses and nobody owns to it, as segments behind the others. */
function fillHoles(segments: Segments, labels: Int32Array, { from, to }: FoundRuns, number: number): void {
  for (let r = 0; r < from.length; r++) {
    const end = to.at[r] ?? 0;
    for (let i = from.at[r] ?? 0; i < end; i++) {
      if (labels[i] !== 0) continue;
      segments.from.push(i);
      for (; i < end && labels[i] === 0; i++) labels[i] = number;
      segments.to.push(i);
      segments.label.push(number);
    }
  }
}

// What attention shows: the bag's findings into the store, its map, the frame and the comparison onto the slide.
import { attentionClasses } from '#analysis/attend.ts';
import {
  type Attended,
  type LeftOut,
  mostAttended,
  pooled,
  type Scaled,
  scaled,
  shareOfHalf,
} from '#analysis/attention.ts';
import { boxAt } from '#units/rect.ts';
import type { PatchMap, PatchMapStyle, Swipe, Viewer } from '#viewer/viewer-api.ts';
import { type AttendedPatch, PATCH_PREDICTION } from '../stores/attention-store.ts';
import { type AttentionScaleChoice, setAttentionLayer } from '../stores/layers-store.ts';
import type { Stores } from '../stores.ts';
import type { AttendedBag } from './attended-table.ts';
import type { AttentionWork, Bag } from './attention-work.ts';
import type { LeftOutTissue } from './left-out.ts';

const STRIP = 24; //   patches on each end
const BINS = 24;

export const SCALE_NAMES: Record<AttentionScaleChoice, string> = {
  raw: 'raw',
  minmax: 'min–max',
  percentiles: '2nd to 98th percentile',
  rank: 'by rank',
};

export class AttentionView {
  readonly #viewer: Viewer;
  readonly #stores: Stores;
  readonly #work: AttentionWork;
  readonly #leftOut: LeftOutTissue;
  #bag: Bag | undefined;
  #shown: { readonly bag: Bag; readonly attended: Attended; readonly mask: LeftOut; readonly map: Scaled } | undefined;
  #swipe: Omit<Swipe, 'at'> | undefined; // on screen
  #swipeAt = 0.5;

  constructor(viewer: Viewer, stores: Stores, work: AttentionWork, leftOut: LeftOutTissue) {
    this.#viewer = viewer;
    this.#stores = stores;
    this.#work = work;
    this.#leftOut = leftOut;
    viewer.on('swipe', (at) => {
      this.#swipeAt = at;
      if (this.#swipe) viewer.setSwipe({ ...this.#swipe, at });
    });
    viewer.on('pointer', ({ at }) => {
      const { under } = stores.attention.getState();
      const value = at && this.#valueAt(at.x, at.y);
      if (value?.row !== under?.row || value?.value !== under?.value) stores.attention.setState({ under: value });
    });
    stores.layers.subscribe((state, before) => {
      if (state.attention === before.attention) return;
      if (state.attention.scale !== before.attention.scale) this.show();
      else this.#draw();
    });
    stores.attention.subscribe((state, before) => {
      if (state.compare !== before.compare || state.how !== before.how) this.#draw();
      if (state.current !== before.current) this.#mark();
    });
  }

  forget(): void {
    this.#bag = undefined;
    this.#shown = undefined;
  }

  /** Nothing of the chosen models is known yet. What is kept of others shows again when they are chosen. */
  clear(): void {
    this.forget();
    this.#stores.attention.setState({ findings: undefined, current: undefined, under: undefined });
    this.#draw();
  }

  /** More of a bag is known. The chosen model's is shown; one that is compared is drawn beside it. */
  take(bag: Bag): void {
    const { compare, findings } = this.#stores.attention.getState();
    const { layers } = this.#stores;
    if (compare !== bag.model.id) this.#bag = bag;
    this.show();
    if (!findings && layers.getState().selected === 'attention') setAttentionLayer(layers, { shown: true });
  }

  /** Recomputes all that is shown from what is kept. */
  show(): void {
    const bag = this.#bag;
    const attended = bag && this.#work.kept.attended(bag.set, bag.model);
    if (!bag || !attended) return;
    const rows = attended.attention.length;
    const boxes = bag.set.boxes.slice(0, 4 * rows);
    const started = performance.now();
    const { mask, pieces } = this.#leftOut.over(boxes);
    const { weights, prediction } = pooled(attended, mask);
    const map = scaled(attended.attention, weights, this.#stores.layers.getState().attention.scale, mask);
    const ms = performance.now() - started;
    this.#shown = { bag, attended, mask, map };
    this.#draw(); // the map first: it is what the user waits for
    const end = (which: 'most' | 'least'): AttendedPatch[] =>
      mostAttended(attended.attention, STRIP, which, mask).map((row) => ({
        row,
        box: boxAt(boxes, row),
        value: map.values[row] ?? 0,
      }));
    const counted = mask ? rows - mask.reduce((sum, out) => sum + out, 0) : rows;
    this.#stores.attention.setState({
      pieces,
      ms: mask ? ms : undefined,
      findings: {
        model: bag.model.id,
        patches: rows,
        counted,
        classes: attentionClasses(bag.model),
        prediction: prediction && Array.from(prediction),
        whole: Array.from((mask ? pooled(attended, undefined).prediction : prediction) ?? []),
        half: counted === 0 ? 0 : shareOfHalf(weights),
        histogram: histogramOf(attended.attention, mask),
        most: end('most'),
        least: end('least'),
      },
    });
    this.#mark();
  }

  /** What is shown, to be written down; undefined where nothing is. */
  attendedBag(): AttendedBag | undefined {
    if (!this.#shown) return undefined;
    const { bag, attended, mask } = this.#shown;
    const boxes = bag.set.boxes.slice(0, 4 * attended.attention.length);
    return { attended, boxes, classes: attentionClasses(bag.model), leftOut: mask };
  }

  #valueAt(x: number, y: number): { row: number; value: number } | undefined {
    const shown = this.#shown;
    const row = shown && this.#stores.layers.getState().attention.shown ? shown.bag.set.rowAt(x, y) : undefined;
    const value = row === undefined ? undefined : shown?.map.values[row];
    return row === undefined || value === undefined || Number.isNaN(value) ? undefined : { row, value };
  }

  #draw(): void {
    const shown = this.#shown;
    const layer = this.#stores.layers.getState().attention;
    const { compare, how } = this.#stores.attention.getState();
    const style: PatchMapStyle = {
      shown: layer.shown,
      opacity: layer.opacity,
      threshold: Number.NEGATIVE_INFINITY,
      colormap: layer.colourMap,
      range: [0, 1],
      interpolated: layer.interpolated,
    };
    if (!shown) {
      this.#viewer.setPatchMap(undefined, style);
      this.#swipeWith(undefined);
      return;
    }
    const [low, high] = shown.map.range;
    const mapStyle = {
      ...style,
      range: shown.map.range,
      threshold: layer.from > 0 ? low + layer.from * (high - low) : Number.NEGATIVE_INFINITY,
    };
    const rows = shown.map.values.length;
    const boxes = shown.bag.set.boxes.slice(0, 4 * rows);
    const map: PatchMap = {
      name: `Attention, ${SCALE_NAMES[layer.scale]}`,
      boxes,
      values: shown.map.values,
    };
    const other = compare === undefined || !layer.shown ? undefined : this.#other(compare, boxes);
    if (other && how === 'difference' && compare !== PATCH_PREDICTION) {
      this.#swipeWith(undefined);
      this.#viewer.setPatchMap(
        { name: 'Difference of ranks', boxes, values: this.#difference(other, boxes) },
        { ...style, colormap: 'difference', range: [-1, 1] },
      );
      return;
    }
    this.#viewer.setPatchMap(map, mapStyle);
    this.#swipeWith(other && { map: other, style: compare === PATCH_PREDICTION ? style : mapStyle });
  }

  #swipeWith(swipe: Omit<Swipe, 'at'> | undefined): void {
    this.#swipe = swipe;
    this.#viewer.setSwipe(swipe && { ...swipe, at: this.#swipeAt });
  }

  /** The second map of a swipe; undefined until its patches are there. */
  #other(compare: string, boxes: Float32Array<ArrayBuffer>): PatchMap | undefined {
    const shown = this.#shown;
    if (!shown) return undefined;
    if (compare === PATCH_PREDICTION) {
      const last = shown.attended.classes - 1;
      const name = attentionClasses(shown.bag.model)[last]?.name ?? 'the last class';
      return {
        name: `Patch prediction: ${name}`,
        boxes,
        values: probabilityOf(shown.attended, last, shown.mask),
      };
    }
    const bag = this.#bagOf(compare);
    const attended = bag && this.#work.kept.attended(bag.set, bag.model);
    if (!bag || !attended) return undefined;
    const theirs = bag.set.boxes.slice(0, 4 * attended.attention.length);
    const { mask } = this.#leftOut.over(theirs);
    const scale = this.#stores.attention.getState().how === 'difference' ? 'rank' : undefined;
    const { weights } = pooled(attended, mask);
    const { values } = scaled(
      attended.attention,
      weights,
      scale ?? this.#stores.layers.getState().attention.scale,
      mask,
    );
    return { name: bag.model.name, boxes: theirs, values };
  }

  #bagOf(model: string): Bag | undefined {
    try {
      return this.#work.bag(model);
    } catch {
      return undefined; // its encoder left the shelf: there is nothing to compare with
    }
  }

  /** Rank here less rank there, patch by patch; NaN where only one of them has it. */
  #difference(other: PatchMap, boxes: Float32Array): Float32Array<ArrayBuffer> {
    const shown = this.#shown;
    const values = new Float32Array(boxes.length / 4).fill(Number.NaN);
    if (!shown) return values;
    const { weights } = pooled(shown.attended, shown.mask);
    const here = scaled(shown.attended.attention, weights, 'rank', shown.mask).values;
    const key = (of: Float32Array, row: number): string => `${of[4 * row]},${of[4 * row + 1]},${of[4 * row + 2]}`;
    const there = new Map(Array.from(other.values, (value, row) => [key(other.boxes, row), value] as const));
    for (let row = 0; row < values.length; row++) {
      values[row] = (here[row] ?? Number.NaN) - (there.get(key(boxes, row)) ?? Number.NaN);
    }
    return values;
  }

  #mark(): void {
    const { current } = this.#stores.attention.getState();
    const set = this.#shown?.bag.set;
    const { shown } = this.#stores.layers.getState().attention;
    this.#viewer.setMark(current === undefined || !set || !shown ? undefined : boxAt(set.boxes, current));
  }
}

/** Softmax of each patch's own logits. */
function probabilityOf({ patch, classes }: Attended, index: number, mask: LeftOut): Float32Array<ArrayBuffer> {
  const values = new Float32Array(patch.length / classes).fill(Number.NaN);
  for (let row = 0; row < values.length; row++) {
    if (mask?.[row] === 1) continue;
    const logits = patch.subarray(row * classes, (row + 1) * classes);
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    values[row] = Math.exp((logits[index] ?? 0) - most) / sum;
  }
  return values;
}

/** Patches by attention between the least and the most attended one. */
function histogramOf(attention: Float32Array, mask: LeftOut): number[] {
  const { values } = scaled(attention, attention, 'minmax', mask);
  const bins = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor(value * BINS));
    if (!Number.isNaN(value)) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

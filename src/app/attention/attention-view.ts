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
import type { PatchMap, Viewer } from '#viewer/viewer-api.ts';
import { type AttendedPatch, type AttentionState, PATCH_PREDICTION } from '../stores/attention-store.ts';
import { type AttentionScaleChoice, type LayersStore, setAttentionLayer } from '../stores/layers-store.ts';
import type { Stores } from '../stores.ts';
import type { AttendedBag } from './attended-table.ts';
import { AttentionPane, type NamedMap, type PaneMaps, SCALE_NAMES } from './attention-pane.ts';
import type { AttentionWork, Bag } from './attention-work.ts';
import type { LeftOutTissue } from './left-out.ts';

const STRIP = 24; //   patches on each end
const BINS = 24;

/** What is known of the bag on screen. */
interface Shown {
  readonly bag: Bag;
  readonly attended: Attended;
  readonly mask: LeftOut;
  readonly weights: Float32Array;
  readonly boxes: Float32Array<ArrayBuffer>; // [rows × 4]
}

/** Another model's attention beside what is shown, on a scale. */
interface Theirs extends Scaled {
  readonly beside: Shown;
  readonly attended: Attended;
  readonly scale: AttentionScaleChoice;
  readonly boxes: Float32Array<ArrayBuffer>;
}

export class AttentionView {
  readonly #viewer: Viewer;
  readonly #stores: Stores;
  readonly #work: AttentionWork;
  readonly #leftOut: LeftOutTissue;
  readonly #main: AttentionPane;
  #beside: AttentionPane | undefined;
  #bag: Bag | undefined;
  #shown: Shown | undefined;
  #scaled = new Map<AttentionScaleChoice, Scaled>(); // of what is shown
  #theirs: Theirs | undefined; // what was compared last: an opacity draws it again, and works nothing out anew
  #differs: { readonly theirs: Float32Array; readonly map: NamedMap } | undefined; // the last difference

  constructor(viewer: Viewer, stores: Stores, work: AttentionWork, leftOut: LeftOutTissue) {
    this.#viewer = viewer;
    this.#stores = stores;
    this.#work = work;
    this.#leftOut = leftOut;
    this.#main = new AttentionPane(viewer, stores.layers, stores.compare, (what) => {
      if (what === 'scaled') this.show();
      else this.#draw();
    });
    viewer.on('pointer', ({ at }) => {
      const { under } = stores.attention.getState();
      const now = at && this.#under(at.x, at.y);
      if (now?.row !== under?.row || said(now) !== said(under)) stores.attention.setState({ under: now });
    });
    stores.attention.subscribe((state, before) => {
      if (state.compare !== before.compare || state.how !== before.how) this.#draw();
      if (state.current !== before.current) this.#mark();
    });
  }

  /** A second viewer shows attention as well, by layers of its own. @returns ends it */
  showBeside(viewer: Viewer, layers: LayersStore): () => void {
    const pane = new AttentionPane(viewer, layers, this.#stores.compare, () => this.#draw());
    this.#beside = pane;
    this.#draw();
    return () => {
      pane.end();
      if (this.#beside === pane) this.#beside = undefined;
      this.#draw();
    };
  }

  /** The difference on screen; undefined where none is. */
  difference(): PatchMap | undefined {
    const { compare, how } = this.#stores.attention.getState();
    const isDrawn = compare !== undefined && compare !== PATCH_PREDICTION && how === 'difference' && this.#main.isShown;
    return isDrawn && this.#differs?.map.boxes === this.#shown?.boxes ? this.#differs?.map : undefined;
  }

  forget(): void {
    [this.#theirs, this.#differs] = [undefined, undefined];
    this.#bag = undefined;
    this.#shown = undefined;
    this.#scaled.clear();
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
    this.#shown = { bag, attended, mask, weights, boxes };
    this.#scaled.clear();
    const map = this.#onScale(this.#stores.layers.getState().attention.scale);
    const ms = performance.now() - started;
    this.#draw(); // the map first: it is what the user waits for
    const end = (which: 'most' | 'least'): AttendedPatch[] =>
      mostAttended(attended.attention, STRIP, which, mask).map((row) => ({
        row,
        box: boxAt(boxes, row),
        value: map?.values[row] ?? 0,
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
  }

  /** Whose attention is shown. */
  bag(): Bag | undefined {
    return this.#shown?.bag;
  }

  /** What is shown, to be written down; undefined where nothing is. */
  attendedBag(): AttendedBag | undefined {
    if (!this.#shown) return undefined;
    const { bag, attended, mask, boxes } = this.#shown;
    return { attended, boxes, classes: attentionClasses(bag.model), leftOut: mask };
  }

  /** Of what is shown. */
  #onScale(scale: AttentionScaleChoice): Scaled | undefined {
    const { attended, weights, mask } = this.#shown ?? {};
    const kept = this.#scaled.get(scale);
    if (kept || !attended || !weights) return kept;
    const made = scaled(attended.attention, weights, scale, mask);
    this.#scaled.set(scale, made);
    return made;
  }

  /** The patch at a place, with what either pane shows of it: the same once. */
  #under(x: number, y: number): AttentionState['under'] {
    const row = this.#shown?.bag.set.rowAt(x, y);
    if (row === undefined) return undefined;
    const { compare } = this.#stores.attention.getState();
    const theirs = compare === undefined || compare === PATCH_PREDICTION ? undefined : this.#bagOf(compare)?.set;
    const rowIn = (map: NamedMap): number | undefined => {
      const at = theirs && map.boxes !== this.#shown?.boxes ? theirs.rowAt(x, y) : row;
      return at !== undefined && at < map.values.length ? at : undefined;
    };
    const all = [this.#main, this.#beside].flatMap((pane) => pane?.saysOf(row, rowIn) ?? []);
    const values = all.filter(({ says }, k) => all.findIndex((one) => one.says === says) === k);
    return values.length > 0 ? { row, values } : undefined;
  }

  #draw(): void {
    this.#mark();
    const { compare, how } = this.#stores.attention.getState();
    const { shown } = this.#stores.layers.getState().attention;
    const main = this.#own(this.#main);
    const isBeside = how === 'beside' && this.#beside !== undefined;
    const other =
      main && compare !== undefined && shown && !isBeside ? this.#other(compare, this.#main, how) : undefined;
    const differs = other && how === 'difference' && compare !== PATCH_PREDICTION;
    this.#main.draw(
      main && {
        ...main,
        ...(differs ? { difference: this.#difference(other.map) } : other && { other }),
      },
    );
    if (!this.#beside) return;
    const own = this.#own(this.#beside);
    const theirs = own && compare !== undefined && isBeside ? this.#other(compare, this.#beside, how) : undefined;
    this.#beside.draw(own && { ...own, ...theirs });
  }

  /** What is shown, on a pane's scale. */
  #own({ layers }: AttentionPane): PaneMaps | undefined {
    const { scale } = layers.getState().attention;
    const [shown, map] = [this.#shown, this.#onScale(scale)];
    if (!shown || !map) return undefined;
    const { values, range } = map;
    const says = scale === 'rank' ? 'attention' : `attention ${SCALE_NAMES[scale]}`;
    return { map: { name: `Attention, ${SCALE_NAMES[scale]}`, says, boxes: shown.boxes, values }, range };
  }

  /** The map that it is compared with; undefined until its patches are there. */
  #other(compare: string, { layers }: AttentionPane, how: AttentionState['how']): PaneMaps | undefined {
    const shown = this.#shown;
    if (!shown) return undefined;
    if (compare === PATCH_PREDICTION) {
      const last = shown.attended.classes - 1;
      const name = attentionClasses(shown.bag.model)[last]?.name ?? 'the last class';
      const values = probabilityOf(shown.attended, last, shown.mask);
      const map = { name: `Patch prediction: ${name}`, says: `probability of ${name}`, boxes: shown.boxes, values };
      return { map, range: [0, 1] };
    }
    const bag = this.#bagOf(compare);
    const attended = bag && this.#work.kept.attended(bag.set, bag.model);
    if (!bag || !attended) return undefined;
    const scale = how === 'difference' ? 'rank' : layers.getState().attention.scale;
    const { boxes, values, range } = this.#theirsOf(shown, bag, attended, scale);
    const { name } = bag.model;
    return {
      map: { name: how === 'beside' ? `${name}, ${SCALE_NAMES[scale]}` : name, says: name, boxes, values },
      range,
    };
  }

  /** Of another model's bag, on a scale. */
  #theirsOf(shown: Shown, { set }: Bag, attended: Attended, scale: AttentionScaleChoice): Theirs {
    const kept = this.#theirs;
    if (kept?.beside === shown && kept.attended === attended && kept.scale === scale) return kept;
    const boxes = set.boxes.slice(0, 4 * attended.attention.length);
    const { mask } = this.#leftOut.over(boxes);
    const of = scaled(attended.attention, pooled(attended, mask).weights, scale, mask);
    return (this.#theirs = { beside: shown, attended, scale, boxes, ...of });
  }

  #bagOf(model: string): Bag | undefined {
    try {
      return this.#work.bag(model);
    } catch {
      return undefined; // its encoder left the shelf: there is nothing to compare with
    }
  }

  /** Rank here less rank there, patch by patch. */
  #difference(other: NamedMap): NamedMap {
    const boxes = this.#shown?.boxes ?? new Float32Array(0);
    if (this.#differs?.theirs !== other.values || this.#differs.map.boxes !== boxes) {
      const here = { boxes, values: this.#onScale('rank')?.values ?? new Float32Array(0) };
      const name = { name: 'Difference of ranks', says: 'difference of ranks' };
      this.#differs = { theirs: other.values, map: { ...name, boxes, values: patchesLess(here, other) } };
    }
    return this.#differs.map;
  }

  #mark(): void {
    const { current } = this.#stores.attention.getState();
    const set = this.#shown?.bag.set;
    const isShown = this.#main.isShown || this.#beside?.isShown;
    this.#viewer.setMark(current === undefined || !set || !isShown ? undefined : boxAt(set.boxes, current));
  }
}

type Boxed = Pick<NamedMap, 'boxes' | 'values'>;

/** NaN where only one of them has a patch. Those of one plan lie in the same rows. */
function patchesLess(here: Boxed, there: Boxed): Float32Array<ArrayBuffer> {
  const keyOf = ({ boxes }: Boxed, row: number): string =>
    `${boxes[4 * row]},${boxes[4 * row + 1]},${boxes[4 * row + 2]}`;
  const isSame = (row: number): boolean =>
    [0, 1, 2].every((part) => here.boxes[4 * row + part] === there.boxes[4 * row + part]);
  let rows: Map<string, number> | undefined; // made for the first patch that lies elsewhere
  const rowOf = (row: number): number | undefined => {
    if (isSame(row)) return row;
    rows ??= new Map(Array.from(there.values, (_, other) => [keyOf(there, other), other]));
    return rows.get(keyOf(here, row));
  };
  return Float32Array.from(here.values, (value, row) => value - (there.values[rowOf(row) ?? -1] ?? Number.NaN));
}

const said = (under: AttentionState['under']): string =>
  (under?.values ?? []).map(({ says, value }) => `${says} ${value}`).join();

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

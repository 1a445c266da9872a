// The tissue map of the left pane with another map: swiped, subtracted, or beside it. Loaded with the first comparison.
import { unhurried } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import { type ValueGrid, valuesAt } from '#objects/grid.ts';
import { type Difference, differenceOf } from '#objects/grid-difference.ts';
import { gridOfBoxes, type MapChannel } from '#objects/grid-sample.ts';
import type { Point } from '#units/rect.ts';
import type { GridStyle, Swiped } from '#viewer/viewer-api.ts';
import type { CompareNeeds, TissueDrawn } from '../lazy-compare.ts';
import { signed } from '../signed.ts';
import { type ComparedMap, endCompare } from '../stores/compare-store.ts';
import { setAttentionLayer, setTissueLayer, type TissueScale } from '../stores/layers-store.ts';
import type { Side } from '../stores/panes-store.ts';
import { edgesOf } from '../tissue-scale.ts';
import { howShown, mapOfOther, otherWords, probability, runWords } from './compare-words.ts';

const ANEW_MS = 2000; // between two differences while a map grows: of a whole slide every cell is subtracted

/** A difference, and all that it follows from. */
interface Made {
  readonly key: string;
  readonly version: number; // of what is found
  readonly there: ValueGrid; // the other map
  readonly at: number; //      ms
  readonly difference: Difference;
}

export class Comparison {
  readonly #needs: CompareNeeds;
  readonly #changed: () => void;
  #run: { readonly id: string; readonly grid: ValueGrid | undefined } | undefined; // undefined grid: being read
  #made: Made | undefined;
  #edges:
    | { readonly of: ValueGrid | number; readonly key: string; readonly edges: readonly number[] | undefined }
    | undefined;
  #attention: { readonly of: Float32Array; readonly leftOut: unknown; readonly grid: ValueGrid } | undefined;
  #swipeAt = 0.5;
  #attentionWas: boolean | undefined; // shown before the comparison, and again after it
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed panes draw anew */
  constructor(needs: CompareNeeds, changed: () => void) {
    this.#needs = needs;
    this.#changed = changed;
    const { stores, viewer } = needs;
    viewer.on('swipe', (at) => {
      this.#swipeAt = at;
      if (stores.compare.getState().other) changed();
    });
    stores.compare.subscribe(({ other, how }, before) => {
      if (other === before.other && how === before.how) return;
      this.#uncover();
      this.#read(other);
      changed();
    });
    stores.layers.subscribe(({ attention, tissue }, before) => {
      if (tissue.channel !== before.tissue.channel) this.#uncover();
      if (attention !== before.attention && stores.compare.getState().other?.is === 'attention') changed();
    });
    stores.attention.subscribe(({ findings }, before) => {
      if (findings === before.findings || stores.compare.getState().other?.is !== 'attention') return;
      if (findings) changed();
      else endCompare(stores.compare);
    });
    stores.besideLayers.subscribe(({ tissue }, before) => {
      const { other, how } = stores.compare.getState();
      if (tissue.channel === before.tissue.channel || how !== 'beside' || other?.is !== 'tissue') return;
      if (other.channel !== tissue.channel) stores.compare.setState({ other: { ...other, channel: tissue.channel } });
    });
    this.#uncover();
    this.#read(stores.compare.getState().other);
  }

  /** Two maps are compared: a third would cover them. Attention is shown where it is one of them, and afterwards as before. */
  #uncover(): void {
    const { compare, layers } = this.#needs.stores;
    const { other, how } = compare.getState();
    const { attention, tissue } = layers.getState();
    const { shown: is } = attention;
    if (other) this.#attentionWas ??= is;
    const shown = other
      ? other.is === 'attention' && howShown(how, tissue.channel, other) === 'swipe'
      : (this.#attentionWas ?? is);
    if (!other) this.#attentionWas = undefined;
    if (shown !== is) setAttentionLayer(layers, { shown });
  }

  /** Another slide has come, or none. */
  forget(): void {
    clearTimeout(this.#timer);
    [this.#run, this.#made, this.#edges, this.#attention] = [undefined, undefined, undefined, undefined];
  }

  /** What a pane draws instead of its own map; undefined where that stays. */
  drawn(side: Side, own: { readonly grid: ValueGrid; readonly style: GridStyle }): TissueDrawn | undefined {
    const { other, how } = this.#needs.stores.compare.getState();
    if (!other) return this.#tellDifference(undefined);
    if (side === 'right') {
      const grid =
        how === 'beside' && other.is === 'tissue' && other.run !== undefined ? this.#gridOf(other) : undefined;
      return grid && { grid: { ...grid, name: `Tissue classes, ${this.#runName(other)}` }, style: own.style };
    }
    const shown = own.style.shown ? howShown(how, own.style.channel, other) : 'beside';
    if (shown !== 'difference') this.#tellDifference(undefined);
    if (shown === 'beside') return undefined;
    return shown === 'swipe' ? this.#swiped(own, other) : this.#differs(own, other);
  }

  /** What the other map says of a place, in the words of the status bar; `own` is what this one does. @param at level-0 px */
  says(at: Point, own: number): readonly string[] {
    const { other, how, difference } = this.#needs.stores.compare.getState();
    const { tissue } = this.#needs.stores.layers.getState();
    if (!other || !tissue.shown || (how === 'beside' && !this.#needs.stores.panes.getState().beside)) return [];
    const made = difference && this.#made?.difference;
    if (made && difference) {
      const of = valuesAt(made.grid, at)?.[0] ?? Number.NaN;
      if (Number.isNaN(of)) return Number.isNaN(own) ? [] : [`no value here of ${this.#wordsOf(other)}`];
      const there = valueAt(made.there, at);
      if (difference.of === 'values')
        return [`${this.#wordsOf(other)} ${probability(there)}`, `difference ${signed(of)}`];
      const rank = (value: number): string => value.toFixed(2);
      return [
        `rank ${rank(valueAt(made.here, at))}`,
        `${this.#wordsOf(other)} rank ${rank(there)}`,
        `difference ${signed(of)}`,
      ];
    }
    if (other.is === 'attention') return []; // its own layer says it
    if (how === 'beside' && other.run === undefined) return []; // the right pane's map says it
    const grid = other.run === undefined ? this.#needs.found.tissueGrid() : this.#gridOf(other);
    const values = (grid && valuesAt(grid, at)) ?? [];
    const channel = other.channel === 'argmax' ? values.indexOf(Math.max(...values)) : other.channel;
    const value = values[channel] ?? Number.NaN;
    if (Number.isNaN(value)) return Number.isNaN(own) ? [] : [`no value here of ${this.#wordsOf(other)}`];
    return [`${this.#wordsOf({ ...other, channel })} ${probability(value)}`];
  }

  #wordsOf(other: ComparedMap): string {
    const { classes } = this.#needs.stores.compare.getState();
    const own = this.#needs.stores.objects.getState().tissueClasses;
    return otherWords(
      other,
      (other.is === 'tissue' && other.run !== undefined ? classes : own) ?? [],
      this.#runName(other),
    );
  }

  /** The difference on screen; undefined where none is. */
  difference(): ValueGrid | undefined {
    return this.#needs.stores.compare.getState().difference && this.#made?.difference.grid;
  }

  /** True where the right pane shows another run's map. */
  get isOtherRunBeside(): boolean {
    const { other, how } = this.#needs.stores.compare.getState();
    return how === 'beside' && other?.is === 'tissue' && other.run !== undefined;
  }

  #swiped(
    { grid, style }: { readonly grid: ValueGrid; readonly style: GridStyle },
    other: ComparedMap,
  ): TissueDrawn | undefined {
    const { layers } = this.#needs.stores;
    const swiped = (of: Swiped): TissueDrawn => ({ grid, style, swipe: { ...of, at: this.#swipeAt } });
    if (other.is === 'attention') return layers.getState().attention.shown ? swiped({ of: 'layers' }) : undefined;
    const there = other.run === undefined ? grid : this.#gridOf(other);
    if (!there) return undefined;
    const { edges: _edges, scale: _scale, ...plain } = style;
    const { scale } = layers.getState().tissue;
    const edges =
      other.channel === 'argmax' || scale === 'values' ? undefined : this.#edgesOf(there, other.channel, scale);
    const colormap = mapOfOther(other.channel, style.colormap);
    const name = this.#runName(other);
    return swiped({
      of: 'grid',
      grid: name === undefined ? there : { ...there, name: `Tissue classes, ${name}` },
      style: { ...plain, channel: other.channel, colormap, ...(edges && { edges, scale: SCALE_WORDS[scale] }) },
    });
  }

  #differs(
    { grid, style }: { readonly grid: ValueGrid; readonly style: GridStyle },
    other: ComparedMap,
  ): TissueDrawn | undefined {
    const { stores } = this.#needs;
    const there = this.#channelOf(other, grid);
    if (!there || style.channel === 'argmax') return this.#tellDifference(undefined);
    const { scale } = stores.layers.getState().tissue;
    const of = other.is === 'attention' || scale === 'rank' ? 'ranks' : 'values';
    const name = `${grid.channels[style.channel]?.name} less ${otherWords(other, there.grid.channels, this.#runName(other))}`;
    const { version } = stores.objects.getState();
    const key = JSON.stringify([style.channel, other, of, name]);
    if (!this.#serves(key, version, there.grid)) {
      const difference = differenceOf({ grid, channel: style.channel }, there, of, name);
      this.#made = { key, version, there: there.grid, at: performance.now(), difference };
    }
    const made = this.#made?.difference;
    if (!made) return undefined;
    const most = scale === 'percentiles' && of === 'values' && made.most > 0 ? made.most : 1;
    this.#tellDifference({ name, most, of });
    const { edges: _edges, scale: _scale, ...plain } = style;
    const words =
      of === 'ranks' ? { scale: 'ranks' } : scale === 'percentiles' ? { scale: 'to its 98th percentile' } : {};
    return { grid: made.grid, style: { ...plain, channel: 0, colormap: 'difference', range: [-most, most], ...words } };
  }

  /** While a run goes on the map changes four times a second, and a difference that is a little old will do. */
  #serves(key: string, version: number, there: ValueGrid): boolean {
    const made = this.#made;
    const isOfAttention = there === this.#attention?.grid;
    if (made?.key !== key || (isOfAttention && made.there !== there)) return false;
    if (made.version === version) return true;
    const wait = made.at + ANEW_MS - performance.now();
    if (wait <= 0) return false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#changed, wait);
    return true;
  }

  #channelOf(other: ComparedMap, grid: ValueGrid): MapChannel | undefined {
    if (other.is === 'attention') {
      const attended = this.#attended();
      return attended && { grid: attended, channel: 0 };
    }
    const of = other.run === undefined ? grid : this.#gridOf(other);
    return of && other.channel !== 'argmax' ? { grid: of, channel: other.channel } : undefined;
  }

  /** Raw attention of the patches that count, as a map. */
  #attended(): ValueGrid | undefined {
    const bag = this.#needs.attention.loaded()?.attendedBag();
    if (!bag) return undefined;
    const { attended, boxes, leftOut } = bag;
    if (this.#attention?.of !== attended.attention || this.#attention.leftOut !== leftOut) {
      const values = Float32Array.from(attended.attention, (value, row) => (leftOut?.[row] === 1 ? Number.NaN : value));
      this.#attention = { of: attended.attention, leftOut, grid: gridOfBoxes('attention', boxes, values) };
    }
    return this.#attention.grid;
  }

  #edgesOf(grid: ValueGrid, channel: number, scale: Exclude<TissueScale, 'values'>): readonly number[] | undefined {
    const of = grid === this.#run?.grid ? grid : this.#needs.stores.objects.getState().version;
    const key = `${channel} ${scale}`;
    if (this.#edges?.key !== key || this.#edges.of !== of)
      this.#edges = { of, key, edges: edgesOf(grid, channel, scale) };
    return this.#edges.edges;
  }

  #gridOf(other: Extract<ComparedMap, { is: 'tissue' }>): ValueGrid | undefined {
    return other.run !== undefined && this.#run?.id === other.run ? this.#run.grid : undefined;
  }

  #runName(other: ComparedMap): string | undefined {
    if (other.is === 'attention' || other.run === undefined) return undefined;
    const { run: runs, models } = this.#needs.stores;
    const { list } = runs.getState();
    const run = list.find(({ id }) => id === other.run);
    const modelName = (id: string): string => models.getState().manifests.find((of) => of.id === id)?.name ?? id;
    return run ? runWords(run, list, new Date(), modelName) : 'an earlier run'; // removed meanwhile
  }

  /** Another run's map, out of its journal. */
  #read(other: ComparedMap | undefined): void {
    const id = other?.is === 'tissue' ? other.run : undefined;
    if (id === this.#run?.id) return;
    const mine = (this.#run = id === undefined ? undefined : { id, grid: undefined });
    const { stores, runs } = this.#needs;
    stores.compare.setState({ classes: undefined, problem: undefined });
    if (!mine || id === undefined) return;
    runs.tissueOf(id, unhurried()).then(
      (grid) => {
        if (this.#run !== mine) return;
        this.#run = { id, grid };
        stores.compare.setState({ classes: grid.channels });
        if (stores.compare.getState().how === 'beside') setTissueLayer(stores.besideLayers, { edges: undefined });
        this.#changed();
      },
      (thrown: unknown) => {
        if (this.#run === mine) stores.compare.setState({ problem: failureOf(thrown) });
      },
    );
  }

  #tellDifference(difference: { name: string; most: number; of: 'values' | 'ranks' } | undefined): undefined {
    const { compare } = this.#needs.stores;
    const told = compare.getState().difference;
    const isSame = told?.name === difference?.name && told?.most === difference?.most && told?.of === difference?.of;
    if (!isSame) compare.setState({ difference });
    return undefined;
  }
}

const valueAt = ({ grid, channel }: MapChannel, at: Point): number => valuesAt(grid, at)?.[channel] ?? Number.NaN;

const SCALE_WORDS = { values: '', percentiles: '2nd to 98th percentile', rank: 'rank' } as const;

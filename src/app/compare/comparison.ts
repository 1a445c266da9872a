// The tissue map of the left pane with another map: swiped, subtracted, or beside it. Loaded with the first comparison.
import { unhurried } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import { type FlatMap, flatOf, flatOfBoxes, flatValueAt } from '#objects/flat-map.ts';
import { type ValueGrid, valuesAt } from '#objects/grid.ts';
import { openSubtract } from '#objects/open-subtract.ts';
import type { Point } from '#units/rect.ts';
import type { GridStyle, Swiped } from '#viewer/viewer-api.ts';
import type { CompareNeeds, TissueDrawn } from '../lazy-compare.ts';
import { signed } from '../signed.ts';
import { type ComparedMap, endCompare, type RunOfMap } from '../stores/compare-store.ts';
import { setAttentionLayer, setTissueLayer, type TissueScale } from '../stores/layers-store.ts';
import type { Side } from '../stores/panes-store.ts';
import { edgesOf } from '../tissue-scale.ts';
import { howShown, mapOfOther, otherWords, probability, runWords } from './compare-words.ts';
import { Differences, type Made } from './differences.ts';

/** A map that is subtracted. */
interface Other {
  readonly key: string | undefined; //       another one is another difference
  readonly classes: ValueGrid['channels'];
  readonly versions: readonly unknown[]; //  that change as it grows
  readonly flat: () => FlatMap; //           a copy
}

export class Comparison {
  readonly #needs: CompareNeeds;
  readonly #changed: () => void;
  readonly #differences: Differences;
  #made: Made | undefined; // that is drawn
  #brought: { readonly of: RunOfMap; readonly grid: ValueGrid } | undefined; // a run's map out of a session
  #reading: Promise<void> = Promise.resolve(); // of a run's map
  #run: { readonly id: string; readonly grid: ValueGrid | undefined } | undefined; // undefined grid: being read
  #edges:
    | { readonly of: ValueGrid | number; readonly key: string; readonly edges: readonly number[] | undefined }
    | undefined;
  #attentionWas: boolean | undefined; // shown before the comparison, or since by somebody: again after it
  #isCovering = false; // attention is shown or hidden by the comparison itself

  /** @param changed panes draw anew */
  constructor(needs: CompareNeeds, changed: () => void) {
    this.#needs = needs;
    this.#changed = changed;
    const { stores, viewer } = needs;
    this.#differences = new Differences((needs.subtract ?? openSubtract)(), changed, (problem) =>
      stores.compare.setState({ problem }),
    );
    viewer.on('swipe', (swipeAt) => stores.compare.setState({ swipeAt }));
    stores.compare.subscribe(({ other, how, swipeAt }, before) => {
      if (other && swipeAt !== before.swipeAt) changed();
      if (other === before.other && how === before.how) return;
      this.#uncover();
      this.#read(other);
      if (!other) this.#differences.forget();
      changed();
    });
    stores.layers.subscribe(({ attention, tissue }, before) => {
      const isWish = attention.shown !== before.attention.shown && !this.#isCovering;
      if (isWish && stores.compare.getState().other) this.#attentionWas = attention.shown;
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

  /**
   * Two maps are compared: a third would cover them. Attention is shown where it is one of them, and afterwards as before; who
   * has shown or hidden it meanwhile, by its eye or by computing it, finds it so.
   */
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
    this.#isCovering = true;
    if (shown !== is) setAttentionLayer(layers, { shown });
    this.#isCovering = false;
  }

  /** Whether attention is shown once nothing is compared. */
  get isAttentionWanted(): boolean {
    return this.#attentionWas ?? this.#needs.stores.layers.getState().attention.shown;
  }

  /** Another slide has come, or none. */
  forget(): void {
    this.#differences.forget();
    this.#made = undefined;
    [this.#run, this.#edges, this.#brought] = [undefined, undefined, undefined];
  }

  /** A map of an earlier run, which a session brought: it can be compared with until the slide is left. */
  bring(of: RunOfMap, grid: ValueGrid): void {
    this.#brought = { of, grid };
    this.#run = undefined; // read anew
    this.#needs.stores.compare.setState({ brought: { ...of, classes: grid.channels } });
  }

  /** The earlier run that is compared with, once its map was read; undefined where none is, or it cannot be read. */
  async runCompared(): Promise<{ readonly of: RunOfMap; readonly grid: ValueGrid } | undefined> {
    await this.#reading;
    const { id, grid } = this.#run ?? {};
    const { list } = this.#needs.stores.run.getState();
    const of = list.find((run) => run.id === id) ?? (this.#brought?.of.id === id ? this.#brought?.of : undefined);
    return grid && of && { of: { id: of.id, created: of.created, model: { id: of.model.id } }, grid };
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
    const made = difference && this.#made;
    if (made) {
      const of = valuesAt(made.grid, at)?.[0] ?? Number.NaN;
      const { other, by } = made.asked;
      if (Number.isNaN(of)) return Number.isNaN(own) ? [] : [`no value here of ${this.#wordsOf(other)}`];
      const there = flatValueAt(made.there, at);
      if (by === 'values') return [`${this.#wordsOf(other)} ${probability(there)}`, `difference ${signed(of)}`];
      const rank = (value: number): string => value.toFixed(2);
      return [
        `rank ${rank(flatValueAt(made.here, at))}`,
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
    return this.#needs.stores.compare.getState().difference && this.#made?.grid;
  }

  /** The same, once it is of what is compared now. */
  async lastDifference(): Promise<ValueGrid | undefined> {
    await this.#differences.last();
    return this.difference();
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
    const { layers, compare } = this.#needs.stores;
    const { swipeAt: at } = compare.getState();
    const swiped = (of: Swiped): TissueDrawn => ({ grid, style, swipe: { ...of, at } });
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
    const there = this.#flatOf(other, grid);
    const { channel } = style;
    if (!there || channel === 'argmax') return this.#tellDifference(undefined);
    const { scale } = stores.layers.getState().tissue;
    const by = other.is === 'attention' || scale === 'rank' ? 'ranks' : 'values';
    const name = `${grid.channels[channel]?.name} less ${otherWords(other, there.classes, this.#runName(other))}`;
    const made = (this.#made = this.#differences.of({
      key: JSON.stringify([channel, other, by, name, there.key]),
      versions: [stores.objects.getState().version, ...there.versions],
      ...{ name, other, by, maps: () => [flatOf(grid, channel), there.flat()] },
    }));
    if (!made) return this.#tellDifference(undefined);
    const isStretched = scale === 'percentiles' && made.asked.by === 'values' && made.most > 0;
    const most = isStretched ? made.most : 1;
    this.#tellDifference({ name: made.asked.name, most, of: made.asked.by });
    const { edges: _edges, scale: _scale, ...plain } = style;
    const words =
      made.asked.by === 'ranks' ? { scale: 'ranks' } : isStretched ? { scale: 'to its 98th percentile' } : {};
    return { grid: made.grid, style: { ...plain, channel: 0, colormap: 'difference', range: [-most, most], ...words } };
  }

  /** The other map, to be copied; undefined where it is not there, or is of no one class. */
  #flatOf(other: ComparedMap, grid: ValueGrid): Other | undefined {
    if (other.is === 'attention') {
      const bag = this.#needs.attention.loaded()?.attendedBag();
      if (!bag) return undefined;
      const { attended, boxes, leftOut } = bag;
      return {
        key: this.#needs.stores.attention.getState().findings?.model,
        classes: [],
        versions: [attended.attention, leftOut],
        flat: () => {
          const values = attended.attention.map((value, row) => (leftOut?.[row] === 1 ? Number.NaN : value));
          return flatOfBoxes(boxes, Float32Array.from(values));
        },
      };
    }
    const of = other.run === undefined ? grid : this.#gridOf(other);
    const { channel } = other;
    if (!of || channel === 'argmax') return undefined;
    return { key: undefined, classes: of.channels, versions: [], flat: () => flatOf(of, channel) };
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
    const { run: runs, models, compare } = this.#needs.stores;
    const { list } = runs.getState();
    const { brought } = compare.getState();
    const run = list.find(({ id }) => id === other.run) ?? (brought?.id === other.run ? brought : undefined);
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
    const brought = this.#brought?.of.id === id ? this.#brought.grid : undefined;
    const reading = brought ? Promise.resolve(brought) : runs.tissueOf(id, unhurried());
    this.#reading = reading.then(
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

const SCALE_WORDS = { values: '', percentiles: '2nd to 98th percentile', rank: 'rank' } as const;

// Attention in one viewer: its map on that viewer's scale, with what it is compared with.
import type { Scaled } from '#analysis/attention.ts';
import type { PatchMap, PatchMapStyle, Swiped, Viewer } from '#viewer/viewer-api.ts';
import type { CompareStore } from '../stores/compare-store.ts';
import type { AttentionScaleChoice, LayersStore } from '../stores/layers-store.ts';

export const SCALE_NAMES: Record<AttentionScaleChoice, string> = {
  raw: 'raw',
  minmax: 'min–max',
  percentiles: '2nd to 98th percentile',
  rank: 'by rank',
};

/** A map with what its values are, in the words of the status bar. */
export interface NamedMap extends PatchMap {
  readonly says: string;
}

/** What a pane shows of a bag. */
export interface PaneMaps {
  readonly map: NamedMap;
  readonly range: Scaled['range'];
  /** With a range of its own where it is on another scale. */
  readonly other?: { readonly map: NamedMap; readonly range: Scaled['range'] } | undefined;
  /** Instead of the map, in two hues about nought. */
  readonly difference?: NamedMap | undefined;
}

export class AttentionPane {
  readonly layers: LayersStore;
  readonly #viewer: Viewer;
  readonly #compare: CompareStore;
  readonly #endings: (() => void)[];
  #swipe: Swiped | undefined; // on screen
  #maps: PaneMaps | undefined;

  /** @param onChange of how the layer is drawn here; `scaled`: its scale. @param compare knows where the divider is */
  constructor(
    viewer: Viewer,
    layers: LayersStore,
    compare: CompareStore,
    onChange: (what: 'scaled' | 'drawn') => void,
  ) {
    this.#viewer = viewer;
    this.#compare = compare;
    this.layers = layers;
    this.#endings = [
      viewer.on('swipe', (swipeAt) => compare.setState({ swipeAt })),
      compare.subscribe(({ swipeAt }, before) => {
        if (swipeAt !== before.swipeAt && this.#swipe) viewer.setSwipe({ ...this.#swipe, at: swipeAt });
      }),
      layers.subscribe(({ attention }, { attention: before }) => {
        if (attention !== before) onChange(attention.scale === before.scale ? 'drawn' : 'scaled');
      }),
    ];
  }

  get isShown(): boolean {
    return this.layers.getState().attention.shown;
  }

  draw(maps: PaneMaps | undefined): void {
    this.#maps = maps;
    const { shown, opacity, colourMap, interpolated, from } = this.layers.getState().attention;
    const style = (range: Scaled['range'], cut = false): PatchMapStyle => ({
      ...{ shown, opacity, colormap: colourMap, interpolated, range },
      threshold: cut && from > 0 ? range[0] + from * (range[1] - range[0]) : Number.NEGATIVE_INFINITY,
    });
    if (!maps) {
      this.#viewer.setPatchMap(undefined, style([0, 1]));
      this.#swipeWith(undefined);
      return;
    }
    const { map, range, other, difference } = maps;
    if (difference) {
      this.#swipeWith(undefined);
      this.#viewer.setPatchMap(difference, { ...style([-1, 1]), colormap: 'difference' });
      return;
    }
    this.#viewer.setPatchMap(map, style(range, true));
    const besideIt = other && { map: other.map, style: style(other.range, other.range === range) };
    this.#swipeWith(besideIt && shown ? { of: 'patchMap', ...besideIt } : undefined);
  }

  /** What is drawn of a patch, in words: NaN where it is left out. Empty where nothing shows. */
  saysOf(row: number, rowIn: (map: NamedMap) => number | undefined): { says: string; value: number }[] {
    if (!this.isShown || !this.#maps) return [];
    const { map, other, difference } = this.#maps;
    const first = difference ?? map;
    const there = other && rowIn(other.map);
    return [
      { says: first.says, value: first.values[row] ?? Number.NaN },
      ...(other && there !== undefined ? [{ says: other.map.says, value: other.map.values[there] ?? Number.NaN }] : []),
    ];
  }

  #swipeWith(swipe: Swiped | undefined): void {
    if (!swipe && !this.#swipe) return;
    this.#swipe = swipe;
    this.#viewer.setSwipe(swipe && { ...swipe, at: this.#compare.getState().swipeAt });
  }

  end(): void {
    for (const end of this.#endings.splice(0)) end();
  }
}

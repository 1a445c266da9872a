// How the layers of a pane are drawn, in a session and out of one. Classes go by their names: their places differ from file to file.
import type { FoundObjects } from '../found-objects.ts';
import {
  type AttentionScaleChoice,
  type ColourMap,
  type LayersState,
  type LayersStore,
  type ObjectLayer,
  setAttentionLayer,
  setObjectLayer,
  setSlideLayer,
  setTissueLayer,
  type TissueScale,
} from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { Fields } from './session-fields.ts';

interface LayerOfSession {
  readonly shown: boolean;
  readonly opacity: number;
  readonly fill: boolean;
  readonly hidden: readonly string[]; // classes
  readonly threshold?: number; //         from version 3 on, as all that may be missing
  readonly colours?: Readonly<Record<string, string>>;
}

interface TissueOfSession {
  readonly shown: boolean;
  readonly opacity: number;
  readonly threshold: number;
  readonly colourMap: ColourMap;
  readonly channel?: string | null; //    a class; null: the most probable one
  readonly scale?: TissueScale;
  readonly interpolated?: boolean;
}

export interface PaneOfSession {
  readonly layers: Readonly<Record<string, LayerOfSession>>;
  readonly tissue: TissueOfSession;
  readonly attention?: LayersState['attention'];
  readonly slideLayer?: LayersState['slide'];
}

const COLOUR_MAPS: readonly ColourMap[] = ['classes', 'viridis', 'cividis', 'grey'];
const TISSUE_SCALES: readonly TissueScale[] = ['values', 'percentiles', 'rank'];
const ATTENTION_SCALES: readonly AttentionScaleChoice[] = ['raw', 'minmax', 'percentiles', 'rank'];
const ATTENTION_MAPS = ['viridis', 'cividis', 'grey'] as const;

/** @param attentionShown where a comparison has shown or hidden it: as it is without */
export const paneNow = (
  state: LayersState,
  found: FoundObjects,
  attentionShown = state.attention.shown,
): PaneOfSession => {
  const { edges: _edges, channel, ...tissue } = state.tissue; // edges follow from the map
  return {
    layers: Object.fromEntries(
      OBJECT_LAYERS.map((kind) => {
        const { hiddenClasses, ...layer } = state[kind];
        const { classes } = found.store(kind);
        return [kind, { ...layer, hidden: hiddenClasses.flatMap((index) => classes[index]?.name ?? []) }];
      }),
    ),
    tissue: {
      ...tissue,
      channel: channel === 'argmax' ? null : (found.tissueGrid()?.channels[channel]?.name ?? null),
    },
    attention: { ...state.attention, shown: attentionShown },
    slideLayer: state.slide,
  };
};

/** @throws EosinError BadInput */
export function paneOf(read: Fields): PaneOfSession {
  const [layers, tissue] = [read.inner('layers'), read.inner('tissue')];
  return {
    layers: Object.fromEntries(layers.keys().map((key) => [key, layerOf(layers.inner(key))])),
    tissue: {
      shown: tissue.flag('shown'),
      opacity: tissue.share('opacity'),
      threshold: tissue.share('threshold'),
      colourMap: oneOf(COLOUR_MAPS, tissue.text('colourMap'), 'classes'),
      ...(tissue.has('channel') && { channel: tissue.value('channel') === null ? null : tissue.text('channel') }),
      ...(tissue.has('scale') && { scale: oneOf(TISSUE_SCALES, tissue.text('scale'), 'values') }),
      ...(tissue.has('interpolated') && { interpolated: tissue.flag('interpolated') }),
    },
    ...(read.has('attention') && { attention: attentionOf(read.inner('attention')) }),
    ...(read.has('slideLayer') && { slideLayer: slideOf(read.inner('slideLayer')) }),
  };
}

const layerOf = (of: Fields): LayerOfSession => ({
  shown: of.flag('shown'),
  opacity: of.share('opacity'),
  fill: of.flag('fill'),
  hidden: of.texts('hidden'),
  ...(of.has('threshold') && { threshold: of.share('threshold') }),
  ...(of.has('colours') && { colours: coloursOf(of.inner('colours')) }),
});

const coloursOf = (of: Fields): Record<string, string> =>
  Object.fromEntries(of.keys().map((name) => [name, of.color(name)]));

const attentionOf = (of: Fields): LayersState['attention'] => ({
  shown: of.flag('shown'),
  opacity: of.share('opacity'),
  from: of.share('from'),
  scale: oneOf(ATTENTION_SCALES, of.text('scale'), 'rank'),
  colourMap: oneOf(ATTENTION_MAPS, of.text('colourMap'), 'viridis'),
  interpolated: of.flag('interpolated'),
});

const slideOf = (of: Fields): LayersState['slide'] => ({
  shown: of.flag('shown'),
  opacity: of.share('opacity'),
  stained: of.flag('stained'),
});

const oneOf = <T extends string>(all: readonly T[], asked: string, otherwise: T): T =>
  all.find((one) => one === asked) ?? otherwise;

/** What the session does not say stays as it is. */
export function showPane(pane: PaneOfSession, found: FoundObjects, store: LayersStore): void {
  for (const kind of OBJECT_LAYERS) {
    const of = Object.hasOwn(pane.layers, kind) ? pane.layers[kind] : undefined;
    if (of) showLayer(of, kind, found, store);
  }
  const { channel: name, ...tissue } = pane.tissue;
  const index = found.tissueGrid()?.channels.findIndex((one) => one.name === name) ?? -1;
  const first = tissue.colourMap === 'classes' ? 'argmax' : 0; // as earlier files mean it
  setTissueLayer(store, {
    ...tissue,
    channel: index >= 0 ? index : name === null ? 'argmax' : first,
    edges: undefined,
  });
  if (pane.attention) setAttentionLayer(store, pane.attention);
  if (pane.slideLayer) setSlideLayer(store, pane.slideLayer);
}

function showLayer(
  { hidden, ...of }: LayerOfSession,
  kind: ObjectLayer,
  found: FoundObjects,
  store: LayersStore,
): void {
  const { classes } = found.store(kind);
  const hiddenClasses = classes.flatMap(({ name }, index) => (hidden.includes(name) ? [index] : []));
  setObjectLayer(store, kind, { ...of, hiddenClasses });
}

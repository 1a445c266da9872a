import {
  type ColourMap,
  type LayerId,
  type LayersState,
  type ObjectLayer,
  setObjectLayer,
  setShown,
  setSlideLayer,
  setTissueLayer,
  toggleClass,
} from '../stores/layers-store.ts';
import type { ObjectsState } from '../stores/objects-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

const CLASS_OPACITY = 0.42; // UI.md: fills 42 %, maps 62 %
const MAP_OPACITY = 0.62;

const NAMES: Record<Exclude<LayerId, 'slide'>, string> = {
  nuclei: 'nuclei',
  glands: 'glands',
  lumina: 'lumina',
  annotations: 'annotations',
  tissue: 'tissue classes',
  attention: 'attention',
};

export function layerCommands({ stores }: Workbench): readonly Command[] {
  const { layers, objects, attention } = stores;
  const missing = (id: Exclude<LayerId, 'slide'>) => (): string | undefined => {
    const state = objects.getState();
    const is = id === 'attention' ? attention.getState().findings : id === 'tissue' ? state.tissueClasses : state[id];
    return is ? undefined : `Not computed yet: ${NAMES[id]}`;
  };
  const toggle = (id: Exclude<LayerId, 'slide'>, keys: readonly string[]): Command =>
    command({
      id: `layers.${id}`,
      group: 'Layers',
      label: () => `${layers.getState()[id].shown ? 'Hide' : 'Show'} ${NAMES[id]}`,
      keys,
      whyNot: missing(id),
      run: () => setShown(layers, id, !layers.getState()[id].shown),
    });
  const fill = (id: ObjectLayer, keys: readonly string[]): Command =>
    command({
      id: `layers.fill.${id}`,
      group: 'Layers',
      label: () => `${layers.getState()[id].fill ? 'Outline' : 'Fill'} ${NAMES[id]}`,
      keys,
      whyNot: missing(id),
      run: () => setObjectLayer(layers, id, { fill: !layers.getState()[id].fill }),
    });
  const colourMap = (map: ColourMap, label: string): Command =>
    command({
      id: `layers.map.${map}`,
      group: 'Layers',
      label,
      whyNot: missing('tissue'),
      run: () => setColourMap(layers, map),
    });
  /** One key, as in QuPath, for what is drawn as large outlines. */
  const glandsAndAnnotations = command({
    id: 'layers.glands',
    group: 'Layers',
    label: () => {
      const { glands, annotations } = objects.getState();
      const names = [...(glands || !annotations ? ['glands'] : []), ...(annotations ? ['annotations'] : [])].join(
        ' and ',
      );
      return `${shownOf(layers.getState(), objects.getState()) ? 'Hide' : 'Show'} ${names}`;
    },
    keys: ['A'],
    whyNot: () => missing('annotations')() && missing('glands')(),
    run: () => {
      const shown = !shownOf(layers.getState(), objects.getState());
      setShown(layers, 'glands', shown);
      setShown(layers, 'annotations', shown);
    },
  });
  return [
    toggle('nuclei', ['H']),
    glandsAndAnnotations,
    toggle('lumina', []),
    toggle('annotations', []),
    toggle('tissue', ['C']),
    toggle('attention', ['T']),
    fill('nuclei', ['F']),
    fill('glands', ['Shift F']),
    fill('lumina', []),
    fill('annotations', []),
    ...[0, 1, 2, 3].map((index) =>
      command({
        id: `layers.class${index}`,
        group: 'Layers',
        label: () => {
          const name = objects.getState().nuclei?.classes[index]?.name ?? `class ${index + 1}`;
          const hidden = layers.getState().nuclei.hiddenClasses.includes(index);
          return `${hidden ? 'Show' : 'Hide'} ${name.toLowerCase()} nuclei`;
        },
        whyNot: () =>
          objects.getState().nuclei?.classes[index] ? undefined : 'Not computed yet: nuclei of this class',
        run: () => toggleClass(layers, 'nuclei', index),
      }),
    ),
    command({
      id: 'layers.stained',
      group: 'Layers',
      label: () => (layers.getState().slide.stained ? 'Grey tissue beneath maps' : 'Keep the stain beneath maps'),
      run: () => setSlideLayer(layers, { stained: !layers.getState().slide.stained }),
    }),
    command({
      id: 'layers.tissue.interpolated',
      group: 'Layers',
      label: () =>
        layers.getState().tissue.interpolated
          ? 'Draw the tissue map as cells'
          : 'Interpolate the tissue map between cells',
      whyNot: () =>
        missing('tissue')() ??
        (layers.getState().tissue.colourMap === 'classes' ? 'Classes are not interpolated' : undefined),
      run: () => setTissueLayer(layers, { interpolated: !layers.getState().tissue.interpolated }),
    }),
    colourMap('classes', 'Colour tissue by class'),
    colourMap('viridis', 'Colour the tissue map with Viridis'),
    colourMap('cividis', 'Colour the tissue map with Cividis'),
    colourMap('grey', 'Colour the tissue map with grey'),
  ];
}

/** Of those that are there, any. */
const shownOf = ({ glands, annotations }: LayersState, there: ObjectsState): boolean =>
  there.annotations && !there.glands ? annotations.shown : glands.shown;

/** Classes show the most probable class of a cell; the other maps show the probability of one, the first if none. */
export function setColourMap(layers: Workbench['stores']['layers'], map: ColourMap): void {
  const { channel } = layers.getState().tissue;
  if (map === 'classes') setTissueLayer(layers, { colourMap: map, channel: 'argmax', opacity: CLASS_OPACITY });
  else setTissueLayer(layers, { colourMap: map, channel: channel === 'argmax' ? 0 : channel, opacity: MAP_OPACITY });
}

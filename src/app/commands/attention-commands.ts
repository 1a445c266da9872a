import { type AttentionScaleChoice, setAttentionLayer } from '../stores/layers-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

export function attentionCommands(bench: Workbench): readonly Command[] {
  const { stores, viewer, attention } = bench;
  const noSlide = noSlideOpen(bench);
  const noModel = (): string | undefined =>
    stores.models.getState().manifests.some(({ task }) => task === 'attention')
      ? undefined
      : 'No attention model is at hand';
  const missing = (): string | undefined =>
    noSlide() ?? (stores.attention.getState().findings ? undefined : 'Attention is not computed yet');
  const scale = (id: AttentionScaleChoice, label: string): Command =>
    command({
      id: `attention.scale.${id}`,
      group: 'Layers',
      label,
      whyNot: missing,
      run: () => setAttentionLayer(stores.layers, { scale: id }),
    });
  return [
    command({
      id: 'attention.panel',
      group: 'Analyse',
      label: 'Attention: map, prediction, models',
      whyNot: () => noSlide() ?? noModel(),
      run: () => {
        if (stores.attention.getState().findings) setAttentionLayer(stores.layers, { shown: true });
        stores.layers.setState({ selected: 'attention' });
        stores.window.setState({ panels: true });
      },
    }),
    command({
      id: 'attention.compute',
      group: 'Analyse',
      label: 'Compute attention alone, for the chosen region',
      whyNot: () =>
        noSlide() ?? noModel() ?? (stores.slide.getState().open?.info.mpp ? undefined : 'Set the pixel size first'),
      run: async () => (await attention.session()).compute(stores.settings.getState().region),
    }),
    command({
      id: 'attention.beside',
      group: 'Analyse',
      label: () =>
        stores.settings.getState().attentionBeside ? 'Analyse without attention' : 'Analyse with attention beside',
      whyNot: noModel,
      run: () => stores.settings.setState(({ attentionBeside }) => ({ attentionBeside: !attentionBeside })),
    }),
    command({
      id: 'attention.lasso',
      group: 'Analyse',
      label: 'What if this were not here? Lasso tissue out',
      whyNot: missing,
      run: () => viewer.setTool(viewer.tool() === 'lasso' ? 'move' : 'lasso'),
    }),
    command({
      id: 'attention.putBack',
      group: 'Analyse',
      label: 'Put all tissue back that was lassoed out',
      whyNot: () => (stores.attention.getState().pieces.length > 0 ? undefined : 'Nothing is left out'),
      run: () => attention.loaded()?.putBack(),
    }),
    command({
      id: 'attention.end',
      group: 'Layers',
      label: () => `Show the ${stores.attention.getState().end === 'most' ? 'least' : 'most'} attended patches`,
      whyNot: missing,
      run: () => stores.attention.setState(({ end }) => ({ strip: true, end: end === 'most' ? 'least' : 'most' })),
    }),
    command({
      id: 'attention.strip',
      group: 'Layers',
      label: () => `${stores.attention.getState().strip ? 'Hide' : 'Show'} the strip of patches`,
      whyNot: missing,
      run: () => stores.attention.setState(({ strip }) => ({ strip: !strip })),
    }),
    command({
      id: 'attention.interpolated',
      group: 'Layers',
      label: () =>
        stores.layers.getState().attention.interpolated
          ? 'Draw attention as patches'
          : 'Interpolate attention between patches',
      whyNot: missing,
      run: () => setAttentionLayer(stores.layers, { interpolated: !stores.layers.getState().attention.interpolated }),
    }),
    command({
      id: 'attention.saveCSV',
      group: 'Save',
      label: 'Save attended patches as CSV',
      whyNot: missing,
      run: () => attention.loaded()?.save('csv'),
    }),
    command({
      id: 'attention.saveGeoJSON',
      group: 'Save',
      label: 'Save attended patches as GeoJSON',
      whyNot: missing,
      run: () => attention.loaded()?.save('geojson'),
    }),
    scale('raw', 'Show attention raw'),
    scale('minmax', 'Show attention min–max'),
    scale('percentiles', 'Show attention from its 2nd to its 98th percentile'),
    scale('rank', 'Show attention by rank'),
  ];
}

// When the steps of the tissue map's colours, which may follow its values, are worked out anew.
import type { FoundObjects } from './found-objects.ts';
import { type LayersStore, setTissueLayer } from './stores/layers-store.ts';

const RESCALE_MS = 2000; // between two times while the map grows: all values of a map are looked at

/** Another scale or class at once; a map that has changed at once, too, unless that was done just before. The result ends it. */
export function scaleTissue(layers: LayersStore, found: Pick<FoundObjects, 'tissueGrid' | 'subscribe'>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Number.POSITIVE_INFINITY; // ms of performance.now()
  let last = Number.NEGATIVE_INFINITY;
  const work = async (): Promise<void> => {
    [timer, due] = [undefined, Number.POSITIVE_INFINITY];
    const { edgesOf } = await import('./tissue-scale.ts');
    const { scale, channel } = layers.getState().tissue;
    const grid = found.tissueGrid();
    last = performance.now();
    if (scale !== 'values' && channel !== 'argmax')
      setTissueLayer(layers, { edges: grid && edgesOf(grid, channel, scale) });
  };
  const by = (at: number): void => {
    if (layers.getState().tissue.scale === 'values' || due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void work(), Math.max(0, at - performance.now()));
  };
  if (!layers.getState().tissue.edges) by(performance.now()); // a pane that opens with layers as they were left
  const ends = [
    layers.subscribe(({ tissue }, { tissue: before }) => {
      const isGone = !tissue.edges && before.edges; // a map in the place of another
      if (tissue.scale !== before.scale || tissue.channel !== before.channel || isGone) by(performance.now());
    }),
    found.subscribe(() => by(Math.max(performance.now(), last + RESCALE_MS))),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

import { automaticTissue } from '#analysis/tissue/edits.ts';
import { BRUSH_MAX, BRUSH_MIN, changeRegion, redoRegion, undoRegion } from '../stores/region-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

const BRUSH_STEP = 1.25; // of one press of [ or ]

/** What is to be analysed, drawn and painted. */
export function regionCommands(bench: Workbench): readonly Command[] {
  const { stores, viewer, learn } = bench;
  const noSlide = noSlideOpen(bench);
  const resize = (factor: number): void => {
    const { brushPx } = stores.regions.getState();
    stores.regions.setState({ brushPx: Math.min(BRUSH_MAX, Math.max(BRUSH_MIN, brushPx * factor)) });
  };
  /** Undo and redo go by the workspace: in Learn they are of labels. */
  const steps = (): { past: boolean; future: boolean; undo: () => void; redo: () => void } => {
    const labels = stores.settings.getState().workspace === 'learn' ? learn.loaded()?.inHand.labels : undefined;
    if (labels)
      return {
        past: labels.canUndo,
        future: labels.canRedo,
        undo: () => labels.undo(),
        redo: () => labels.redo(),
      };
    const { past, future } = stores.regions.getState();
    return {
      past: past.length > 0,
      future: future.length > 0,
      undo: () => undoRegion(stores.regions),
      redo: () => redoRegion(stores.regions),
    };
  };
  const noBrush = (): string | undefined =>
    stores.view.getState().tool === 'brush' ? undefined : 'The brush is not in hand';
  return [
    command({
      id: 'tool.brush',
      group: 'Tools',
      label: 'Paint tissue; Alt takes away',
      keys: ['B'],
      whyNot: noSlide,
      run: () => {
        stores.settings.setState({ region: 'tissue' });
        viewer.setTool('brush');
      },
    }),
    command({
      id: 'brush.smaller',
      group: 'Tools',
      label: 'Smaller brush',
      keys: ['['],
      whyNot: noBrush,
      run: () => resize(1 / BRUSH_STEP),
    }),
    command({
      id: 'brush.larger',
      group: 'Tools',
      label: 'Larger brush',
      keys: [']'],
      whyNot: noBrush,
      run: () => resize(BRUSH_STEP),
    }),
    command({
      id: 'region.undo',
      group: 'Tools',
      label: 'Undo the last change of the region, or label',
      keys: ['Ctrl Z'],
      whyNot: () => (steps().past ? undefined : 'Nothing to undo'),
      run: () => steps().undo(),
    }),
    command({
      id: 'region.redo',
      group: 'Tools',
      label: 'Redo it',
      keys: ['Ctrl Shift Z'],
      whyNot: () => (steps().future ? undefined : 'Nothing to redo'),
      run: () => steps().redo(),
    }),
    command({
      id: 'region.fromView',
      group: 'Tools',
      label: 'Draw this view as a rectangle',
      whyNot: noSlide,
      run: () => {
        stores.settings.setState({ region: 'rectangle' });
        changeRegion(stores.regions, { drawn: viewer.visibleRect() });
      },
    }),
    command({
      id: 'region.clear',
      group: 'Tools',
      label: 'Clear what is drawn',
      whyNot: () => (stores.regions.getState().drawn ? undefined : 'Nothing is drawn'),
      run: () => changeRegion(stores.regions, { drawn: undefined }),
    }),
    command({
      id: 'tissue.automatic',
      group: 'Tools',
      label: 'Take tissue as found automatically',
      whyNot: () => (stores.regions.getState().edits === automaticTissue ? 'It is as found' : undefined),
      run: () => changeRegion(stores.regions, { edits: automaticTissue }),
    }),
  ];
}

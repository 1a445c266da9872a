import type { Tool } from '#viewer/viewer-api.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

export const ZOOM_STEPS = [1.25, 2.5, 5, 10, 20, 40] as const;
const TURN = 90; // degrees of one press of Rotate

const STAINS = [
  { id: 'view.haematoxylin', label: 'Show haematoxylin alone', stains: 'haematoxylin' },
  { id: 'view.eosin', label: 'Show eosin alone', stains: 'eosin' },
  { id: 'view.allStains', label: 'Show all stains', stains: 'all' },
] as const;

export function viewCommands(bench: Workbench): readonly Command[] {
  const { viewer, stores, slides } = bench;
  const whyNot = noSlideOpen(bench);
  const uncalibrated = (): string | undefined =>
    whyNot() ?? (stores.slide.getState().open?.info.mpp ? undefined : 'Set the pixel size first');
  const tool = (id: Tool, label: string, keys: string): Command =>
    command({ id: `tool.${id}`, group: 'Tools', label, keys: [keys], whyNot, run: () => viewer.setTool(id) });
  const toggle = (card: 'place' | 'display'): void =>
    stores.window.setState(({ popover }) => ({ popover: popover === card ? undefined : card }));
  return [
    tool('move', 'Move', 'M'),
    tool('rectangle', 'Rectangle', 'R'),
    tool('polygon', 'Polygon, or freehand by a drag', 'P'),
    tool('line', 'Measure a length', 'L'),
    command({
      id: 'view.zoomIn',
      group: 'View',
      label: 'Zoom in',
      keys: ['+', '='],
      whyNot,
      run: () => viewer.zoomStep(1),
    }),
    command({
      id: 'view.zoomOut',
      group: 'View',
      label: 'Zoom out',
      keys: ['−'],
      whyNot,
      run: () => viewer.zoomStep(-1),
    }),
    command({
      id: 'view.fit',
      group: 'View',
      label: 'Fit the whole slide',
      keys: ['0'],
      whyNot,
      run: () => viewer.fit(),
    }),
    command({
      id: 'view.fitScanned',
      group: 'View',
      label: 'Fit what was scanned',
      whyNot: () => whyNot() ?? (slides.opened()?.slide.bounds ? undefined : 'All of this slide was scanned'),
      run: () => viewer.fit(slides.opened()?.slide.bounds),
    }),
    ...ZOOM_STEPS.map((step) =>
      command({
        id: `view.zoom${step}`,
        group: 'View',
        label: `Zoom to ${step}×`,
        whyNot: uncalibrated,
        run: () => viewer.zoomTo(step),
      }),
    ),
    command({
      id: 'view.rotate',
      group: 'View',
      label: 'Rotate clockwise',
      whyNot,
      run: () => viewer.rotate(TURN),
    }),
    command({
      id: 'view.rotateBack',
      group: 'View',
      label: 'Rotate anticlockwise',
      whyNot,
      run: () => viewer.rotate(-TURN),
    }),
    command({
      id: 'view.flip',
      group: 'View',
      label: 'Flip left to right',
      whyNot,
      run: () => viewer.flip(),
    }),
    command({
      id: 'view.fullScreen',
      group: 'View',
      label: () => (document.fullscreenElement ? 'Leave the full screen' : 'Full screen'),
      whyNot: () => (document.fullscreenEnabled ? undefined : 'This browser does not allow it'),
      run: () =>
        document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
    }),
    command({
      id: 'view.place',
      group: 'View',
      label: 'Go to coordinates…',
      keys: ['Ctrl G'],
      whyNot,
      run: () => toggle('place'),
    }),
    command({
      id: 'view.display',
      group: 'View',
      label: 'Brightness, contrast, gamma, one stain…',
      keys: ['Shift C'],
      whyNot,
      run: () => toggle('display'),
    }),
    ...STAINS.map(({ id, label, stains }) =>
      command({
        id,
        group: 'View',
        label,
        whyNot: () =>
          whyNot() ?? ((stores.view.getState().display?.stains ?? 'all') === stains ? 'It shows' : undefined),
        run: async () => {
          const { PLAIN } = await import('#viewer/display-filter.ts');
          stores.view.setState(({ display }) => ({ display: { ...(display ?? PLAIN), stains } }));
        },
      }),
    ),
    command({
      id: 'view.profile',
      group: 'View',
      label: () =>
        stores.view.getState().byProfile ? 'Show colours as stored' : "Show colours by the slide's profile",
      whyNot: () => whyNot() ?? (slides.opened()?.slide.colourProfile ? undefined : 'This slide carries no profile'),
      run: () => stores.view.setState(({ byProfile }) => ({ byProfile: !byProfile })),
    }),
    command({
      id: 'view.upright',
      group: 'View',
      label: 'Turn upright',
      whyNot: () => whyNot() ?? (stores.view.getState().view?.rotation ? undefined : 'It is upright'),
      run: () => viewer.rotate(-viewer.view().rotation),
    }),
  ];
}

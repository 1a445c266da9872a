// Two panes of one slide, each with layers of its own.
import { initialLayers } from '../stores/layers-store.ts';
import { type Side, slideAlone } from '../stores/panes-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

export function besideCommands(bench: Workbench): readonly Command[] {
  const { panes, layers, besideLayers, window } = bench.stores;
  const whyNot = noSlideOpen(bench);
  const say = (announcement: string): void => window.setState({ announcement });
  return [
    command({
      id: 'view.beside',
      group: 'View',
      label: () =>
        panes.getState().beside ? 'Close side by side' : 'Side by side: two panes, each with its own layers',
      keys: ['Shift V'],
      whyNot: () => (panes.getState().beside ? undefined : whyNot()),
      run: () => {
        if (panes.getState().beside) return closeBeside(bench.stores);
        if (besideLayers.getState() === initialLayers) besideLayers.setState(slideAlone(layers.getState())); // else as left
        panes.setState({ beside: true, inHand: 'right' });
        say('Side by side. The right pane is in hand: the inspector shows its layers.');
      },
    }),
    command({
      id: 'view.otherPane',
      group: 'View',
      label: () => `Take the ${other(panes.getState().inHand)} pane in hand`,
      keys: ['Shift X'],
      whyNot: () => (panes.getState().beside ? undefined : 'There is one pane'),
      run: () => {
        const inHand = other(panes.getState().inHand);
        panes.setState({ inHand });
        say(`The ${inHand} pane is in hand.`);
      },
    }),
    command({
      id: 'view.swapPanes',
      group: 'View',
      label: 'Swap the layers of the two panes',
      whyNot: () => (panes.getState().beside ? undefined : 'There is one pane'),
      run: () => {
        const [left, right] = [layers.getState(), besideLayers.getState()];
        layers.setState(right);
        besideLayers.setState(left);
      },
    }),
  ];
}

const other = (side: Side): Side => (side === 'left' ? 'right' : 'left');

/** One pane again, the left one. What was compared side by side is compared by a line that moves. */
export function closeBeside({
  panes,
  attention,
  compare,
}: Pick<Workbench['stores'], 'panes' | 'attention' | 'compare'>): void {
  panes.setState({ beside: false, inHand: 'left' });
  if (attention.getState().how === 'beside') attention.setState({ how: 'swipe' });
  if (compare.getState().how === 'beside') compare.setState({ how: 'swipe' });
}

import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

/** Choosing objects on the slide: what is chosen is marked white. */
export function selectCommands({ viewer, stores }: Workbench): readonly Command[] {
  const whyNot = (): string | undefined =>
    stores.objects.getState().version > 0 && stores.slide.getState().open ? undefined : 'No slide with objects is open';
  const tool = (id: 'selectBox' | 'selectLasso', label: string, keys: string): Command =>
    command({ id: `tool.${id}`, group: 'Tools', label, keys: [keys], whyNot, run: () => viewer.setTool(id) });
  return [
    tool('selectBox', 'Select objects in a box; Shift adds, Alt takes away', 'S'),
    tool('selectLasso', 'Select objects by a lasso; Shift adds, Alt takes away', 'Shift S'),
    command({
      id: 'select.nothing',
      group: 'Tools',
      label: 'Select nothing',
      whyNot: () => (stores.selection.getState().brushed ? undefined : 'Nothing is selected'),
      run: () => stores.selection.setState({ brushed: undefined }),
    }),
  ];
}

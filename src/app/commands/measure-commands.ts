import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

export function measureCommands({ stores }: Workbench): readonly Command[] {
  const { window, objects, selection } = stores;
  const isAny = (): boolean => {
    const { nuclei, glands, lumina, annotations } = objects.getState();
    return [nuclei, glands, lumina, annotations].some((of) => (of?.count ?? 0) > 0);
  };
  return [
    command({
      id: 'objects.table',
      group: 'Layers',
      label: () => (window.getState().table ? 'Close the table of objects' : 'Table of objects'),
      whyNot: () => (isAny() ? undefined : 'No objects yet'),
      run: () => window.setState(({ table }) => ({ table: !table })),
    }),
    command({
      id: 'objects.unmark',
      group: 'Layers',
      label: 'Unmark all objects',
      whyNot: () => (selection.getState().brushed ? undefined : 'Nothing is marked'),
      run: () => selection.setState({ brushed: undefined }),
    }),
  ];
}

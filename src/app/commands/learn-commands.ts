// The workspaces. What can be done in Learn is in its panel, which is loaded with it.
import type { Workspace } from '../stores/settings-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

export function learnCommands({ stores, learn, viewer }: Workbench): readonly Command[] {
  const go = (id: Workspace, label: string, keys: string): Command =>
    command({
      id: `workspace.${id}`,
      group: 'Window',
      label,
      keys: [keys],
      run: () => {
        stores.settings.setState({ workspace: id });
        stores.window.setState({ panels: true });
        learn.loaded()?.redraw();
      },
    });
  return [
    go('analyse', 'Workspace: Analyse', 'Alt 1'),
    go('learn', 'Workspace: Learn', 'Alt 3'),
    command({
      id: 'learn.lasso',
      group: 'Tools',
      label: 'Lasso patches, to label them',
      whyNot: () => (stores.settings.getState().workspace === 'learn' ? undefined : 'Open the workspace Learn first'),
      run: () => viewer.setTool(viewer.tool() === 'lasso' ? 'move' : 'lasso'),
    }),
  ];
}

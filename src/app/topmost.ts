// Esc closes the topmost thing and never stops a run.
import { closeBeside } from './commands/beside-commands.ts';
import { changeRegion } from './stores/region-store.ts';
import type { Workbench } from './workbench.ts';

export function closeTopmost({ stores, viewer }: Pick<Workbench, 'stores' | 'viewer'>): void {
  const { popover, sheet, notice } = stores.window.getState();
  if (popover) stores.window.setState({ popover: undefined });
  else if (stores.slide.getState().problem) stores.slide.setState({ problem: undefined });
  else if (sheet) stores.window.setState({ sheet: undefined });
  else if (stores.view.getState().tool !== 'move') viewer.setTool('move');
  else if (stores.selection.getState().selected) stores.selection.setState({ selected: undefined });
  else if (stores.selection.getState().brushed) stores.selection.setState({ brushed: undefined });
  else if (stores.panes.getState().beside) closeBeside(stores);
  else if (notice) stores.window.setState({ notice: undefined });
  else if (stores.regions.getState().drawn) changeRegion(stores.regions, { drawn: undefined });
}

import type { Command } from './commands/command.ts';
import { usePicked } from './stores.ts';
import { commandOf, useDesk } from './workbench.ts';

/** The command, rendered again when the user chooses another key for it. */
export function useCommand(id: string): Command {
  const desk = useDesk();
  usePicked(desk.stores.settings, ({ keys }) => keys[id]);
  return commandOf(desk, id);
}

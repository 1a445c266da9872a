// Keys that the user chose in place of those that commands came with.
import type { Command } from './commands/command.ts';

/** By the command's id; '' for no key. A command that is not listed has its own keys. */
export type ChosenKeys = Readonly<Record<string, string>>;

/** The same commands, with the keys that are chosen whenever they are asked for. */
export const withChosenKeys = (commands: readonly Command[], chosen: () => ChosenKeys): readonly Command[] =>
  commands.map((command) => ({
    ...command,
    get keys() {
      const key = chosen()[command.id];
      return key === undefined ? command.ownKeys : key === '' ? [] : [key];
    },
  }));

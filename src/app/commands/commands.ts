// The one table of commands, in the order in which the palette shows them.
import type { Workbench } from '../workbench.ts';
import { analyseCommands } from './analyse-commands.ts';
import { attentionCommands } from './attention-commands.ts';
import type { Command } from './command.ts';
import { fileCommands } from './file-commands.ts';
import { layerCommands } from './layer-commands.ts';
import { learnCommands } from './learn-commands.ts';
import { measureCommands } from './measure-commands.ts';
import { regionCommands } from './region-commands.ts';
import { runsCommands } from './runs-commands.ts';
import { selectCommands } from './select-commands.ts';
import { slideCommands } from './slide-commands.ts';
import { viewCommands } from './view-commands.ts';
import { windowCommands } from './window-commands.ts';

export const createCommands = (bench: Workbench): readonly Command[] => [
  ...analyseCommands(bench),
  ...runsCommands(bench),
  ...attentionCommands(bench),
  ...learnCommands(bench),
  ...slideCommands(bench),
  ...layerCommands(bench),
  ...measureCommands(bench),
  ...viewCommands(bench),
  ...regionCommands(bench),
  ...selectCommands(bench),
  ...fileCommands(bench),
  ...windowCommands(bench),
];

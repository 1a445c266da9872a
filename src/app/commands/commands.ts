// The one table of commands, in the order in which the palette shows them.
import type { Workbench } from '../workbench.ts';
import { analyseCommands } from './analyse-commands.ts';
import { attentionCommands } from './attention-commands.ts';
import { besideCommands } from './beside-commands.ts';
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

/** Commands of layers are of the pane in hand. */
const inHand = (bench: Workbench): Workbench => ({
  ...bench,
  stores: { ...bench.stores, layers: bench.stores.layersInHand },
});

export const createCommands = (bench: Workbench): readonly Command[] => [
  ...analyseCommands(bench),
  ...runsCommands(bench),
  ...attentionCommands(inHand(bench)),
  ...learnCommands(bench),
  ...slideCommands(bench),
  ...layerCommands(inHand(bench)),
  ...measureCommands(bench),
  ...viewCommands(bench),
  ...besideCommands(bench),
  ...regionCommands(bench),
  ...selectCommands(bench),
  ...fileCommands(bench),
  ...windowCommands(bench),
];

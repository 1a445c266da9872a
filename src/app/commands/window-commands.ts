import type { Scheme } from '../stores/settings-store.ts';
import { closeTopmost } from '../topmost.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

export function windowCommands(bench: Workbench): readonly Command[] {
  const { stores } = bench;
  const scheme = (id: Scheme, label: string): Command =>
    command({
      id: `scheme.${id}`,
      group: 'Window',
      label,
      whyNot: () => (stores.settings.getState().scheme === id ? 'Chosen already' : undefined),
      run: () => stores.settings.setState({ scheme: id }),
    });
  return [
    command({
      id: 'window.palette',
      group: 'Window',
      label: 'Find a command',
      keys: ['Ctrl K'],
      run: () => stores.window.setState(({ palette }) => ({ palette: !palette })),
    }),
    command({
      id: 'window.panels',
      group: 'Window',
      label: () => (stores.window.getState().panels ? 'Hide the panels' : 'Show the panels'),
      keys: ['I'],
      run: () => stores.window.setState(({ panels }) => ({ panels: !panels })),
    }),
    command({
      id: 'window.keys',
      group: 'Window',
      label: 'Show all keys',
      keys: ['?'],
      run: () => stores.window.setState(({ sheet }) => ({ sheet: sheet === 'keys' ? undefined : 'keys' })),
    }),
    command({
      id: 'window.goodToKnow',
      group: 'Window',
      label: 'Show Good to know again',
      whyNot: () => (stores.settings.getState().goodToKnow ? 'It shows' : undefined),
      run: () => stores.settings.setState({ goodToKnow: true }),
    }),
    command({
      id: 'window.close',
      group: 'Window',
      label: 'Close the topmost thing',
      keys: ['Escape'],
      run: () => closeTopmost(bench),
    }),
    scheme('auto', 'Light or dark as the system has it'),
    scheme('light', 'Light'),
    scheme('dark', 'Dark'),
  ];
}

import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLayoutSidebarRight,
  IconMoon,
  IconSchool,
  IconSearch,
  IconSun,
} from '@tabler/icons-react';
import type { Scheme } from '../stores/settings-store.ts';
import { closeTopmost } from '../topmost.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

export function windowCommands(bench: Workbench): readonly Command[] {
  const { stores } = bench;
  const scheme = (id: Scheme, icon: Command['icon'], label: string): Command =>
    command({
      id: `scheme.${id}`,
      group: 'Window',
      icon,
      label,
      whyNot: () => (stores.settings.getState().scheme === id ? 'Chosen already' : undefined),
      run: () => stores.settings.setState({ scheme: id }),
    });
  return [
    command({
      id: 'window.palette',
      group: 'Window',
      icon: IconSearch,
      label: 'Find a command',
      keys: ['Ctrl K'],
      run: () => stores.window.setState(({ palette }) => ({ palette: !palette })),
    }),
    command({
      id: 'window.panels',
      group: 'Window',
      icon: IconLayoutSidebarRight,
      label: () => (stores.window.getState().panels ? 'Hide the panels' : 'Show the panels'),
      keys: ['I'],
      run: () => stores.window.setState(({ panels }) => ({ panels: !panels })),
    }),
    command({
      id: 'window.keys',
      group: 'Window',
      icon: IconKeyboard,
      label: 'Show all keys',
      keys: ['?'],
      run: () => stores.window.setState(({ sheet }) => ({ sheet: sheet === 'keys' ? undefined : 'keys' })),
    }),
    command({
      id: 'window.goodToKnow',
      group: 'Window',
      icon: IconSchool,
      label: 'Show Good to know again',
      whyNot: () => (stores.settings.getState().goodToKnow ? 'It shows' : undefined),
      run: () => stores.settings.setState({ goodToKnow: true }),
    }),
    command({
      id: 'window.close',
      group: 'Window',
      icon: IconLayoutSidebarRight,
      label: 'Close the topmost thing',
      keys: ['Escape'],
      run: () => closeTopmost(bench),
    }),
    scheme('auto', IconDeviceDesktop, 'Light or dark as the system has it'),
    scheme('light', IconSun, 'Light'),
    scheme('dark', IconMoon, 'Dark'),
  ];
}

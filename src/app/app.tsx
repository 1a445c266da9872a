// The window: theme, desk, shell.
import '@mantine/core/styles.css';
import '@fontsource-variable/inter/index.css';
import './styles/base.css';
import { MantineProvider } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import { Shell } from './shell.tsx';
import { usePicked } from './stores.ts';
import { cssVariablesResolver, theme } from './theme.ts';
import { type Desk, DeskProvider } from './workbench.ts';

export function App({ desk }: { desk: Desk }) {
  const chosen = usePicked(desk.stores.settings, ({ scheme }) => scheme);
  const system = useColorScheme('dark', { getInitialValueInEffect: false });
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      forceColorScheme={chosen === 'auto' ? system : chosen}
    >
      <DeskProvider value={desk}>
        <Shell />
      </DeskProvider>
    </MantineProvider>
  );
}

// The regions that Analyse can take, and how carefully; loaded when first opened.
import { Menu } from '@mantine/core';
import { KeyCap } from '../key-cap.tsx';
import { usePicked } from '../stores.ts';
import { commandOf, useDesk } from '../workbench.ts';
import { MenuButton } from './menu-button.tsx';

const CHOICES = ['analyse.view', 'analyse.rectangle', 'analyse.tissue'] as const;

export default function AnalyseMenu() {
  const desk = useDesk();
  const { settings } = desk.stores;
  const careful = usePicked(settings, (state) => state.careful);
  return (
    <Menu position="bottom-end" offset={4} width={264} defaultOpened withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <MenuButton />
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map((id) => {
          const command = commandOf(desk, id);
          return (
            <Menu.Item
              key={id}
              disabled={command.whyNot() !== undefined}
              rightSection={command.keys[0] && <KeyCap keys={command.keys[0]} />}
              onClick={() => desk.invoke(id)}
            >
              {command.label()}
            </Menu.Item>
          );
        })}
        <Menu.Divider />
        <Menu.CheckboxItem
          checked={careful}
          onChange={(on) => settings.setState({ careful: on })}
          rightSection={<span aria-hidden>{careful ? 'on' : 'off'}</span>} // unticked it would look like any other line
        >
          Careful: four views, 4× as long
        </Menu.CheckboxItem>
      </Menu.Dropdown>
    </Menu>
  );
}

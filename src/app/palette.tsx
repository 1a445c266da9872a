// The command list, the only modal: every command, why one cannot run, and its key.
import '@mantine/spotlight/styles.css';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Command, CommandGroup } from './commands/command.ts';
import { iconOf } from './commands/command-icons.ts';
import { KeyCap } from './key-cap.tsx';
import css from './styles/palette.module.css';
import { useDesk } from './workbench.ts';

const ORDER: readonly CommandGroup[] = ['Analyse', 'Slide', 'Layers', 'Tools', 'View', 'Save', 'Window'];

/** Every word must occur, in any order. */
export const matches = (label: string, query: string): boolean =>
  query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word));

export default function Palette(props: { readonly query: string; readonly onQuery: (query: string) => void }) {
  const { query, onQuery } = props;
  const { commands, invoke, stores } = useDesk();
  const [[store, list]] = useState(createSpotlight); // it lives as long as the palette is open
  const close = (): void => stores.window.setState({ palette: false });
  useEffect(() => list.open(), [list]);
  const found = commands.filter((command) => matches(`${command.label()} ${command.group}`, query));
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={onQuery}
      shortcut={null}
      store={store}
      attributes={{ content: { 'aria-label': 'Commands' } }}
      onSpotlightClose={close}
      size={600}
      scrollable
      maxHeight={460}
      transitionProps={{ duration: 120, transition: 'fade' }}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      classNames={{
        content: css.content ?? '',
        action: css.action ?? '',
        search: css.search ?? '',
        actionsGroup: css.group ?? '',
        footer: css.footer ?? '',
      }}
    >
      <Spotlight.Search
        placeholder="Find a command"
        leftSection={<IconSearch size={16} stroke={1.6} />}
        rightSection={
          <span className={`t3 ${css.many}`}>
            {found.length} of {commands.length} commands
          </span>
        }
        rightSectionWidth={150}
      />
      <Spotlight.ActionsList>
        {ORDER.map((group) => {
          const rows = found.filter((command) => command.group === group);
          if (rows.length === 0) return null;
          return (
            <Spotlight.ActionsGroup key={group} label={group}>
              {rows.map((command) => (
                <Row
                  key={command.id}
                  command={command}
                  query={query}
                  onRun={() => {
                    close();
                    if (command.whyNot() === undefined) invoke(command.id);
                  }}
                />
              ))}
            </Spotlight.ActionsGroup>
          );
        })}
        {found.length === 0 && <Spotlight.Empty>No command has these words.</Spotlight.Empty>}
      </Spotlight.ActionsList>
      <Spotlight.Footer>
        <span>
          <KeyCap keys="↑" /> <KeyCap keys="↓" /> choose
        </span>
        <span>
          <KeyCap keys="Enter" /> do it
        </span>
        <span>
          <KeyCap keys="Escape" /> close
        </span>
      </Spotlight.Footer>
    </Spotlight.Root>
  );
}

function Row({ command, query, onRun }: { command: Command; query: string; onRun: () => void }) {
  const whyNot = command.whyNot();
  const Glyph = iconOf(command.id);
  return (
    <Spotlight.Action onClick={onRun} disabled={whyNot !== undefined} data-off={whyNot !== undefined || undefined}>
      <Glyph size={16} stroke={1.6} className="t2" />
      <span className="grow ell">
        <Marked text={command.label()} query={query} />
      </span>
      {whyNot ? <span className="t3">{whyNot}</span> : command.keys[0] && <KeyCap keys={command.keys[0]} />}
    </Spotlight.Action>
  );
}

/** The words that were found, in the accent. */
function Marked({ text, query }: { text: string; query: string }): ReactNode {
  const word = query.trim().split(/\s+/)[0] ?? '';
  const at = word === '' ? -1 : text.toLowerCase().indexOf(word.toLowerCase());
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark className={css.mark}>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  );
}

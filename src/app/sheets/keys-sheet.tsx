// Every command with its key, and another key for each by pressing it; and the few keys that are no commands.
import { IconRestore } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import type { Command, CommandGroup } from '../commands/command.ts';
import { IconButton } from '../icon-button.tsx';
import { KeyCap } from '../key-cap.tsx';
import { chordOf } from '../keyboard.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/sheet.module.css';
import { useDesk } from '../workbench.ts';
import { type Against, against, chosenWith, chosenWithout } from './key-choice.ts';
import { SheetFrame } from './sheet.tsx';

const GROUPS: readonly CommandGroup[] = ['Analyse', 'Slide', 'Layers', 'Tools', 'View', 'Save', 'Window'];

const OTHERS = [
  ['F6', 'Go to the next region of the window'],
  ['Shift F6', 'Go to the region before'],
  ['Space', 'Hold and drag to move the slide, whatever the tool'],
  ['← → ↑ ↓', 'Move the slide, while it has the focus'],
  ['1–9', 'Choose a class, in Learn'],
] as const;

const FIXED = 'window.close'; // Escape: whatever else a key does, this one must close

export default function KeysSheet() {
  const { commands, stores } = useDesk();
  const chosen = usePicked(stores.settings, ({ keys }) => keys);
  const [words, setWords] = useState('');
  const [all, setAll] = useState(false);
  const [asking, setAsking] = useState<string>(); // the command whose key is being pressed
  const isFound = (command: Command): boolean =>
    words.trim() === ''
      ? all || command.keys.length > 0 || chosen[command.id] !== undefined
      : command.label().toLowerCase().includes(words.trim().toLowerCase());
  const changes = Object.keys(chosen).length;
  const keyless = commands.filter(({ keys }) => keys.length === 0).length;
  return (
    <SheetFrame title="All keys">
      <p className="t2">Keys are off while you type. Click a key to choose another for its command.</p>
      <div className="row" style={{ gap: 8, marginTop: 8 }}>
        <input
          type="search"
          className={`${parts.field} grow`}
          placeholder="Find a command"
          aria-label="Find a command"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <button
          type="button"
          className={`${parts.button} ${parts.small}`}
          aria-disabled={changes === 0 || undefined}
          onClick={() => stores.settings.setState({ keys: {} })}
        >
          Reset all{changes > 0 && `, ${changes} changed`}
        </button>
      </div>
      {GROUPS.map((group) => {
        const rows = commands.filter((command) => command.group === group && isFound(command));
        if (rows.length === 0) return null;
        return (
          <section key={group}>
            <h2>{group}</h2>
            <table className={css.table}>
              <tbody>
                {rows.map((command) => (
                  <Row
                    key={command.id}
                    command={command}
                    isAsking={asking === command.id}
                    onAsk={(on) => setAsking(on ? command.id : undefined)}
                  />
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
      {words === '' && (
        <p style={{ marginTop: 12 }}>
          <button type="button" className="link t2" onClick={() => setAll(!all)}>
            {all ? 'Leave out commands without a key' : `Show the ${keyless} commands without a key, too`}
          </button>
        </p>
      )}
      <h2>Everywhere</h2>
      <table className={css.table}>
        <tbody>
          {OTHERS.map(([keys, does]) => (
            <tr key={keys}>
              <td>
                <span className={css.keyName}>{does}</span>
              </td>
              <td>
                <KeyCap keys={keys} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </SheetFrame>
  );
}

interface RowProps {
  readonly command: Command;
  readonly isAsking: boolean;
  readonly onAsk: (on: boolean) => void;
}

function Row({ command, isAsking, onAsk }: RowProps) {
  const { stores } = useDesk();
  const isChosen = usePicked(stores.settings, ({ keys }) => keys[command.id] !== undefined);
  const { commands } = useDesk();
  const [key] = command.keys;
  const reset = (): void =>
    stores.settings.setState(({ keys }) => ({ keys: chosenWithout(keys, command.id, commands) }));
  return (
    <tr>
      <td>
        <span className={css.keyName}>{command.label()}</span>
        {isAsking && <Asking command={command} onDone={() => onAsk(false)} />}
      </td>
      <td>
        <span className={css.keyCell}>
          {isChosen && <IconButton small label="Its own key again" icon={IconRestore} onClick={reset} />}
          {command.id === FIXED ? (
            <KeyCap keys={key ?? ''} />
          ) : (
            <button
              type="button"
              className={css.keyButton}
              data-on={isChosen || undefined}
              aria-label={`${command.label()}: ${key ?? 'no key'}. Choose another`}
              onClick={() => onAsk(!isAsking)}
            >
              {key === undefined ? <span className="t3">none</span> : <KeyCap keys={key} />}
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}

/** Waits for a key. One that another command has is taken from it when it is pressed again. */
function Asking({ command, onDone }: { command: Command; onDone: () => void }) {
  const { commands, stores } = useDesk();
  const [refused, setRefused] = useState<Against & { readonly key: string }>();
  const choose = (key: string): void => {
    stores.settings.setState(({ keys }) => ({ keys: chosenWith(keys, command.id, key, commands) }));
    const announcement = key === '' ? `${command.label()} has no key.` : `${key}: ${command.label()}.`;
    stores.window.setState({ announcement });
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') {
      onDone();
      return;
    }
    const key = chordOf(event);
    const found = against(key, command.id, commands);
    if (found && !(found.taken && refused?.key === key)) setRefused({ ...found, key });
    else choose(key);
  };
  return (
    <div className={css.asking}>
      <button
        type="button"
        className={css.waiting}
        // biome-ignore lint/a11y/noAutofocus: it was asked for, to press a key into
        autoFocus
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (!event.currentTarget.parentElement?.contains(event.relatedTarget)) onDone();
        }}
      >
        Press a key
      </button>
      <button type="button" className="link t2" onClick={() => choose('')}>
        No key
      </button>
      <button type="button" className="link t2" onClick={onDone}>
        Cancel
      </button>
      <p className={refused ? 'warn' : 't3'} role="status">
        {refused?.text ?? 'Escape cancels.'}
      </p>
    </div>
  );
}

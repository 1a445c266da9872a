// Every key there is, from the one table of commands, and the few that work on the slide itself.
import type { CommandGroup } from '../commands/command.ts';
import { KeyCap } from '../key-cap.tsx';
import css from '../styles/sheet.module.css';
import { useDesk } from '../workbench.ts';
import { SheetFrame } from './sheet.tsx';

const GROUPS: readonly CommandGroup[] = ['Analyse', 'Slide', 'Layers', 'Tools', 'View', 'Save', 'Window'];

const OTHERS = [
  ['Ctrl K', 'Find a command'],
  ['F6', 'Go to the next region of the window'],
  ['Shift F6', 'Go to the region before'],
  ['Space', 'Hold and drag to move the slide, whatever the tool'],
  ['← → ↑ ↓', 'Move the slide, while it has the focus'],
] as const;

export default function KeysSheet() {
  const { commands } = useDesk();
  return (
    <SheetFrame title="All keys">
      <p className="t2">Keys are off while you type.</p>
      {GROUPS.map((group) => {
        const rows = commands.filter((command) => command.group === group && command.keys.length > 0);
        if (rows.length === 0) return null;
        return (
          <section key={group}>
            <h2>{group}</h2>
            <KeyTable rows={rows.map((command) => [command.keys[0] ?? '', command.label()])} />
          </section>
        );
      })}
      <h2>Everywhere</h2>
      <KeyTable rows={OTHERS} />
    </SheetFrame>
  );
}

function KeyTable({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <table className={css.table}>
      <tbody>
        {rows.map(([keys, does]) => (
          <tr key={keys}>
            <td>{does}</td>
            <td>
              <KeyCap keys={keys} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

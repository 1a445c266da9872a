// An icon that runs a command: named, its hint shows the key, and why it cannot run where it cannot.
import type { Icon } from '@tabler/icons-react';
import { Hint } from './hint.tsx';
import parts from './styles/parts.module.css';
import { useCommand } from './use-command.ts';
import { useDesk } from './workbench.ts';

export interface IconButtonProps {
  readonly label: string;
  readonly icon: Icon;
  readonly onClick: () => void;
  readonly keys?: string | undefined;
  readonly on?: boolean | undefined;
  readonly whyNot?: string | undefined;
  readonly small?: boolean;
  readonly className?: string | undefined;
}

export function IconButton({ label, icon: Glyph, onClick, keys, on, whyNot, small, className }: IconButtonProps) {
  return (
    <Hint label={whyNot ? `${label}: ${whyNot.toLowerCase()}` : label} keys={keys}>
      <button
        type="button"
        className={[parts.icon, small && parts.iconSmall, className].filter(Boolean).join(' ')}
        aria-label={label}
        aria-pressed={on}
        aria-disabled={whyNot !== undefined || undefined}
        data-on={on}
        onClick={whyNot === undefined ? onClick : undefined}
      >
        <Glyph size={small ? 14 : 16} stroke={1.6} />
      </button>
    </Hint>
  );
}

/** The same for a command of the table. The caller renders again when the command's state may have changed. */
export function CommandButton({
  id,
  ...rest
}: { id: string } & Pick<IconButtonProps, 'icon'> & Partial<IconButtonProps>) {
  const { invoke } = useDesk();
  const command = useCommand(id);
  return (
    <IconButton
      label={command.label()}
      keys={command.keys[0]}
      whyNot={command.whyNot()}
      onClick={() => invoke(id)}
      {...rest}
    />
  );
}

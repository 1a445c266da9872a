// A small button of a section or a row: its icon, its words, and why it cannot be pressed now.
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import parts from './styles/parts.module.css';

export interface SmallButtonProps {
  readonly icon?: Icon;
  readonly children: ReactNode;
  readonly onClick: () => void;
  /** quiet: without a frame, in a section's head; main: what is to be done next. */
  readonly kind?: 'plain' | 'quiet' | 'main' | undefined;
  readonly off?: boolean | undefined;
  readonly pressed?: boolean | undefined; // of a switch
}

export function SmallButton({
  icon: Glyph,
  children,
  onClick,
  kind = 'plain',
  off = false,
  pressed,
}: SmallButtonProps) {
  return (
    <button
      type="button"
      className={`${parts.button} ${parts.small} ${kind === 'plain' ? '' : parts[kind]}`}
      aria-disabled={off || undefined}
      aria-pressed={pressed}
      onClick={() => !off && onClick()}
    >
      {Glyph && <Glyph size={14} stroke={1.6} aria-hidden />}
      {children}
    </button>
  );
}

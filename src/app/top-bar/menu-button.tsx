import { IconChevronDown } from '@tabler/icons-react';
import type { ComponentProps } from 'react';
import parts from '../styles/parts.module.css';

/** The narrow half of the Analyse button. */
export function MenuButton({ className, ...rest }: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      aria-label="Choose what to analyse"
      aria-haspopup="menu"
      {...rest}
      className={[parts.button, parts.main, className].filter(Boolean).join(' ')}
    >
      <IconChevronDown size={14} stroke={1.6} />
    </button>
  );
}

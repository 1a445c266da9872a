import { IconChevronDown } from '@tabler/icons-react';
import type { ComponentProps } from 'react';
import parts from '../styles/parts.module.css';

/** The narrow half of the Analyse button. */
export function MenuButton(props: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      className={`${parts.button} ${parts.main}`}
      aria-label="Choose what to analyse"
      aria-haspopup="menu"
      {...props}
    >
      <IconChevronDown size={14} stroke={1.6} />
    </button>
  );
}

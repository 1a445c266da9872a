// A small card over the corner of the slide, from which it is opened: a head with its title and the way to close it, and what it holds.
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { IconButton } from '../icon-button.tsx';
import css from '../styles/corner-card.module.css';
import { useDesk } from '../workbench.ts';

interface CornerCardProps {
  /** Its name, and what its head says. */
  readonly title: string;
  /** Of the field that the title is the label of. */
  readonly titleFor?: string;
  readonly icon?: ReactNode;
  /** In the head, before Close. */
  readonly buttons?: ReactNode;
  /** For lists: 420 px instead of 320. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function CornerCard({ title, titleFor, icon, buttons, wide = false, children }: CornerCardProps) {
  const { stores } = useDesk();
  return (
    <section className={`${css.card} ${wide ? css.wide : ''}`} role="dialog" aria-label={title}>
      <header className={css.head}>
        {icon}
        <h2 className="grow">{titleFor ? <label htmlFor={titleFor}>{title}</label> : title}</h2>
        {buttons}
        <IconButton
          small
          label="Close"
          keys="Escape"
          icon={IconX}
          onClick={() => stores.window.setState({ popover: undefined })}
        />
      </header>
      {children}
    </section>
  );
}

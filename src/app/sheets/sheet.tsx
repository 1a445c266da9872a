// A page over the slide that is not modal: the slide stays in reach beside it.
import { IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { IconButton } from '../icon-button.tsx';
import css from '../styles/sheet.module.css';
import { useDesk } from '../workbench.ts';

export function SheetFrame({ title, children }: { title: string; children: ReactNode }) {
  const { stores } = useDesk();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div ref={frame} className={css.sheet} role="dialog" aria-label={title} tabIndex={-1}>
      <div className={css.head}>
        <h1>{title}</h1>
        <IconButton
          small
          label="Close"
          keys="Escape"
          icon={IconX}
          onClick={() => stores.window.setState({ sheet: undefined })}
        />
      </div>
      {children}
    </div>
  );
}

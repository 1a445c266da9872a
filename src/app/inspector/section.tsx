// A section of the inspector: a head that opens and closes it, its own buttons, its body.
import { IconChevronDown } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';

export function Section(props: { id: string; title: string; buttons?: ReactNode; children: ReactNode }) {
  const { id, title, buttons, children } = props;
  const { stores } = useDesk();
  const open = usePicked(stores.settings, ({ sections }) => sections.includes(id));
  const bodyId = useId();
  const toggle = (): void =>
    stores.settings.setState(({ sections }) => ({
      sections: open ? sections.filter((other) => other !== id) : [...sections, id],
    }));
  return (
    <section className={css.section} aria-label={title}>
      <div className={css.head}>
        <h2>
          <button type="button" className={css.toggle} aria-expanded={open} aria-controls={bodyId} onClick={toggle}>
            <IconChevronDown size={14} stroke={1.6} className={css.chevron} />
            {title}
          </button>
        </h2>
        {buttons}
      </div>
      <div id={bodyId} className={css.body} hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}

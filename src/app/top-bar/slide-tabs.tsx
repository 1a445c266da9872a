// Several slides: a tab each, the one on screen lit. Loaded with the second slide.
import { IconX } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import { IconButton } from '../icon-button.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/tabs.module.css';
import { useDesk } from '../workbench.ts';

export default function SlideTabs() {
  const { stores, slides } = useDesk();
  const tabs = usePicked(stores.slide, (state) => state.tabs);
  const shown = usePicked(stores.slide, ({ tab }) => tab);
  const opening = usePicked(stores.slide, (state) => state.opening);
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    if (shown !== undefined) list.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest' });
  }, [shown]);
  const asked = (work: Promise<void>): void =>
    void work.catch((thrown: unknown) => {
      if (!isAbort(thrown)) console.warn(thrown); // shown on screen as the slide store's problem
    });
  return (
    <nav ref={list} className={css.tabs} aria-label="Open slides">
      {tabs.map(({ id, title }) => (
        <div key={id} className={css.tab} data-shown={id === shown}>
          <button
            type="button"
            className={css.name}
            aria-current={id === shown ? 'page' : undefined}
            title={title}
            onClick={() => id !== shown && asked(slides.showTab(id, unhurried()))}
          >
            {title}
          </button>
          <IconButton
            small
            label={id === shown ? 'Close slide' : `Close ${title}`}
            icon={IconX}
            onClick={() => asked(slides.closeTab(id, unhurried()))}
          />
        </div>
      ))}
      {opening !== undefined && (
        <div className={css.tab}>
          <span className="ell t3">Opening {opening}</span>
        </div>
      )}
    </nav>
  );
}

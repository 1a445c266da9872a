// A slide that is no stained tissue in transmitted light, said where a model of stained tissue is offered.
import { useEffect } from 'react';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';
import { tellDark } from './dark-field.ts';

export default function NotStained() {
  const { slides, stores } = useDesk();
  const open = usePicked(stores.slide, (state) => state.open);
  const id = open?.id;
  const inGrey = open?.channels && !open.channels.inColour;
  const isDark = usePicked(stores.slide, (state) => state.isDark);
  useEffect(() => {
    if (id === undefined) return;
    const left = new AbortController();
    void tellDark(slides, stores.slide, left);
    return () => left.abort();
  }, [id, slides, stores.slide]);
  if (!inGrey && !isDark) return null;
  return (
    <p className={`warn ${css.p} ${css.gap}`}>
      {inGrey
        ? 'One channel of several is shown, as grey. '
        : 'This slide is dark with bright objects, as fluorescence is. '}
      Models of H&E find nothing reliable here: use one that was trained on such slides.
    </p>
  );
}

// A slide that is no stained tissue in transmitted light, said where a model of stained tissue is offered.
import { useEffect } from 'react';
import { isAbort } from '#errors/failure.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';
import { looksDark } from './dark-field.ts';

export default function NotStained() {
  const { slides, stores } = useDesk();
  const open = usePicked(stores.slide, (state) => state.open);
  const [id, channels] = [open?.id, open?.channels];
  const isDark = usePicked(stores.slide, (state) => state.isDark);
  useEffect(() => {
    const slide = slides.opened()?.slide;
    if (!slide || id === undefined) return;
    const left = new AbortController();
    looksDark(slide, left).then(
      (isDark) => left.signal.aborted || stores.slide.setState({ isDark }),
      (thrown: unknown) => isAbort(thrown) || console.warn(thrown), // what cannot be read is told by the slide
    );
    return () => left.abort();
  }, [id, slides, stores.slide]);
  if (!channels && !isDark) return null;
  return (
    <p className={`warn ${css.p} ${css.gap}`}>
      {channels
        ? 'One channel of several is shown, as grey. '
        : 'This slide is dark with bright objects, as fluorescence is. '}
      Models of H&E find nothing reliable here: use one that was trained on such slides.
    </p>
  );
}

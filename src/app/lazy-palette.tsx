// The palette's code is loaded when it is first asked for. What is typed meanwhile, and until its field has the focus, is kept.
import { useEffect, useState } from 'react';
import { Late } from './late.tsx';
import { lazy } from './lazy.ts';
import { usePicked } from './stores.ts';
import { useDesk } from './workbench.ts';

const Palette = lazy(() => import('./palette.tsx'));

export function LazyPalette() {
  const { stores } = useDesk();
  const wanted = usePicked(stores.window, ({ palette }) => palette);
  return wanted ? <Typing /> : null;
}

function Typing() {
  const [query, setQuery] = useState('');
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      if (target instanceof HTMLInputElement || ctrlKey || metaKey || altKey) return;
      if (key === 'Backspace') setQuery((typed) => typed.slice(0, -1));
      else if (key.length === 1) setQuery((typed) => typed + key);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Late>
      <Palette query={query} onQuery={setQuery} />
    </Late>
  );
}

// One bubble for every hint of the page: a tooltip a control would be hundreds of components, and their code would come
// before the first picture of the slide. The bubble is loaded when first wanted.
import { useEffect, useState } from 'react';
import { Late } from './late.tsx';
import { lazy } from './lazy.ts';

export const HINT = 'data-hint';
export const HINT_KEYS = 'data-hint-keys';

const DELAY_MS = 400; // under a resting pointer; at once under the keyboard's focus

export interface HintAt {
  readonly target: HTMLElement;
  readonly label: string;
  readonly keys: string | undefined;
}

const HintBubble = lazy(() => import('./hint-bubble.tsx'));

export function HintLayer() {
  const [at, show] = useState<HintAt>();
  useEffect(() => {
    const ended = new AbortController();
    watchHints(show, ended.signal);
    return () => ended.abort();
  }, []);
  return <Late>{at && <HintBubble {...at} />}</Late>;
}

/** Shows the hint that the pointer or the keyboard rests on; none once it leaves, presses or types. */
function watchHints(show: (at: HintAt | undefined) => void, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over: HTMLElement | undefined; // whose hint shows or waits
  const rest = (target: HTMLElement | undefined, delayMs: number): void => {
    if (target === over) return;
    over = target;
    clearTimeout(timer);
    if (!target) {
      show(undefined);
      return;
    }
    const tell = (): void => {
      const label = target.isConnected ? target.getAttribute(HINT) : null;
      if (label) show({ target, label, keys: target.getAttribute(HINT_KEYS) ?? undefined });
    };
    timer = setTimeout(tell, delayMs);
  };
  const away = (): void => rest(undefined, 0);
  const options = { capture: true, passive: true, signal };
  const { documentElement: page } = document;
  page.addEventListener(
    'pointerover',
    (event) => {
      if (event.pointerType !== 'touch') rest(hinted(event.target), DELAY_MS);
    },
    options,
  );
  page.addEventListener(
    'focusin',
    (event) => {
      const target = hinted(event.target);
      if (target?.matches(':focus-visible')) rest(target, 0);
    },
    options,
  );
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'focusout'] as const)
    page.addEventListener(kind, away, options);
  page.addEventListener('pointerleave', away, { signal });
  signal.addEventListener('abort', away);
}

function hinted(target: EventTarget | null): HTMLElement | undefined {
  const found = target instanceof Element ? target.closest(`[${HINT}]`) : null;
  return found instanceof HTMLElement ? found : undefined;
}

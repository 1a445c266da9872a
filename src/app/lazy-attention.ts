// The door to attention: its code is loaded when it is first needed, and what it kept goes with the slide.

import type { AttentionNeeds, AttentionSession } from './attention/attention-session.ts';
import { once } from './once.ts';
import { forgetAttention } from './stores/attention-store.ts';
import { onNewMpp } from './stores/slide-store.ts';

export interface LazyAttention {
  /** What is there already; undefined before the first need. */
  loaded(): AttentionSession | undefined;
  session(): Promise<AttentionSession>;
}

export function lazyAttention(needs: AttentionNeeds): LazyAttention {
  let loaded: AttentionSession | undefined;
  const forget = (): void => {
    forgetAttention(needs.stores.attention);
    loaded?.forget();
  };
  needs.slides.onChange(() => {
    forget();
    // Of the next slide nothing is known yet: Analyse has its place again.
    for (const layers of [needs.stores.layers, needs.stores.besideLayers])
      if (layers.getState().selected === 'attention') layers.setState({ selected: undefined });
  });
  // Patches of another size are another bag: a new pixel size makes all that was embedded worthless.
  onNewMpp(needs.stores.slide, forget);
  const session = once(async () => {
    const { AttentionSession } = await import('./attention/attention-session.ts');
    loaded = new AttentionSession(needs);
    return loaded;
  });
  return {
    loaded: () => loaded,
    session,
  };
}

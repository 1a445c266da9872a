// The door to attention: its code is loaded when it is first needed, and what it kept goes with the slide.
import type { AttentionNeeds, AttentionSession } from './attention/attention-session.ts';
import { forgetAttention } from './stores/attention-store.ts';

export interface LazyAttention {
  /** What is there already; undefined before the first need. */
  loaded(): AttentionSession | undefined;
  session(): Promise<AttentionSession>;
}

export function lazyAttention(needs: AttentionNeeds): LazyAttention {
  let loading: Promise<AttentionSession> | undefined;
  let loaded: AttentionSession | undefined;
  const forget = (): void => {
    forgetAttention(needs.stores.attention);
    loaded?.forget();
  };
  needs.slides.onChange(forget);
  // Patches of another size are another bag: a new pixel size makes all that was embedded worthless.
  needs.stores.slide.subscribe(({ open }, { open: before }) => {
    if (!open || open.id !== before?.id) return;
    const [now, then] = [open.info.mpp, before.info.mpp];
    if (now?.x !== then?.x || now?.y !== then?.y) forget();
  });
  const load = async (): Promise<AttentionSession> => {
    const { AttentionSession } = await import('./attention/attention-session.ts');
    loaded = new AttentionSession(needs);
    return loaded;
  };
  return {
    loaded: () => loaded,
    session: () => {
      loading ??= load().catch((thrown: unknown) => {
        loading = undefined;
        throw thrown;
      });
      return loading;
    },
  };
}

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
  needs.slides.onChange(() => {
    forgetAttention(needs.stores.attention);
    loaded?.forget();
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

// The door to learning: its code is loaded when it is first needed.
import type { Viewer } from '#viewer/viewer-api.ts';
import type { LazyAttention } from './lazy-attention.ts';
import type { LearnSession } from './learn/learn-session.ts';
import type { RegionsAsked } from './regions-asked.ts';
import type { RunParts } from './run-parts.ts';
import type { SlideSession } from './slide-session.ts';
import type { Stores } from './stores.ts';

export interface LazyLearn {
  /** What is there already; undefined before the first need. */
  loaded(): LearnSession | undefined;
  /** Resolves once the labels that were kept of the open slide are there. */
  session(): Promise<LearnSession>;
}

export interface LearnNeeds {
  readonly slides: SlideSession;
  readonly stores: Stores;
  readonly regions: RegionsAsked;
  readonly viewer: Viewer;
  readonly parts: () => Promise<RunParts>;
  readonly attention: LazyAttention;
}

export function lazyLearn({ attention, ...needs }: LearnNeeds): LazyLearn {
  let loading: Promise<LearnSession> | undefined;
  let loaded: LearnSession | undefined;
  needs.slides.onChange(() => loaded?.forget());
  // Patches of another size are others: attention has dropped those that were there.
  needs.stores.slide.subscribe(({ open }, { open: before }) => {
    if (!open || open.id !== before?.id) return;
    const [now, then] = [open.info.mpp, before.info.mpp];
    if (now?.x !== then?.x || now?.y !== then?.y) loaded?.remeasured();
  });
  const load = async (): Promise<LearnSession> => {
    const [{ LearnSession }, session] = await Promise.all([import('./learn/learn-session.ts'), attention.session()]);
    loaded = new LearnSession({ ...needs, attention: session });
    return loaded;
  };
  return {
    loaded: () => loaded,
    session: async () => {
      loading ??= load().catch((thrown: unknown) => {
        loading = undefined;
        throw thrown;
      });
      const session = await loading;
      await session.ready();
      return session;
    },
  };
}

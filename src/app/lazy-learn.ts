// The door to learning: its code is loaded when it is first needed.
import type { LazyAttention } from './lazy-attention.ts';
import type { LearnSession } from './learn/learn-session.ts';
import type { SlideSession } from './slide-session.ts';

export interface LazyLearn {
  /** What is there already; undefined before the first need. */
  loaded(): LearnSession | undefined;
  /** Resolves once the labels that were kept of the open slide are there. */
  session(): Promise<LearnSession>;
}

export interface LearnNeeds {
  readonly slides: Pick<SlideSession, 'onChange' | 'opened'>;
  readonly attention: LazyAttention;
}

export function lazyLearn({ slides, attention }: LearnNeeds): LazyLearn {
  let loading: Promise<LearnSession> | undefined;
  let loaded: LearnSession | undefined;
  slides.onChange(() => loaded?.forget());
  const load = async (): Promise<LearnSession> => {
    const [{ LearnSession }, session] = await Promise.all([import('./learn/learn-session.ts'), attention.session()]);
    loaded = new LearnSession({ slides, attention: session });
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

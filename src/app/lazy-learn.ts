// The door to learning: its code is loaded when it is first needed.

import type { Waits } from '#channel/waits.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { DrawnObjects } from './drawn-objects.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyAttention } from './lazy-attention.ts';
import type { LearnSession } from './learn/learn-session.ts';
import type { SlideLearning } from './learn/slide-learning.ts';
import { once } from './once.ts';
import type { RegionsAsked } from './regions-asked.ts';
import type { RunParts } from './run-parts.ts';
import type { SlideSession } from './slide-session.ts';
import { onNewMpp } from './stores/slide-store.ts';
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
  readonly found: FoundObjects;
  readonly drawn: DrawnObjects;
}

/** What was learnt on the open slide, out to a session and in from one. */
export interface LearningDoor {
  /** Undefined where nothing was ever learnt in this browser. */
  of(waits: Waits): Promise<SlideLearning | undefined>;
  /** @returns what did not come, and why, in sentences */
  takeIn(came: SlideLearning, waits: Waits): Promise<string[]>;
}

export function learningDoor(
  needs: Pick<LearnNeeds, 'slides' | 'stores' | 'attention'> & { readonly learn: LazyLearn },
): LearningDoor {
  const { learn, attention } = needs;
  const open = async () => {
    const [loaded, of, code] = await Promise.all([
      learn.session(),
      attention.session(),
      import('./learn/slide-learning.ts'),
    ]);
    return { code, needs: { ...needs, learn: loaded, attention: of } };
  };
  return {
    async of(waits) {
      const isAny = learn.loaded() || attention.loaded() || (await isAnyLearningKept());
      if (!isAny) return undefined;
      const { code, needs } = await open();
      return code.learningOfSlide(needs, waits);
    },
    async takeIn(came, waits) {
      const { code, needs } = await open();
      return code.takeInLearning(needs, came, waits);
    },
  };
}

async function isAnyLearningKept(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('eosin')).getDirectoryHandle('learning');
    return !(await folder.keys().next()).done;
  } catch {
    return false; // no such folder, or no files of its own
  }
}

export function lazyLearn({ attention, ...needs }: LearnNeeds): LazyLearn {
  let loaded: LearnSession | undefined;
  needs.slides.onChange(() => loaded?.forget());
  // Patches of another size are others: attention has dropped those that were there.
  onNewMpp(needs.stores.slide, () => loaded?.remeasured());
  const load = once(async () => {
    const [{ LearnSession }, session] = await Promise.all([import('./learn/learn-session.ts'), attention.session()]);
    loaded = new LearnSession({ ...needs, attention: session });
    return loaded;
  });
  return {
    loaded: () => loaded,
    session: async () => {
      const session = await load();
      await session.ready();
      return session;
    },
  };
}

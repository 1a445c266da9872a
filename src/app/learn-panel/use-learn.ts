// The learn session as the panel's parts see it.
import { createContext, useContext } from 'react';
import { assert } from '#errors/failure.ts';
import type { Labelling } from '../learn/labelling.ts';
import type { LearnSession } from '../learn/learn-session.ts';
import type { LearnState } from '../stores/learn-store.ts';
import { usePicked } from '../stores.ts';

const LearnContext = createContext<LearnSession | undefined>(undefined);
export const LearnProvider = LearnContext.Provider;

export function useLearn(): LearnSession {
  const session = useContext(LearnContext);
  assert(session, 'A part of the Learn panel was rendered outside of it.');
  return session;
}

export const useLearnt = <T>(pick: (state: LearnState) => T): T => usePicked(useLearn().store, pick);

const LabellingContext = createContext<Labelling | undefined>(undefined);
export const LabellingProvider = LabellingContext.Provider;

/** What is labelled here: patches, unless a part says otherwise. */
export function useLabelling(): Labelling {
  const [patches, other] = [useLearn(), useContext(LabellingContext)];
  return other ?? patches;
}

export const useLabelled = <T>(pick: (state: LearnState) => T): T => usePicked(useLabelling().store, pick);

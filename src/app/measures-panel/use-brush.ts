import { useEffect, useRef } from 'react';
import { useRegion } from '../inspector/use-counts.ts';
import { useMeasured, useMeasures } from './measures-context.tsx';
import { useKind } from './use-kind.ts';

/** Marks what a filter chooses; of several in a row the last counts. */
export function useBrush(): { filter: string | undefined; brush: (filter: string | undefined) => void } {
  const session = useMeasures();
  const kind = useKind();
  const region = useRegion();
  const last = useRef<AbortController>(undefined);
  const filter = useMeasured((state) => state.brushedBy);
  return {
    filter,
    brush: (text) => {
      last.current?.abort(new DOMException('Brushed anew.', 'AbortError'));
      if (text === undefined) {
        session.clear();
        return;
      }
      last.current = new AbortController();
      const { signal } = last.current;
      void session.attempt(() => session.select(text, kind, { signal }, region));
    },
  };
}

/** A brush that something else has taken over is not drawn any more. */
export function useForgetOthers<T extends { filter: string }>(
  mine: T | undefined,
  setMine: (mine: T | undefined) => void,
  filter: string | undefined,
): void {
  const asked = useRef<string>(undefined);
  useEffect(() => {
    if (mine && mine.filter !== asked.current) {
      asked.current = mine.filter; // on its way
      return;
    }
    if (mine && filter !== mine.filter) setMine(undefined);
  }, [mine, filter, setMine]);
}

// How much work a region would be, asked again when what it depends on has changed and then stayed for a moment.
import { useEffect, useState } from 'react';
import { isAbort } from '#errors/failure.ts';
import type { Work } from '../regions-asked.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

export type WorkState =
  | { readonly state: 'waits' | 'looking' }
  | ({ readonly state: 'known' } & Work)
  | { readonly state: 'failed'; readonly why: string };

const SETTLE_MS = 300;

export function useWork(region: RegionChoice): WorkState {
  const { stores, runs } = useDesk();
  const slide = usePicked(stores.slide, ({ open }) => open?.id);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const model = usePicked(stores.models, ({ chosen }) => chosen);
  const visible = usePicked(stores.view, (state) => (region === 'view' ? state.visible : undefined));
  const drawn = usePicked(stores.regions, (state) => (region === 'rectangle' ? state.drawn : undefined));
  const edits = usePicked(stores.regions, (state) => (region === 'tissue' ? state.edits : undefined));
  const [work, setWork] = useState<WorkState>({ state: 'waits' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the values listed are what runs.regions.work reads
  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const ask = async (): Promise<void> => {
      if (region === 'tissue') setWork({ state: 'looking' });
      try {
        const found = await runs.regions.work(region, { signal });
        if (!signal.aborted) setWork(found ? { state: 'known', ...found } : { state: 'waits' });
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        if (!signal.aborted) setWork(isAbort(thrown) ? { state: 'waits' } : { state: 'failed', why });
      }
    };
    const timer = setTimeout(() => void ask(), SETTLE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [region, slide, mpp, model, visible, drawn, edits, runs]);
  return work;
}

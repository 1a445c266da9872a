// The door to runs: their code is loaded once a slide is on screen, or when the first run is asked for.

import type { Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyAttention } from './lazy-attention.ts';
import { once } from './once.ts';
import type { RegionsAsked } from './regions-asked.ts';
import type { RunParts } from './run-parts.ts';
import type { Keepers } from './runs/keepers.ts';
import type { Runs } from './runs/runs.ts';
import type { RunSession, RunTold } from './runs/runs-api.ts';
import type { SlideSession, SlideWays } from './slide-session.ts';
import type { Stores } from './stores.ts';

export type { RunSession } from './runs/runs-api.ts';

export interface RunSessionNeeds {
  readonly slides: SlideSession;
  readonly ways: SlideWays; //                for slides that are not on screen
  readonly stores: Stores;
  readonly found: FoundObjects;
  readonly viewer: Viewer;
  readonly regions: RegionsAsked;
  readonly parts: () => Promise<RunParts>;
  readonly attention: Pick<LazyAttention, 'session'>;
  readonly shelf: Promise<void>; // settled once the list of models was read, or could not be
  readonly findTissue?: (slide: Slide, waits: Waits) => Promise<Region>; // of slides that are not on screen
  /** Where runs are kept; the browser's storage by default. */
  readonly keepers?: (waits: Waits) => Promise<Keepers>;
}

const LOOK_AFTER_MS = 300; // once a slide is on screen: its first tiles go first

export function createRunSession(needs: RunSessionNeeds): RunSession {
  const { slides, stores, found, viewer, regions } = needs;
  const listeners = new Set<(told: RunTold) => void>();
  /** A script's listener that throws is its own affair: the run goes on, and the others are told. */
  const tell = (told: RunTold): void => {
    for (const listener of listeners) {
      try {
        listener(told);
      } catch (thrown) {
        console.warn('What listens to progress threw:', thrown);
      }
    }
  };
  let loaded: Runs | undefined;
  let lookedUp: Promise<void> | undefined;
  let looking: ReturnType<typeof setTimeout> | undefined;
  const runs = once(async (): Promise<Runs> => {
    const { Runs } = await import('./runs/runs.ts');
    loaded = new Runs(needs, tell);
    return loaded;
  });

  slides.onChange(() => {
    loaded?.slideLeft();
    found.clear();
    viewer.setRun(undefined);
    stores.run.setState({ ended: undefined, problem: undefined });
    stores.view.setState({ measured: undefined, pointer: undefined });
    stores.selection.setState({ selected: undefined, brushed: undefined });
  });
  stores.slide.subscribe(({ open }, { open: before }) => {
    if (open?.id === before?.id) return;
    clearTimeout(looking);
    lookedUp = undefined;
    if (open) looking = setTimeout(() => void lookUp(), LOOK_AFTER_MS);
  });
  looking = setTimeout(() => void lookUp(), LOOK_AFTER_MS); // slides may wait in the queue, with none on screen
  /** Runs of before are a help: a disk that cannot be read keeps nobody from working. */
  const lookUp = (): Promise<void> => {
    lookedUp ??= (async () => {
      try {
        if (loaded || needs.keepers || (await isAnythingKept())) await (await runs()).slideOpened(unhurried());
      } catch (thrown) {
        console.warn('Earlier runs could not be looked up:', thrown);
      }
    })();
    return lookedUp;
  };

  /** With the list as it is, and the slide on screen known: before that a run of it would go on behind the screen. */
  const known = async (): Promise<Runs> => {
    await lookUp();
    return runs();
  };

  return {
    regions,
    list: () => loaded?.list() ?? [],
    lookedUp: lookUp,
    modelsAsked: async (ids) => (await runs()).modelsAsked(ids),
    analyse: async (asked, waits) => (await runs()).analyse(asked, waits),
    analyseChoice: async (choice) => (await runs()).analyseChoice(choice),
    analyseInMemory: async () => (await runs()).analyseInMemory(),
    canRunInMemory: () => loaded?.canRunInMemory() ?? false,
    pause: async (run) => (await runs()).pause(run),
    resume: async (run, waits) => (await known()).resume(run, waits),
    canResume: () => loaded?.canResume() ?? false,
    cancel: async (run) => (await runs()).cancel(run),
    show: async (run, waits) => (await known()).show(run, waits),
    tissueOf: async (run, waits) => (await known()).tissueOf(run, waits),
    remove: async (run) => (await runs()).remove(run),
    removeFinished: async () => (await runs()).removeFinished(),
    removeUnreadable: async () => (await runs()).removeUnreadable(),
    enqueue: async (sources, asked, waits) => (await runs()).enqueue(sources, asked, waits),
    resumeQueue: async () => (await runs()).resumeQueue(),
    live: (on) => void runs().then((all) => all.live(on)),
    resultHash: async (run, waits) => (await known()).resultHash(run, waits),
    trust: async (model, waits) => (await runs()).trust(model, waits),
    cores: () => loaded?.cores() ?? [],
    onProgress(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Whether the page ever wrote files of its own: before that, there is nothing to load the code of runs for. */
async function isAnythingKept(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory();
    return !(await root.keys().next()).done;
  } catch {
    return false; // no files of its own: a private window, a page that is not served securely
  }
}
